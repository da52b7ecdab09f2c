"""How long a deployment waits for something that takes time."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Duration

from cleanrooms_ml_handlers.timing import DEFAULT_TIMEOUT_SECONDS

from ._values import expect


@dataclass(frozen=True)
class Wait:
    """Whether, and how long, the deployment waits for a run to become ACTIVE.

    Create one with ``until_active`` or ``none``.

    Attributes:
        timeout_seconds: Seconds until the deployment gives up and rolls back; None if it does not wait.
    """

    timeout_seconds: int | None

    @classmethod
    def until_active(cls, timeout: Duration) -> Wait:
        """Waits until the run is ACTIVE; the deployment fails at once if the run does, and if the time is up.

        CloudFormation gives a custom resource one hour, so that a longer wait is a chain of them: one more for each
        55 minutes. The stack may have 500 resources in all.

        Args:
            timeout: 1 minute to 36 hours.

        Raises:
            ValueError: The time is a token, or not whole seconds; its limits are reported by ``cdk synth``.
        """
        expect("wait: the timeout", timeout, Duration, "Duration. Pass Duration.hours(...)")
        if timeout.is_unresolved():
            raise ValueError("wait: the timeout is a token; it has to be known at synth")
        seconds = timeout.to_seconds(integral=False)
        if int(seconds) != seconds:
            raise ValueError(f"wait: the timeout is {seconds:g} seconds; allowed are whole seconds")
        return cls(int(seconds))

    @classmethod
    def none(cls) -> Wait:
        """Does not wait: the deployment goes on as soon as the service has accepted the run, whatever its outcome.

        An event reports the end of the run; ``on_state_change`` of the run subscribes to it. Its results are
        then no attributes, it has no quality gates, and constructs that need it ACTIVE cannot use it.
        """
        return cls(None)


DEFAULT_WAIT = Wait(DEFAULT_TIMEOUT_SECONDS)
