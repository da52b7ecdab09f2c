"""Settings that do not fit together, which the service reports only after a run of hours, or not before the deployment.

Each module is one subject. All check the resources of one template; what another stack or account holds is not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cleanrooms_ml_handlers.problem import Problem

from . import gates, key_policies, keys, models, roles, waits
from .keys import KEY_STATE
from .roles import ROLE_TRUST
from .stack import Stack

__all__ = ["KEY_STATE", "LATE_RULES", "ROLE_TRUST", "Stack", "is_late_advice", "of_stack"]

_SUBJECTS = (gates, waits, models, roles, keys, key_policies)
LATE_RULES = tuple(rule for subject in _SUBJECTS for rule in subject.RULES)
_ADVICE: Mapping[str, bool] = {rule.id: rule.is_advice for rule in LATE_RULES}


def of_stack(stack: Stack) -> Iterator[tuple[str, Problem]]:
    """What can only fail late: the logical id, and the problem.

    Args:
        stack: The resources of a template.
    """
    for subject in _SUBJECTS:
        yield from subject.check(stack)


def is_late_advice(problem: Problem) -> bool:
    """Whether a problem of these rules is a warning."""
    return _ADVICE.get(problem.rule, False)
