"""The lifecycle contract: its report, every fault, and random lifecycles."""
