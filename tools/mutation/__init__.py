"""Faults put into the code on purpose: each has to make a test fail."""
