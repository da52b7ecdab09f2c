"""Colors of the sorts of nodes: fill, then line."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sort

COLORS: Mapping[Sort, tuple[str, str]] = {
    Sort.TABLE: ("#e6f2f8", "#0073bb"),
    Sort.DATASET: ("#e6f2f8", "#0073bb"),
    Sort.QUERY: ("#fef6e0", "#b7791f"),
    Sort.CHANNEL: ("#e7f6ec", "#1d8102"),
    Sort.MODEL: ("#f3eafa", "#6b2fb3"),
    Sort.JOB: ("#fdecea", "#c7331a"),
    Sort.BUCKET: ("#eef4e4", "#4d7c0f"),
    Sort.IMAGE: ("#f2f3f3", "#545b64"),
    Sort.ROLE: ("#ffffff", "#879596"),
    Sort.MEMBER: ("#f2f3f3", "#545b64"),
    Sort.OTHER: ("#f2f3f3", "#545b64"),
}
