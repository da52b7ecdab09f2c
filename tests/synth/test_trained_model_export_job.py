"""TrainedModelExportJob: what is rendered and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_cleanrooms_ml import (
    TrainedModel,
    TrainedModelExportJob,
)
from tests.synth.custom_model import MODEL_ARN, VERSION, CustomModelStack
from tests.synth.stacks import (
    MEMBERSHIP,
    logical_id,
    template_of,
)


def test_jobs_wait_for_the_model_and_results_go_to_the_own_account() -> None:
    custom = CustomModelStack()
    model = custom.model()
    job = custom.inference(trained_model=model)
    export = model.add_export("Export", membership=custom.member)
    resources = template_of(custom.stack)["Resources"]
    for one in (job, export):
        resource = resources[logical_id(custom.stack, one)]
        assert logical_id(custom.stack, model, "Ready") in resource["DependsOn"]
        members = resource["Properties"]["outputConfiguration"]["members"]
        assert members == [{"accountId": {"Ref": "AWS::AccountId"}}]
    assert "tags" not in resources[logical_id(custom.stack, export)]["Properties"]
    assert resources[logical_id(custom.stack, export, "Ready")]["Properties"]["Arn"] == {
        "Ref": logical_id(custom.stack, export)
    }


def test_an_export_of_a_version_names_it() -> None:
    custom = CustomModelStack()
    version = TrainedModel.from_trained_model_arn(custom.stack, "V", MODEL_ARN, version_identifier=VERSION)
    export = version.add_export("Export", membership=custom.member, output_account="444455556666", description="v2")
    assert custom.request("TrainedModelExportJob", export) == {
        "membershipIdentifier": MEMBERSHIP,
        "trainedModelArn": MODEL_ARN,
        "trainedModelVersionIdentifier": VERSION,
        "outputConfiguration": {"members": [{"accountId": "444455556666"}]},
        "description": "v2",
    }


def export(model: Any, custom: CustomModelStack) -> TrainedModelExportJob:
    """An export of some model."""
    return TrainedModelExportJob(custom.stack, "Export", membership=custom.member, trained_model=model)


def test_a_wrong_form_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="trained_model is a str; allowed is a model"):
        export("arn", CustomModelStack())
