"""The same faults through this library and through ``custom_resources.Provider``, side by side.

Usage: make comparison
"""
