"""``cleanrooms-ml check``: policy checks of a synthesized app, without the CDK and without AWS."""
