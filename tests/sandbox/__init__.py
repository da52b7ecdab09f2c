"""The sandbox: its command, its processes, and what it adds to MiniStack."""
