"""What a new resource begins with, and how much code each resource is."""
