"""The documentation site: `make docs` builds it with mkdocs from docs/, the examples and the docstrings."""
