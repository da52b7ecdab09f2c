"""Runs MiniStack with the Clean Rooms ML emulator on one endpoint.

``python -m cleanrooms_ml_cli.sandbox.launcher --port 4600 --folder /path/to/state``

The modules here hook into MiniStack by private names, never by changing its files. ``pinned``
checks all of them at the start, so that another version is refused instead of half working.
"""
