"""Why a run has no result: the same words in the failure of `Ready`, in the event and in what the command prints."""

from __future__ import annotations

from .deletion import details
from .identity import Record
from .spec import Phase, ResourceSpec


def why_not_ready(spec: ResourceSpec, record: Record, phase: Phase | None) -> str:
    """Why a record that is not ready, or no longer, has no result.

    Args:
        spec: Its kind.
        record: The record.
        phase: Its phase; None for a status that this version does not know.
    """
    if phase is None:
        return "this version does not know the status; upgrade cdk-cleanrooms-ml"
    if phase in (Phase.FAILED, Phase.DELETE_FAILED):
        return details(record)
    # The service does not say which it was.
    canceled = ["it was canceled"] if spec.cancel else []
    deleted = ["its data was deleted", "its retention has ended"] if spec.delete else []
    causes = [*canceled, *deleted]
    return ", or ".join(filter(None, (", ".join(causes[:-1]), *causes[-1:])))
