"""What of AWS nobody could check without an account, as the sandbox can play it: ``sandbox up --assume NAME=VALUE``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Assumption:
    """One thing that is not known, both sides of which the emulator can play.

    Attributes:
        option: The member of the emulator's ``Options``.
        values: The value of the option by the word on the command line; the default comes first.
    """

    option: str
    values: Mapping[str, Any]


_YES_OR_NO = {"no": False, "yes": True}

ASSUMPTIONS: Mapping[str, Assumption] = {
    "inactive-frees-name": Assumption("inactive_frees_name", _YES_OR_NO),
    "unlisted-spark-keys": Assumption("unlisted_spark_keys", {"accepted": "accepted", "refused": "refused"}),
    "busy-delete": Assumption("busy_delete", {"conflict": "conflict", "validation": "validation"}),
    "deleting-holds": Assumption("deleting_holds", {"yes": True, "no": False}),
    "tag-inactive": Assumption("tag_inactive", {"conflict": "conflict", "ok": "ok"}),
    "inactive-figures": Assumption("inactive_figures", {"yes": True, "no": False}),
    "new-version": Assumption("new_version", {"same-name": "same name", "always": "always"}),
    "latest-version": Assumption("latest_version", {"usable": "usable", "any": "any"}),
    "undeclared-not-found": Assumption(
        "undeclared_not_found", {"not-found": "not found", "access-denied": "access denied"}
    ),
}


def option_of(text: str) -> tuple[str, Any]:
    """The emulator's option and its value for ``NAME=VALUE``.

    Raises:
        ValueError: There is no such assumption, or it has no such value.
    """
    name, _, value = text.partition("=")
    known = ASSUMPTIONS.get(name)
    if known is None:
        raise ValueError(f"{name} is no assumption; allowed are {', '.join(ASSUMPTIONS)}")
    if value not in known.values:
        raise ValueError(f"{name} is {value or 'empty'}; allowed are {', '.join(known.values)}")
    return known.option, known.values[value]
