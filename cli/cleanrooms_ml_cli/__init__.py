"""The ``cleanrooms-ml`` command."""
