"""What users install and read."""
