"""Step Functions: the language, executions, and the API."""
