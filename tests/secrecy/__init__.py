"""What must never be told, and whom the functions must not believe."""
