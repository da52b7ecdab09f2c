"""What an earlier version of the library deployed, in the hands of this one."""
