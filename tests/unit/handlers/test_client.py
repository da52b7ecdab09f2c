"""The functions' own client, as it is created in Lambda."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.loaders import Loader

from cleanrooms_ml_handlers.client import Service
from cleanrooms_ml_handlers.model import DATA_PATH
from cleanrooms_ml_handlers.resources import SPECS


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return Service()


@pytest.mark.parametrize("name", sorted({spec.service for spec in SPECS} | {"events", "s3", "stepfunctions"}))
def test_the_functions_find_the_model_of_each_service_that_they_call(service: Service, name: str) -> None:
    assert service.client(name).meta.service_model.service_name == name


def test_the_models_beside_the_functions_come_first(service: Service) -> None:
    assert Path(service.model_path).is_relative_to(DATA_PATH)


def test_a_boto3_older_than_the_service_goes_by_the_names_of_endpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in Path(Loader.BUILTIN_DATA_PATH).iterdir():
        if not part.name.startswith("cleanrooms"):
            (tmp_path / part.name).symlink_to(part)
    monkeypatch.setattr(Loader, "BUILTIN_DATA_PATH", str(tmp_path))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    service = Service()
    addresses = [service.client(name).meta.endpoint_url for name in ("cleanroomsml", "cleanrooms")]
    assert addresses == ["https://cleanrooms-ml.eu-west-1.amazonaws.com", "https://cleanrooms.eu-west-1.amazonaws.com"]
