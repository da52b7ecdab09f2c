"""All tests but those of the tools, which are beside these."""
