"""The handlers' own functions."""
