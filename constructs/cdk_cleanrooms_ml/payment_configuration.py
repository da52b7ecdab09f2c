"""Who pays for what in a collaboration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class PaymentConfiguration:
    """What a member of a collaboration pays for.

    In a collaboration it says what a member is asked to pay; in a membership, what the member agrees to pay. The
    membership has to agree to all that the collaboration asks for.

    Attributes:
        query_compute: Whether the member pays for queries, those of channels and seeds too.
        model_training: Whether the member pays for training custom models. Default: not said.
        model_inference: Whether the member pays for applying custom models. Default: not said.
        synthetic_data_generation: Whether the member pays for creating synthetic data. Default: not said.
        job_compute: Whether the member pays for PySpark jobs. Default: not said.
    """

    query_compute: bool
    model_training: bool | None = None
    model_inference: bool | None = None
    synthetic_data_generation: bool | None = None
    job_compute: bool | None = None

    def _render(self) -> dict[str, Any]:
        machine_learning = {
            "modelTraining": _responsible(self.model_training),
            "modelInference": _responsible(self.model_inference),
            "syntheticDataGeneration": _responsible(self.synthetic_data_generation),
        }
        return {
            "queryCompute": _responsible(self.query_compute),
            "machineLearning": machine_learning if any(machine_learning.values()) else None,
            "jobCompute": _responsible(self.job_compute),
        }


def _responsible(pays: bool | None) -> Mapping[str, bool] | None:
    return None if pays is None else {"isResponsible": pays}
