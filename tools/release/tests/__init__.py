"""Tests of the release tools."""
