"""What a configured audience model shows of its jobs, and which tags they get."""

from __future__ import annotations

from typing import ClassVar

from ._values import OneOf


class SharedAudienceMetrics(OneOf):
    """Whether the caller that starts a job sees its relevance metrics."""

    ALL: ClassVar[SharedAudienceMetrics]
    NONE: ClassVar[SharedAudienceMetrics]


SharedAudienceMetrics.ALL = SharedAudienceMetrics("ALL")
SharedAudienceMetrics.NONE = SharedAudienceMetrics("NONE")


class TagOnCreatePolicy(OneOf):
    """Which tags the jobs of a configured audience model get."""

    FROM_PARENT_RESOURCE: ClassVar[TagOnCreatePolicy]
    NONE: ClassVar[TagOnCreatePolicy]


TagOnCreatePolicy.FROM_PARENT_RESOURCE = TagOnCreatePolicy("FROM_PARENT_RESOURCE")
TagOnCreatePolicy.NONE = TagOnCreatePolicy("NONE")
