"""How long a deployment waits for something that takes time."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Duration

from cleanrooms_ml_handlers.spec import DEFAULT_TIMEOUT_SECONDS


@dataclass(frozen=True)
class Wait:
    """How long the deployment waits for a resource to become ACTIVE.

    Attributes:
        timeout_seconds: Seconds until the deployment gives up and rolls back.
    """

    timeout_seconds: int

    @classmethod
    def until_active(cls, timeout: Duration) -> Wait:
        """Waits until the resource is ACTIVE; the deployment fails if it is not within the time.

        Args:
            timeout: At most 55 minutes.

        Raises:
            ValueError: The time is a token, zero, or longer than 55 minutes.
        """
        if timeout.is_unresolved():
            raise ValueError("wait: the timeout is a token; it has to be known at synth")
        seconds = timeout.to_seconds(integral=False)
        if seconds <= 0 or int(seconds) != seconds:
            raise ValueError(f"wait: the timeout is {seconds:g} seconds; allowed are whole seconds above 0")
        if seconds > DEFAULT_TIMEOUT_SECONDS:
            raise ValueError(
                f"wait: the timeout is {seconds / 60:g} minutes; allowed are at most "
                f"{DEFAULT_TIMEOUT_SECONDS // 60} minutes, because CloudFormation gives a custom resource one hour"
            )
        return cls(int(seconds))


DEFAULT_WAIT = Wait(DEFAULT_TIMEOUT_SECONDS)
