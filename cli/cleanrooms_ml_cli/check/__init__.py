"""``cleanrooms-ml check``: policy checks on what an app was synthesized to, without the CDK and without AWS."""
