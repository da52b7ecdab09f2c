"""The service models that the library carries."""
