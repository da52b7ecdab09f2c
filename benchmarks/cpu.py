"""CPU seconds of this process and of those that it has started, such as the CDK's kernel.

What else the machine does meanwhile changes them little. Where the operating system has no `/proc`, it is the time that
passes.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from pathlib import Path

_PROC = Path("/proc")
_BYTECODE = Path(__file__).parents[1] / ".cache" / "bytecode"


def compiled() -> dict[str, str]:
    """The environment of a process that has bytecode as pip leaves it, from its second start on."""
    return {**os.environ, "PYTHONPYCACHEPREFIX": str(_BYTECODE), "PYTHONDONTWRITEBYTECODE": ""}


def cpu_seconds() -> float:
    """The CPU seconds so far."""
    if not (_PROC / "self" / "stat").exists():
        return time.perf_counter()
    ticks: dict[int, int] = {}
    children: defaultdict[int, list[int]] = defaultdict(list)
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # The name, in parentheses, may have spaces.
            members = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children[int(members[1])].append(int(folder.name))
        ticks[int(folder.name)] = sum(map(int, members[11:15]))
    family, generation = 0, [os.getpid()]
    while generation:
        family += sum(ticks.get(each, 0) for each in generation)
        generation = [child for each in generation for child in children[each]]
    return family / os.sysconf("SC_CLK_TCK")
