"""The parts of a synth."""

from __future__ import annotations

from benchmarks.synth_parts import PARTS, parts


def test_the_parts_of_a_synth_are_all_there() -> None:
    found = parts("bare")
    assert set(found) == set(PARTS)
    assert found["calls to the kernel"] == 7
    assert found["kernel"] > 0.1
    assert found["CLI"] > 0.1
