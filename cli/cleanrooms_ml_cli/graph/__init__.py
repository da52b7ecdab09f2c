"""The data flow of an app: what is created from what, who owns it, who pays, and what is synthetic."""
