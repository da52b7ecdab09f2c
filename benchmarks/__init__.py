"""What the library costs, and how it fares beside others."""
