"""What runs of Clean Rooms ML have in common: they end, sooner or later, well or badly."""

from __future__ import annotations

import aws_cdk as cdk

from cleanrooms_ml_handlers.shared_names import EVENT_SOURCE, STATE_CHANGE

from ._custom_resource import CleanRoomsMLResource
from ._python_values import struct
from ._values import expect_target


class CleanRoomsMLRun(CleanRoomsMLResource):
    """What every long-running resource of Clean Rooms ML has in common."""

    @property
    def status(self) -> str:
        """The run's status at the end of the deployment: ACTIVE."""
        return self._result("Status")

    def on_state_change(
        self,
        id: str,
        *,
        target: cdk.aws_events.IRuleTarget | None = None,
        description: str | None = None,
        event_pattern: cdk.aws_events.EventPattern | None = None,
        rule_name: str | None = None,
    ) -> cdk.aws_events.Rule:
        """Creates a rule for the event at the end of a run, whether the deployment waits for it or not.

        The event's detail has ``kind``, ``arn``, ``name``, ``status``, ``reason`` (of a failure), ``stackId`` and
        ``logicalId``. The rule is created before the run starts, so that a target must not refer to the run: the
        event names it.

        Args:
            id: The rule's id below the run.
            target: What the event goes to. Default: none yet; use ``add_target`` of the rule.
            description: The rule's description. Default: none.
            event_pattern: What else the event has to match, as ``EventPattern(detail={"status": ["CREATE_FAILED"]})``.
                Default: nothing.
            rule_name: The rule's name. Default: generated.

        Raises:
            ValueError: The target is none.
        """
        expect_target(target)
        # Otherwise the execution that watches the run puts it.
        for each in self._waiting:
            each.add_property_override("Settings.EventFor", self._resource.logical_id)
        self._provider._access.put_events()
        rule = cdk.aws_events.Rule(
            self,
            id,
            description=description,
            rule_name=rule_name,
            event_pattern=cdk.aws_events.EventPattern(
                source=[EVENT_SOURCE],
                detail_type=[STATE_CHANGE],
                # What is known before the run is: its ARN is not.
                detail={"stackId": [self.stack.stack_id], "logicalId": [self._resource.logical_id]},
            ),
        )
        if event_pattern is not None:
            pattern = struct("event_pattern", event_pattern, cdk.aws_events.EventPattern)
            rule.add_event_pattern(**(pattern._values if pattern else {}))
        if target is not None:
            rule.add_target(target)
        # A run may fail within seconds.
        self._resource.node.add_dependency(rule)
        return rule
