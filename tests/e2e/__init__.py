"""The real CDK CLI on the sandbox."""
