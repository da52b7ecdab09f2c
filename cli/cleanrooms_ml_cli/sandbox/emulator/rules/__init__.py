"""What the services refuse, and on what grounds."""
