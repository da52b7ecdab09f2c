"""What an earlier version of the library deployed, managed by this one."""
