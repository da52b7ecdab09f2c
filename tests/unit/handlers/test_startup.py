"""What the functions do before their first event."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cdk_cleanrooms_ml._asset import shipped_files

_LOOK = """
import gc, sys
import cleanrooms_ml_handlers.{function} as function
print(sorted(function._service()._clients), gc.get_freeze_count() > 0, gc.isenabled(), "boto3" in sys.modules)
"""


@pytest.mark.parametrize(
    ("function", "clients"), [("front", ["stepfunctions"]), ("worker", ["cleanroomsml", "stepfunctions"])]
)
@pytest.mark.parametrize("name", ["", "app-function"])
def test_only_in_lambda_clients_are_created_before_the_first_event(
    function: str, clients: list[str], name: str
) -> None:
    environment = {**os.environ, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    environment.pop("AWS_LAMBDA_FUNCTION_NAME", None)
    environment |= {"AWS_LAMBDA_FUNCTION_NAME": name} if name else {}
    command = [sys.executable, "-c", _LOOK.format(function=function)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == f"{clients if name else []} {bool(name)} True False"


def test_the_functions_import_no_rule_and_none_is_shipped() -> None:
    look = "import sys, cleanrooms_ml_handlers.front, cleanrooms_ml_handlers.worker; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True)
    assert not [name for name in done.stdout.split() if name.startswith("cleanrooms_ml_handlers.rules")]
    assert not [path for path in shipped_files() if "rules" in path.parts]
