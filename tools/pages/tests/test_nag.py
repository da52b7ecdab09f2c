"""What cdk-nag finds in app.py is explained, each finding."""

from __future__ import annotations

import pytest

from ..nag import AWS_SOLUTIONS, GENERATED, NO_RESOURCE, Nag, explained, nags, way_out


@pytest.fixture(scope="module")
def found() -> list[Nag]:
    """What cdk-nag finds in app.py."""
    return nags()


def test_aws_solutions_finds_nothing_but_wildcards_of_ours(found: list[Nag]) -> None:
    ours = [nag for nag in found if nag.pack == AWS_SOLUTIONS]
    assert ours
    assert {nag.rule for nag in ours} == {"IAM5"}
    assert {explained(nag)[0] for nag in ours} <= {NO_RESOURCE, GENERATED}


def test_a_finding_that_nobody_explained_is_reported() -> None:
    with pytest.raises(LookupError, match="has no explanation; add one"):
        explained(Nag(AWS_SOLUTIONS, "IAM5", "Action::s3:*", "Stack/CleanRoomsMLProvider/WorkerPolicy"))
    with pytest.raises(LookupError, match="has no remedy; add one"):
        way_out(Nag("HIPAA.Security", "LambdaNew", "", "Stack/CleanRoomsMLProvider/Front"))
