"""What the library costs, and how it compares with others."""
