"""Constructs to templates."""
