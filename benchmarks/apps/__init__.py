"""Apps that are synthesized, each as a user would write it."""
