"""boto3's clients of a sandbox."""

from __future__ import annotations

import pytest

from cleanrooms_ml_cli.sandbox import clients
from cleanrooms_ml_handlers.model import DATA_PATH


def test_a_client_has_every_operation_although_the_models_of_the_functions_are_in_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(DATA_PATH))
    clients._session.cache_clear()
    client = clients.client("cleanrooms", "http://127.0.0.1:1", "us-east-1", clients.SIGNING_KEY)
    assert hasattr(client, "list_schemas")
