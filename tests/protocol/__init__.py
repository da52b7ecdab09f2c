"""The lifecycle contract, rule by rule, and what else may happen to a request."""
