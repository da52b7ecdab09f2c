"""The page of a sandbox: what the services hold, on one page without anything from elsewhere."""

from .document import POLICY, document

__all__ = ["POLICY", "document"]
