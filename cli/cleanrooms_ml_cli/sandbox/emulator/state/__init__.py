"""What the emulator holds: records and their statuses over time, the journal, the faults to come."""
