"""What a user's type checker says: pyright, by its build that needs no download; mypy runs in `make static`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = Path(__file__).with_name("typed_app.py")
WRONG = """
import aws_cdk as cdk
from cdk_cleanrooms_ml import IAudienceModel, MLInputChannel

channel = MLInputChannel.from_ml_input_channel_arn(cdk.Stack(), "Channel", "arn")
channel.number_of_records  # error: an import has no results
model: IAudienceModel = channel  # error: another kind
"""


def test_pyright_accepts_what_fits_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "wrong.py").write_text(WRONG, encoding="utf-8")
    settings = {
        "typeCheckingMode": "standard",
        "pythonVersion": "3.11",
        "extraPaths": [str(ROOT / "constructs"), str(ROOT / "custom_resources")],
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("basedpyright")), "--pythonpath", sys.executable, "--outputjson"]
    ran = subprocess.run([*command, "--project", str(tmp_path)], cwd=tmp_path, capture_output=True, text=True)
    found = json.loads(ran.stdout)["generalDiagnostics"]
    errors = {
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1) for each in found if each["severity"] == "error"
    }
    expected = {("wrong.py", number) for number, line in enumerate(WRONG.splitlines(), 1) if "# error" in line}
    assert errors == expected, ran.stdout
