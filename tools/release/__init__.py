"""What has to hold before a release: the wheel on every Python, on the oldest CDK, and as an index wants it."""
