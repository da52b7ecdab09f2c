"""The data flow of an app: what is made from what, who owns it, who pays, and what is synthetic."""
