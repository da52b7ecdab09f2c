"""The commands that read an account: status, watch, wait, drift, import, plan, and graph."""
