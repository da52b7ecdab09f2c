"""The control endpoint."""
