"""The lifecycle contract: what holds for every resource of every kind, whatever happens.

CloudFormation's contract for resource handlers, as it applies to custom resources. The tests of a rule have it as
the prefix of their names: `test_c9_…`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_TESTS = _ROOT / "tests" / "protocol"

GROUPS: Mapping[str, str] = {
    "C": "Create",
    "U": "Update",
    "D": "Delete",
    "A": "Adoption",
    "S": "Singletons",
    "V": "Versions",
    "E": "Errors",
    "L": "Leaks",
    "X": "Requests and answers",
    "O": "Order",
    "W": "Waiting",
}

RULES: Mapping[str, str] = {
    "C1": "No invocation of a function takes longer than 60 s.",
    "C2": "Every answer has the real id once the service has accepted the create.",
    "C3": "No SUCCESS before the resource is ready.",
    "C4": "Every pending status is polled.",
    "C5": "The engine gives up before CloudFormation does, with a reason that says what to do.",
    "C6": "A run that failed is reported with the code and the message of the service.",
    "C7": "Reading back returns the request.",
    "C8": "No attribute is null, and an answer has at most 4096 bytes.",
    "C9": "Create is idempotent: the same request delivered twice creates one resource.",
    "C10": "A create whose reply was lost is adopted, not repeated.",
    "C11": "A foreign resource of the same name makes the request fail; it is neither adopted nor deleted.",
    "C12": "An earlier attempt is found on every page of the list.",
    "C13": "Tags are applied with the create.",
    "C14": "A new resource that is not found counts as pending, for a bounded time.",
    "C15": "What is adopted gets the mutable members and tags that are asked for before it is answered.",
    "C16": "The ownership tag has its slot: 49 tags are the user's; a refused TagResource is tried again.",
    "C17": "Once a create may have taken effect, no answer says that nothing was created, whatever fails after it.",
    "C18": "Throttling converges: a throttled call is repeated, never the whole step, and every create succeeds.",
    "U1": "A mutable property changes in place: the id stays.",
    "U2": "A create-only change creates a new resource; the old one stays until its Delete.",
    "U3": "An update of a resource that is gone fails and creates nothing.",
    "U4": "Removing an optional property takes effect.",
    "U5": "Reading back after an update returns the request.",
    "U6": "Tags are added, changed and removed; those of AWS and of others stay.",
    "U7": "A rollback restores; an update without a change makes no mutating call.",
    "U8": "FAILED keeps the incoming id; what a failed replacement created is deleted first.",
    "U9": "'25' instead of 25 is not a change.",
    "U10": "The rollback of a replacement finds the old resource; no third one is created.",
    "U11": "Settings of the library and a newer version of it cause no mutating call.",
    "U12": "Tags of an expired run may change without a call; a new run_id creates a new run.",
    "U13": "A replacement that CloudFormation canceled before it learned the new id is undone.",
    "U14": "A rollback to a run that expired meanwhile returns its id and creates nothing.",
    "U15": "A conflict of an update or a change of tags is retried until the deadline.",
    "U16": "The rollback of a replacement whose run goes on answers at once; a background delete takes the run over.",
    "U17": "Attributes are those after the update; taking an optional member away is a change.",
    "U18": "No request changes anything before it has asked whether a later one has come.",
    "U19": "A change back that is no rollback returns only to what can be used.",
    "U20": "A rollback restores what a read of before its update shows as it was.",
    "D1": "A delete waits for its end.",
    "D2": "Deleting a resource that is missing, or was deleted before, is SUCCESS.",
    "D3": "A run whose data is gone counts as deleted.",
    "D4": "A create after a delete works.",
    "D5": "A Delete with an unknown id finds what has the ownership tag.",
    "D6": "A conflict is retried until the deadline.",
    "D7": "A run in progress is canceled, or its end is awaited, and then it is deleted.",
    "D8": "SUCCESS is answered only when the service agrees.",
    "D9": "Nothing that costs money is left.",
    "D10": "A delete works without the properties that this version knows.",
    "D11": "The Delete of a wait drains a run that cannot be canceled; after that, FAILED says to delete again.",
    "D12": "The last resource of a kind can be deleted when its construct has left the template.",
    "D13": "A Delete that overtakes a running Create leaves nothing behind.",
    "D14": "A retained resource is adopted by the same logical id and properties.",
    "D15": "A Delete touches only what existed when it was signed; what a later request created or adopted stays.",
    "D16": "What an earlier request marked for deletion does not shorten the look for what may not show yet.",
    "D17": "The rollback of a replacement or of a create that got no answer leaves what was there before it.",
    "D18": "Late tags, an old DELETE_FAILED and what a wait may not see do not fail a delete that succeeded.",
    "A1": "A resource that the template names with adopt_existing is taken over as asked for; nothing is created.",
    "A2": "As long as the template names it, it is given back, never deleted: by a rollback or with its stack.",
    "A3": "Once a deployment without adopt_existing has succeeded, it is deleted like any other.",
    "A4": "What is another stack's, differs in what cannot be changed or is not ACTIVE is left as it is.",
    "A5": "A replacement that takes over can be rolled back, and a replacement of what was taken over, too.",
    "S1": "An identical singleton of another owner is refused unless replacing is allowed, and never deleted.",
    "V1": "Every call names the version that it means; a first version is deleted alone, and later ones stay.",
    "E1": "Lost connections, 5xx, throttling and roles that have not taken effect yet are retried.",
    "E2": "Validation errors, permanent denials and quotas that waiting does not free are not retried.",
    "E3": "The reason has the code and the message of the service.",
    "L1": "A repeated create creates no second resource.",
    "L2": "No resource is left without a report.",
    "L3": "No deletion is reported that did not happen.",
    "X1": "An answer is delivered exactly once, its HTTP status is checked, and it is sent again if needed.",
    "X2": "An answer has at most 4096 bytes; the end of the reason is cut.",
    "X3": "A step ends before its time-out, and the next one continues.",
    "X4": "An unexpected exception is answered FAILED.",
    "X5": "The service token and the logical ids of the provider never change.",
    "X6": "Polling ends with a Delete.",
    "X7": "No secret is in a log line, a reason, an event or an attribute.",
    "X8": "Every scalar may arrive as a string.",
    "X9": "An event of another stack, a foreign reply host and an id without the ownership tag are refused.",
    "X10": "Deliveries of one request at the same moment run once.",
    "X11": "A late duplicate of an answered request changes nothing.",
    "X12": "A rescue never deletes what existed before its request.",
    "X13": "A text that is no UTF-8 loses the offending characters, not the reason.",
    "X14": "A throttled worker is answered before CloudFormation's hour ends.",
    "X15": "A request larger than Step Functions takes is answered with the reason.",
    "O1": "Requests signed in the same second are ordered by their content, and none stays unanswered.",
    "O2": "A list of executions that lags changes nothing.",
    "W1": "Every status of the service model is classified, and an unknown one is a failure that names it.",
    "W2": "The end of a run is seen within 1 s at first, then within 5 % of the wait, and always within 60 s.",
    "W3": "A wait of 12 hours stays under the 25,000 events of an execution.",
    "W4": "A chain of waits ends at the first link that sees the end.",
    "W5": "A watch always ends with its event.",
    "W6": "A background delete that is lost is started again.",
}

# Rules about what is deployed: proved by the tests of templates.
ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "D12": ("tests/synth/test_provider.py::test_the_worker_creates_only_kinds_of_the_stack_and_deletes_all",),
    "X5": (
        "tests/synth/test_provider.py::test_the_logical_ids_never_change",
        "tests/synth/test_provider.py::test_its_scope_and_id_do_not_matter",
    ),
}

_TEST = re.compile(r"^def (test_([a-z]\d+)_\w+)\(", re.MULTILINE)


def rule_of(test: str) -> str:
    """The rule that a test proves, by its id or its name; empty if none."""
    for rule, tests in ELSEWHERE.items():
        if test.partition("[")[0] in tests:
            return rule
    match = re.match(r"test_([a-z]\d+)_", test.rpartition("::")[2])
    return match[1].upper() if match else ""


def proofs() -> dict[str, list[str]]:
    """The ids of the tests of each rule."""
    found: dict[str, list[str]] = {rule: list(ELSEWHERE.get(rule, ())) for rule in RULES}
    for file in sorted(_TESTS.glob("test_*.py")):
        for match in _TEST.finditer(file.read_text("utf-8")):
            found.setdefault(match[2].upper(), []).append(f"{file.relative_to(_ROOT).as_posix()}::{match[1]}")
    return found
