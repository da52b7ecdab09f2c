"""CloudFormation's side of custom resources, in one process and in virtual time: `World` is where to start."""
