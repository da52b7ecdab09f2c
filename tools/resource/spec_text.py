"""The spec of a new resource."""

from __future__ import annotations

from textwrap import wrap

from cleanrooms_ml_cli.sandbox.emulator.rules.authorization import dependent_actions
from cleanrooms_ml_cli.sandbox.emulator.rules.clean_rooms_actions import required_kinds

from .resource import KEY, MEMBERSHIP, PHASES, Resource
from .writing import NOT_SAID, entries, indented, names, when


def spec(one: Resource) -> str:
    """The spec's file."""
    service = "" if one.service == "cleanroomsml" else f', "{one.signing_name}"'
    used = ["ResourceSpec", *(["arn_pattern"] if one.arn_field else []), *(["Phase"] if one.statuses else [])]
    used += [] if one.is_named else ["Cardinality"]
    pattern = _id_pattern(one, service)
    used += [name for name in ("ID", "MEMBERSHIP", "UUID") if f"{{{name}}}" in pattern]
    tags = ["tag_on_create", "tagging"] if "tags" in one.members else []
    in_membership = (
        "# AWS authorizes on the membership and on what is in it: this pattern matches both.",
        f'_IN_MEMBERSHIP = "{one.signing_name}:own:membership/*"',
    )
    own = f'_OWN = "{one.signing_name}:own:{one.path}/*"'
    permissions = indented(_permissions(one, service), 8)
    return f'''"""{one.kind}: {NOT_SAID}"""

from __future__ import annotations

from ..permissions import {", ".join(["authorized", *tags])}
from ..spec import {", ".join(sorted(used))}

{when("_OWN" in permissions, own)}{when("_IN_MEMBERSHIP" in permissions, *in_membership)}
{one.constant} = ResourceSpec(
{indented(_lines(one, pattern), 4)}{_LOOK_AT_PERMISSIONS}{_what_the_sandbox_asks_for(one)}
    permissions={{
{permissions}    }},
)
'''


_WIDTH = 110
_MEMBERSHIP_KIND = "Membership"
_LOOK_AT_PERMISSIONS = (
    "    # Look: on which ARNs does AWS authorize each operation, and which other actions does each need?"
)
_NO_KEY_ACTIONS = (
    '# Look: which actions on the key does the caller need? See "Data protection in AWS Clean Rooms", user guide.'
)
_NO_NAME = "# Look: no member has its name. One for each parent, or a document (then with `document_field`)?"


def _what_the_sandbox_asks_for(one: Resource) -> str:
    """What the sandbox authorizes on more than the resource itself, and which other actions it asks for."""
    on: dict[tuple[str, ...], list[str]] = {}
    also: dict[tuple[str, ...], list[str]] = {}
    for operation in one.operations.values():
        if (kinds := required_kinds(operation)) and kinds != (one.kind,):
            on.setdefault(kinds, []).append(operation)
        if actions := dependent_actions(one.service, operation, one.model.input_members(operation)):
            also.setdefault(actions, []).append(operation)
    authorized = [f"{', '.join(operations)} on {' and '.join(kinds)}" for kinds, operations in on.items()]
    needed = [f"{' and '.join(actions)} ({', '.join(operations)})" for actions, operations in also.items()]
    said = [f"The sandbox authorizes {'; '.join(authorized)}."] if authorized else []
    said += [f"The sandbox also asks for {'; '.join(needed)}."] if needed else []
    return "".join(f"\n    # {line}" for line in wrap(" ".join(said), _WIDTH, break_on_hyphens=False))


def _lines(one: Resource, pattern: str) -> list[str]:
    """The arguments of the spec, without the permissions."""
    lines = [f'kind="{one.kind}",']
    lines += [f'service="{one.service}",'] if one.service != "cleanroomsml" else []
    lines += [] if one.is_named else [_NO_NAME, "cardinality=Cardinality.SINGLETON,"]
    lines += [f'{role}="{operation}",' for role, operation in one.operations.items()]
    if one.arn_field:
        lines += [f'arn_field="{one.arn_field}",', f'id_parts=("{one.arn_field}",),']
    else:
        lines += ["# Look: which members of the answers make its id?", 'id_parts=("name",),']
    lines += [f"id_pattern={pattern},"]
    lines += [f'answer_field="{one.answer_field}",'] if one.answer_field else []
    lines += [f'name_field="{one.name_field}",'] if one.name_field != "name" else []
    lines += ["names_are_unique=True,"] if one.names_are_unique else []
    lines += [f'list_field="{one.list_field}",'] if one.list_field else []
    if needed := one.required("list"):
        lines += [f"list_parameters={names(needed)},"]
    lines += _statuses(one)
    lines += _changes(one)
    if "id" in one.shown and not one.waits:
        lines += ['attributes={"Id": "id"},']
    lines += [f"role_fields={names(one.role_fields)},"] if one.role_fields else []
    if one.has_key:
        lines += [f'key_field="{KEY}",', _NO_KEY_ACTIONS, "key_actions=(),"]
    return lines


def _statuses(one: Resource) -> list[str]:
    if not one.statuses:
        return []
    phases = [
        f'    "{status}": Phase.{PHASES.get(status, "PENDING")},'
        f"{'' if status in PHASES else '  # Look: what does it mean?'}"
        for status in one.statuses
    ]
    waits = ["long_running=True,", 'retry_hint="change run_id",', 'attributes={"Status": "status"},']
    return ["statuses={", *phases, "},", *(waits if one.waits else [])]


def _changes(one: Resource) -> list[str]:
    """How an update removes an optional member: with an empty text, or not at all."""
    texts = [name for name in one.changeable if name == "description" and one.may_be_empty(name)]
    others = [name for name in one.changeable if name not in texts]
    nothing = dict.fromkeys(texts, '""')
    lines = [f"cleared={entries(nothing)},"] if texts else []
    if others:
        lines += ["# Look: taken as what an update cannot remove. Where a value removes one, write it in `cleared`."]
        lines += [f"presence_is_identity={names(others)},"]
    return lines


def _id_pattern(one: Resource, service: str) -> str:
    if not one.arn_field:
        return 'r"(?P<name>.+)"'
    below = "{MEMBERSHIP}/" if one.in_membership and MEMBERSHIP in one.required("get") else ""
    below = below or ("membership/{UUID}/" if one.in_membership else "")
    if one.id_field:
        return f'arn_pattern(f"{below}{one.segment}/(?P<{one.id_field}>{{UUID}})"{service})'
    inner = f"arn_pattern(f'{below}{one.segment}/{{ID}}'{service.replace(chr(34), chr(39))})"
    return f'f"(?P<{one.arn_field}>{{{inner}}})"'


def _lists_in_membership(one: Resource) -> bool:
    """AWS Clean Rooms authorizes creating and listing on the membership, and nothing on "*"."""
    return one.service == "cleanrooms" and one.in_membership


def _permissions(one: Resource, service: str) -> list[str]:
    shared = "_IN_MEMBERSHIP" if _lists_in_membership(one) else '"*"'
    named = service.replace(', "', ', service="')
    has_tags = "tags" in one.members
    tagged = f", tag_on_create(_OWN{service})" if has_tags else ""
    lines = [f'**authorized({{"{one.operations["create"]}": {shared}}}{tagged}{named}),']
    others = {
        name: shared if role == "list" or _MEMBERSHIP_KIND in required_kinds(name) else "_OWN"
        for role, name in one.operations.items()
        if role != "create"
    }
    lines += [f"**authorized({entries(others)}{named}),"]
    if has_tags:
        lines += [f"**tagging(_OWN{service}{'' if one.shows_tags else ', reads=True'}),"]
    return lines
