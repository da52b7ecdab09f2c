"""CloudFormation: stacks, and its requests to custom resources."""
