"""A real browser without a window, for what only one can show."""
