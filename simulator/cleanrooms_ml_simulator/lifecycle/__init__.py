"""What is done with resources of every kind: deployments, faults, and requests that overlap."""
