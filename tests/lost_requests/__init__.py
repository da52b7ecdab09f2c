"""Whatever is lost on the way, CloudFormation gets an answer: really caused, on the sandbox."""
