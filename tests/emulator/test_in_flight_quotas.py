"""The emulator and the advice at synth have the same quotas, each from the page of AWS."""

from __future__ import annotations

from cleanrooms_ml_cli.sandbox.emulator.rules.quotas import QUOTAS
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.rules.in_flight import IN_FLIGHT_QUOTAS


def test_advice_has_the_quotas_that_the_emulator_keeps() -> None:
    kept = {
        (quota.kind, quota.value, quota.per)
        for spec in SPECS
        for quota in QUOTAS
        if quota.kind == spec.kind and quota.in_flight and _is_of(quota.name, spec.in_flight_quotas)
    }
    advised = {(quota.kind, quota.value, quota.per) for quota in IN_FLIGHT_QUOTAS}
    assert advised <= kept
    # Exports end before a create has waited too long.
    assert {kind for kind, _, _ in kept - advised} == {"AudienceExportJob"}


def _is_of(name: str, parts: tuple[str, ...]) -> bool:
    return any(part in name.lower().replace("-", " ") for part in parts)
