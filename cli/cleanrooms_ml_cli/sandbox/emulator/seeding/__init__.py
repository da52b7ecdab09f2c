"""Resources that are put there rather than created by a request."""
