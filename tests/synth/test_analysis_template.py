"""AnalysisTemplate: what is rendered, and synthetic data."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms

from cdk_cleanrooms_ml import (
    AnalysisParameter,
    AnalysisTemplate,
    Membership,
    ParameterType,
    ProtectedQuery,
    SyntheticData,
    SyntheticDataColumn,
)
from tests.synth.stacks import MEMBERSHIP, TEMPLATE_ARN, channel, errors_of, new_stack, only, template_of

CHANNEL = "Custom::CleanRoomsML-MLInputChannel"


TEMPLATE = "AWS::CleanRooms::AnalysisTemplate"


def columns(count: int = 5, predictive: int = 1) -> list[SyntheticDataColumn]:
    """Columns, the first of them predictive."""
    return [
        SyntheticDataColumn.categorical(f"c{number}", is_predictive_value=number < predictive)
        if number % 2 == 0
        else SyntheticDataColumn.numerical(f"c{number}", is_predictive_value=number < predictive)
        for number in range(count)
    ]


def synthetic(**changes: Any) -> SyntheticData:
    """What synthetic data has to be like, with the least that is needed."""
    given: dict[str, Any] = {
        "epsilon": 3,
        "maximum_membership_inference_attack_score": 0.6,
        "columns": columns(),
        **changes,
    }
    return SyntheticData(**given)


def analysis_template(stack: cdk.Stack, id: str = "Template", **changes: Any) -> AnalysisTemplate:
    """A template with only the required arguments."""
    given = {
        "membership": Membership.from_membership_id(stack, f"{id}Member", MEMBERSHIP),
        "text": "SELECT c0 FROM t",
        **changes,
    }
    return AnalysisTemplate(stack, id, **given)


def test_a_template_may_ask_for_synthetic_data() -> None:
    stack = new_stack()
    template = analysis_template(
        stack,
        parameters=[AnalysisParameter(name="country", type=ParameterType.VARCHAR, default_value="CH")],
        synthetic_data=synthetic(),
        description="d",
    )
    channel(
        stack,
        query=ProtectedQuery.analysis_template(template, parameters={"country": "DE"}),
        maximum_membership_inference_attack_score=0.55,
    )
    rendered = template_of(stack)
    properties = dict(only(rendered, TEMPLATE)["Properties"])
    assert properties.pop("Name") == template.analysis_template_name
    assert properties == {
        "MembershipIdentifier": MEMBERSHIP,
        "Format": "SQL",
        "Source": {"Text": "SELECT c0 FROM t"},
        "Description": "d",
        "AnalysisParameters": [{"Name": "country", "Type": "VARCHAR", "DefaultValue": "CH"}],
        "SyntheticDataParameters": {
            "MlSyntheticDataParameters": {
                "Epsilon": 3,
                "MaxMembershipInferenceAttackScore": 0.6,
                "ColumnClassification": {
                    "ColumnMapping": [
                        {
                            "ColumnName": f"c{number}",
                            "ColumnType": "NUMERICAL" if number % 2 else "CATEGORICAL",
                            "IsPredictiveValue": number == 0,
                        }
                        for number in range(5)
                    ]
                },
            }
        },
    }
    source = only(rendered, CHANNEL)["Properties"]["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    assert source["sqlParameters"] == {
        "analysisTemplateArn": stack.resolve(template.analysis_template_arn),
        "parameters": {"country": "DE"},
    }


def test_changed_requirements_on_synthetic_data_replace_the_template() -> None:
    def name(**changes: Any) -> str:
        return str(analysis_template(new_stack(), **changes).analysis_template_name)

    strict = {"synthetic_data": synthetic(epsilon=1)}
    assert name(**strict) == name(**strict, description="other", tags={"a": "b"})
    assert len({name(), name(**strict), name(synthetic_data=synthetic()), name(text="SELECT 1")}) == 4


def test_a_fixed_name_hides_such_a_change_and_a_warning_says_so() -> None:
    stack = new_stack()
    analysis_template(stack, analysis_template_name="mine", synthetic_data=synthetic())
    analysis_template(stack, "Plain", analysis_template_name="plain")
    annotations = cdk.assertions.Annotations.from_stack(stack)
    found = annotations.find_warning("*", cdk.assertions.Match.string_like_regexp("fixed-name-synthetic"))
    assert [each.id for each in found] == ["/Stack/Template"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (synthetic(columns=columns(4)), "columnMapping has 4"),
        (synthetic(columns=columns(1001)), "columnMapping has 1001"),
        (synthetic(columns=columns(predictive=0)), "has 0 predictive columns; exactly one is allowed"),
        (synthetic(columns=columns(predictive=2)), "has 2 predictive columns; exactly one is allowed"),
        (synthetic(columns=[*columns(), SyntheticDataColumn.numerical("Age")]), 'columnName is "Age"'),
        (synthetic(columns=[*columns(), SyntheticDataColumn.numerical("c1")]), "has c1 more than once"),
        (synthetic(epsilon=0), "epsilon is 0; allowed 0.0001 to 10"),
        (synthetic(maximum_membership_inference_attack_score=0.4), "maxMembershipInferenceAttackScore is 0.4"),
    ],
)
def test_impossible_requirements_on_synthetic_data_are_refused(data: SyntheticData, problem: str) -> None:
    stack = new_stack()
    analysis_template(stack, synthetic_data=data)
    (error,) = errors_of(stack)
    assert problem in error
    assert "(CreateAnalysisTemplate)" in error


def test_keys_of_channels_allow_grants_only_where_data_may_be_synthetic() -> None:
    def grants(template: object, **changes: Any) -> bool:
        stack = new_stack()
        given = template if isinstance(template, str) else analysis_template(stack, **changes)
        channel(stack, encryption_key=kms.Key(stack, "Key"), query=ProtectedQuery.analysis_template(given))
        return "kms:CreateGrant" in str(only(template_of(stack), "AWS::KMS::Key"))

    assert grants(None, synthetic_data=synthetic())
    assert not grants(None)
    # What others' templates ask for is not known.
    assert grants(TEMPLATE_ARN)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda stack: analysis_template(stack, synthetic_data={}), "synthetic_data is a dict"),
        (lambda stack: analysis_template(stack, parameters=["country"]), "parameters is a str"),
        (lambda stack: synthetic(columns=["a"]), "columns is a str; allowed is SyntheticDataColumn"),
        (lambda stack: AnalysisParameter(name="a", type="INT"), "type is a str"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_form_is_refused_where_it_is_written(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(new_stack())


def test_templates_of_others_are_known_by_arn() -> None:
    imported = AnalysisTemplate.from_analysis_template_arn(new_stack(), "Theirs", TEMPLATE_ARN)
    assert imported.analysis_template_arn == TEMPLATE_ARN
