"""What the roles may do: enough, and nothing that is not needed."""
