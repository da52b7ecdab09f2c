"""Stacks of this library and of the real ``custom_resources.Provider`` on one sandbox, side by side."""
