"""The control endpoint: the levers of the emulator over HTTP, JSON in and out.

Paths below `/_cleanroomsml/`:

- GET journal?operation=&since=&raw=true: the requests received, after the entry with the number `since`.
- DELETE journal: forgets them.
- GET records?seeded=false&raw=true: what the service holds. POST records: expires or forgets one.
- GET, POST, DELETE faults: the faults to come; one more or a list of them; none any more.
- GET overview: the time of the clock, the numbers of the journal's entries, the statuses of runs over time.
- GET held?operation=: the calls that a fault of the kind hold holds. POST release: lets them go on.
- POST runs: what the next runs or deletes of a kind are to do.
- POST seed: a resource that is put there, or a list of them.
- GET, POST durations, options, quotas: settings; what a POST leaves out stays.
- POST advance: the clock runs ahead.
- POST reset: an empty service.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from cleanrooms_ml_handlers.model import boolean

from ..api.wire import Request, Response
from ..calls import operations
from ..errors import defect
from ..fields import BadInputError, Field, json_body, one_or_more, read
from ..kinds import KINDS
from ..seeding.from_json import read_seed
from ..state.faults import ANY_OPERATION, FAULT_KINDS, Fault
from ..state.settings import RunOrder
from . import settings
from .member_names import to_json, to_python
from .records import NoSuchRecordError

if TYPE_CHECKING:
    from ..emulator import Emulator

PREFIX = "/_cleanroomsml"

RUN_KINDS = tuple(name for name, kind in KINDS.items() if kind.runs)

_FAULT_FIELDS = {
    "operation": Field("text", required=True),
    "count": Field("whole", least=1),
    "kind": Field("text", FAULT_KINDS),
    "errorCode": Field("text"),
    "message": Field("text"),
    "httpStatus": Field("whole", least=400, most=599),
    "delaySeconds": Field("number", least=0),
    "notFoundSeconds": Field("number", least=0),
    "probability": Field("number", least=0, most=1),
}
_RUN_FIELDS = {
    "kind": Field("text", RUN_KINDS, required=True),
    "count": Field("whole", least=1),
    "phase": Field("text", ("create", "delete", "cancel")),
    "statusCode": Field("text"),
    "message": Field("text"),
    "figures": Field("map"),
    "seconds": Field("number", least=0),
}
_RECORD_FIELDS = {
    "arn": Field("text", required=True),
    "do": Field("text", ("expire", "forget"), required=True),
}

Query = Mapping[str, str]


def answer(emulator: Emulator, request: Request) -> Response:
    """Answers a control request: 400 with what is allowed for bad input, 404 for what is not there."""
    name = request.path.removeprefix(PREFIX).strip("/")
    method = request.method.upper()
    query = {key: values[-1] for key, values in parse_qs(request.query, keep_blank_values=True).items()}
    if name not in _PATHS:
        return _json(404, {"error": f"{request.path} is not known; there are {', '.join(sorted(_PATHS))}"})
    if method not in _PATHS[name]:
        return _json(405, {"error": f"{method} {request.path}; allowed are {', '.join(_PATHS[name])}"})
    try:
        return _json(200, _PATHS[name][method](emulator, query, json_body(request.body)))
    except BadInputError as error:
        return _json(400, {"error": str(error)})
    except NoSuchRecordError as error:
        return _json(404, {"error": str(error)})
    except Exception as error:
        return _json(500, {"error": defect(f"{method} {request.path}", error).message})


def _json(status: int, value: Any) -> Response:
    body = json.dumps(value, default=str).encode()
    return Response(status, {"content-type": "application/json", "content-length": str(len(body))}, body)


# -- what was asked, what there is -----------------------------------------------------------------------------


def _journal(emulator: Emulator, query: Query, body: Any) -> Any:
    _only(query, "operation", "since", "raw")
    since = query.get("since") or "0"
    if not since.isdecimal():
        raise BadInputError(f"since is {since}; the number of an entry is needed")
    entries = emulator.journal.select(_known_operation(query.get("operation")), int(since))
    return {"entries": [entry.as_json(raw=_flag(query, "raw")) for entry in entries]}


def _clear_journal(emulator: Emulator, query: Query, body: Any) -> Any:
    emulator.journal.clear()
    return {}


def _records(emulator: Emulator, query: Query, body: Any) -> Any:
    _only(query, "seeded", "raw")
    return {"records": emulator.records(seeded=_flag(query, "seeded", True), raw=_flag(query, "raw"))}


def _overview(emulator: Emulator, query: Query, body: Any) -> Any:
    return emulator.overview()


def _change_record(emulator: Emulator, query: Query, body: Any) -> Any:
    given = read(_RECORD_FIELDS, body)
    (emulator.expire if given["do"] == "expire" else emulator.forget)(given["arn"])
    return {}


# -- what is to happen -----------------------------------------------------------------------------------------


def _faults(emulator: Emulator, query: Query, body: Any) -> Any:
    return {"faults": [to_json(fault) for fault in emulator.faults()]}


def _add_faults(emulator: Emulator, query: Query, body: Any) -> Any:
    allowed = (*sorted(operations()), ANY_OPERATION)
    faults = []
    for where, item in one_or_more(body):
        given = read({**_FAULT_FIELDS, "operation": Field("text", allowed, required=True)}, item, where)
        faults.append(Fault(**to_python(given)))
    for fault in faults:
        emulator.add_fault(fault)
    return _faults(emulator, query, body)


def _clear_faults(emulator: Emulator, query: Query, body: Any) -> Any:
    emulator.clear_faults()
    return {}


def _held(emulator: Emulator, query: Query, body: Any) -> Any:
    _only(query, "operation")
    return {"held": [held.as_json() for held in emulator.held(_known_operation(query.get("operation")))]}


def _release(emulator: Emulator, query: Query, body: Any) -> Any:
    given = read({"operation": Field("text")}, body)
    return {"released": [held.as_json() for held in emulator.release(_known_operation(given.get("operation")))]}


def _known_operation(name: str | None) -> str | None:
    """The name of an operation, or None for all.

    Raises:
        BadInputError: The services have no such operation.
    """
    if name and name not in operations():
        raise BadInputError(f"operation is {name}, which the service does not have")
    return name or None


def _order_runs(emulator: Emulator, query: Query, body: Any) -> Any:
    orders = [RunOrder(**to_python(read(_RUN_FIELDS, item, where))) for where, item in one_or_more(body)]
    for order in orders:
        emulator.order_run(order)
    return {}


def _seed(emulator: Emulator, query: Query, body: Any) -> Any:
    seeds = [read_seed(item, where) for where, item in one_or_more(body)]
    return {"seeded": [seed(emulator.seeds) for seed in seeds]}


def _advance(emulator: Emulator, query: Query, body: Any) -> Any:
    given = read({"seconds": Field("number", required=True, least=0)}, body)
    emulator.advance(given["seconds"])
    return {}


def _reset(emulator: Emulator, query: Query, body: Any) -> Any:
    emulator.reset()
    return {}


_PATHS: Mapping[str, Mapping[str, Callable[[Emulator, Query, Any], Any]]] = {
    "journal": {"GET": _journal, "DELETE": _clear_journal},
    "records": {"GET": _records, "POST": _change_record},
    "overview": {"GET": _overview},
    "faults": {"GET": _faults, "POST": _add_faults, "DELETE": _clear_faults},
    "held": {"GET": _held},
    "release": {"POST": _release},
    "runs": {"POST": _order_runs},
    "seed": {"POST": _seed},
    "durations": {"GET": settings.durations, "POST": settings.change_durations},
    "options": {"GET": settings.options, "POST": settings.change_options},
    "quotas": {"GET": settings.quotas, "POST": settings.change_quotas},
    "advance": {"POST": _advance},
    "reset": {"POST": _reset},
}


def _only(query: Query, *allowed: str) -> None:
    if unknown := query.keys() - set(allowed):
        raise BadInputError(f"{', '.join(sorted(unknown))} is not known; allowed are {', '.join(allowed)}")


def _flag(query: Query, name: str, default: bool = False) -> bool:
    text = query.get(name, str(default))
    value = boolean(text)
    if not isinstance(value, bool):
        raise BadInputError(f"{name} is {text}; allowed are true and false")
    return value
