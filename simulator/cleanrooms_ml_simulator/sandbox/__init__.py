"""Stacks on the sandbox: synthesized, deployed, and what they left behind."""
