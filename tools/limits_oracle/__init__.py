"""A second reading of AWS's service models: every constraint, with values that break it."""
