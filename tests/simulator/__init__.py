"""The simulator itself: it behaves as the services that it plays."""
