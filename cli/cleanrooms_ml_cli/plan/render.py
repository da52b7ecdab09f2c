"""A plan as text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cleanrooms_ml_policy.visible import visible

from .change import Action, Change, Plan

_SIGNS = {
    Action.CREATE: "+",
    Action.ADOPT: "=",
    Action.UPDATE: "~",
    Action.REPLACE: "±",
    Action.DELETE: "-",
    Action.KEEP: "·",
    Action.FAIL: "!",
}


def as_text(plans: Iterable[Plan]) -> str:
    """The plans for a terminal or a log."""
    return "\n\n".join("\n".join(_text(plan)) for plan in plans)


def _text(plan: Plan) -> Iterator[str]:
    yield visible(plan.summary)
    for change in plan.changes:
        yield visible(f"{_SIGNS[change.action]} {change.where}  {change.kind}  {_action(change)}")
        yield from (f"    {visible(line)}" for line in _lines(change))


def _action(change: Change) -> str:
    if change.action is Action.REPLACE:
        because = f" because of {', '.join(change.causes)}" if change.causes else ""
        return f"{'replace: a new run' if change.run else 'replace'}{because}"
    if change.action is Action.CREATE and change.run:
        return "create: a new run"
    return change.action.value


def _lines(change: Change) -> Iterator[str]:
    if change.failure:
        yield f"the deployment fails: {change.failure}"
    yield from map(str, change.differences)
    yield from change.run
    if change.deletes:
        yield f"deletes {change.deletes}"
    yield from (f"note: {note}" for note in change.notes)


def as_markdown(plans: Iterable[Plan]) -> str:
    """The plans for a comment on a pull request."""
    parts = []
    for plan in plans:
        lines = [f"### Clean Rooms ML: {_escaped(plan.summary)}"]
        if plan.changes:
            lines += ["", "| | resource | what happens | details |", "|---|---|---|---|"]
        for change in plan.changes:
            details = "<br>".join(_escaped(line) for line in _lines(change))
            resource = f"{_code(change.where)}<br>{_escaped(change.kind)}"
            lines.append(f"| {_SIGNS[change.action]} | {resource} | {_escaped(_action(change))} | {details} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _code(text: str) -> str:
    """A text as code, in which Markdown and HTML mean nothing, in a table."""
    text = visible(text).replace("`", "'").replace("|", "\\|")
    return f"`{text}`"


def _escaped(text: str) -> str:
    """A text that Markdown shows as it is, in a table too."""
    text = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for sign in ("\\", "|", "`", "*", "_", "[", "]"):
        text = text.replace(sign, f"\\{sign}")
    return text
