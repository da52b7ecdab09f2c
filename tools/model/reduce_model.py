"""Writes the reduced service models of Clean Rooms ML beside the handlers.

botocore's description of a service is reduced to its facts: shapes, constraints, operations, errors; no
documentation. The format stays botocore's own, so that boto3 can load the result from AWS_DATA_PATH.

Usage: python -m tools.model.reduce_model [--check]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from botocore.loaders import Loader

from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.tags import TAG_CHANGES, TAG_READS

from .. import ROOT

TARGET = ROOT / "custom_resources" / "cleanrooms_ml_handlers" / "model"

# Operations without a spec: those that create what CloudFormation itself manages. None means the whole service.
BESIDE_THE_SPECS: Mapping[str, tuple[str, ...] | None] = {
    "cleanroomsml": None,
    "cleanrooms": (
        "CreateAnalysisTemplate",
        "CreateCollaboration",
        "CreateConfiguredTable",
        "CreateConfiguredTableAnalysisRule",
        "CreateConfiguredTableAssociation",
        "CreateConfiguredTableAssociationAnalysisRule",
        "CreateMembership",
        "CreatePrivacyBudgetTemplate",
        *TAG_READS,
        *TAG_CHANGES,
    ),
}


def wanted(service: str) -> frozenset[str] | None:
    """The operations of a service that the stored model has; None for all of them.

    Of the much larger Clean Rooms these are what the specs name, and what creates a collaboration.
    """
    beside = BESIDE_THE_SPECS[service]
    if beside is None:
        return None
    named = (name for spec in SPECS if spec.service == service for name in spec.operations)
    return frozenset((*beside, *named))


def without_documentation(value: Any, *, keys_are_names: bool = False) -> Any:
    """Drops documentation; where the keys are names (of shapes, members, operations) all of them stay."""
    if isinstance(value, dict):
        return {
            key: without_documentation(
                item, keys_are_names=not keys_are_names and key in {"members", "shapes", "operations"}
            )
            for key, item in value.items()
            if keys_are_names or key not in {"documentation", "documentationUrl"}
        }
    if isinstance(value, list):
        return [without_documentation(item) for item in value]
    return value


def references(value: Any) -> set[str]:
    """The names of all shapes that a piece of the model points to."""
    if isinstance(value, dict):
        found = {value["shape"]} if isinstance(value.get("shape"), str) else set()
        return found.union(*(references(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(references(item) for item in value))
    return set()


def reduced(model: dict[str, Any], operations: frozenset[str] | None) -> dict[str, Any]:
    """The model without documentation and, if operations are named, with those and their shapes alone.

    Raises:
        SystemExit: The model lacks one of the operations.
    """
    facts: dict[str, Any] = without_documentation(model)
    if missing := sorted((operations or frozenset()) - facts["operations"].keys()):
        raise SystemExit(
            f"{facts['metadata']['serviceFullName']} has no operation {', '.join(missing)} in the installed botocore. "
            "Correct the name in the spec in custom_resources/cleanrooms_ml_handlers/resources/, or raise botocore's "
            "pin in requirements-dev.txt"
        )
    kept_operations = {name: op for name, op in facts["operations"].items() if operations is None or name in operations}
    kept: set[str] = set()
    pending = references(kept_operations)
    while pending:
        kept |= pending
        pending = set().union(*(references(facts["shapes"][name]) for name in pending)) - kept
    return {
        "version": facts["version"],
        "metadata": facts["metadata"],
        "operations": dict(sorted(kept_operations.items())),
        "shapes": {name: facts["shapes"][name] for name in sorted(kept)},
    }


def installed(service: str) -> tuple[str, dict[str, Any]]:
    """The newest version of a service in the installed botocore, and its model."""
    loader = Loader(include_default_search_paths=True)
    version = loader.determine_latest_version(service, "service-2")
    return version, loader.load_service_model(service, "service-2", version)


def rendered(model: dict[str, Any]) -> str:
    """JSON with one operation or shape a line: small, and a refresh still reads well as a diff."""
    lines = [f'"version":{json.dumps(model["version"])}', f'"metadata":{compact(model["metadata"])}']
    for section in ("operations", "shapes"):
        entries = ",\n".join(f"{json.dumps(name)}:{compact(entry)}" for name, entry in model[section].items())
        lines.append(f'"{section}":{{\n{entries}\n}}')
    return "{" + ",\n".join(lines) + "}\n"


def compact(value: Any) -> str:
    """JSON without white space."""
    return json.dumps(value, separators=(",", ":"))


def main() -> int:
    """Writes the models, or says which differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the stored models differ")
    check = parser.parse_args().check
    stale = []
    for service in BESIDE_THE_SPECS:
        version, model = installed(service)
        path = TARGET / service / version / "service-2.json"
        text = rendered(reduced(model, wanted(service)))
        if path.is_file() and path.read_text() == text:
            continue
        stale.append(f"{service} {version}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {path.relative_to(ROOT)}: {len(text)} bytes")
    if check and stale:
        print(f"{', '.join(stale)}: the installed botocore and the specs say something else; run `make model`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
