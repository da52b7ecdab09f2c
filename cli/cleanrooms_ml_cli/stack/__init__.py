"""What becomes of a deployed stack: its status, waiting for it, its drift, and what else is in the account."""
