"""What has to hold before a release: the wheel on every Python, on the oldest CDK, and as the package index wants it."""
