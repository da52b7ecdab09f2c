"""The CloudFormation types that AWS has itself."""

from .handlers import Native, NativeError, is_replacement
from .types import NATIVE_TYPES, NativeType

__all__ = ["NATIVE_TYPES", "Native", "NativeError", "NativeType", "is_replacement"]
