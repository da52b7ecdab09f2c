"""For each rule, resources that violate it and the most similar ones that do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cleanrooms_ml_handlers.tags import TAGS_PER_RESOURCE

from .samples import (
    ACCOUNT,
    ANALYSIS,
    KEY,
    QUERY,
    Resources,
    analysis_template,
    audience_model,
    channel,
    configured,
    export,
    job,
    one,
    policy,
    ready,
    statement,
    trained_model,
)

# As many as a user may set: the ownership tag takes one.
TAGS = {f"key{number}": "value" for number in range(TAGS_PER_RESOURCE - 1)}
WORKER = f"{QUERY}.computeConfiguration.worker"
SQL = f"{QUERY}.sqlParameters"
SPARK = f"{WORKER}.properties.spark"
SEED_QUERY = {"seedAudience.dataSource": None, "seedAudience.sqlParameters": {"queryString": "SELECT 1"}}
COMPUTE = {"worker": {"type": "CR.1X", "number": 2}}
ELSEWHERE = "444455556666"


@dataclass(frozen=True)
class Case:
    """A rule with resources that violate it and resources that do not.

    Attributes:
        rule: The rule's id without the common prefix.
        fails: Resources that violate it and no other rule.
        passes: Resources that violate no rule.
        path: The path of the finding below Properties; empty for the properties as a whole.
        settings: The organization's policy.
    """

    rule: str
    fails: tuple[Resources, ...]
    passes: tuple[Resources, ...]
    path: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def case(rule: str, fails: Resources, passes: Resources, path: str, **settings: Any) -> Case:
    """A case of one resource."""
    return Case(rule, (fails,), (passes,), path, settings)


MODEL_CASES = (
    case("required", channel(retentionInDays=None), channel(), "retentionInDays"),
    case("unknown", channel({f"{WORKER}.count": 3}), channel({f"{WORKER}.number": 3}), f"{WORKER}.count"),
    case("type", channel(retentionInDays="soon"), channel(retentionInDays="30"), "retentionInDays"),
    case("enum", channel({f"{WORKER}.type": "CR.2X"}), channel({f"{WORKER}.type": "CR.8X"}), f"{WORKER}.type"),
    case("range", channel({f"{WORKER}.number": 5000}), channel({f"{WORKER}.number": 16}), f"{WORKER}.number"),
    case("length", channel(name="n" * 64), channel(name="n" * 63), "name"),
    case(
        "count",
        configured(sharedAudienceMetrics=["ALL", "NONE"]),
        configured(sharedAudienceMetrics=["ALL"]),
        "sharedAudienceMetrics",
    ),
    case("pattern", channel(kmsKeyArn=f"{KEY[:-1]}\n"), channel(kmsKeyArn=KEY), "kmsKeyArn"),
    case(
        "union",
        channel({f"{QUERY}.computeConfiguration": {}}),
        channel({f"{QUERY}.computeConfiguration": COMPUTE}),
        f"{QUERY}.computeConfiguration",
    ),
)
DOCUMENTED_CASES = (
    # Where all tags are known, tag-mark is narrower.
    case(
        "tag-count",
        channel(tags={"Fn::If": ["Many", {**TAGS, "one": "1", "two": "2"}, {}]}),
        channel(tags=TAGS),
        "tags",
    ),
    case("tag-prefix", channel(tags={"Aws:x": "y"}), channel(tags={"aws-x": "y"}), "tags"),
    case(
        "size-distinct",
        configured({"audienceSizeConfig.audienceSizeBins": [1, 5, 5]}),
        configured({"audienceSizeConfig.audienceSizeBins": [1, 5]}),
        "audienceSizeConfig.audienceSizeBins",
    ),
    case(
        "percentage",
        configured({"audienceSizeConfig.audienceSizeBins": [101]}),
        configured({"audienceSizeConfig": {"audienceSizeType": "ABSOLUTE", "audienceSizeBins": [101]}}),
        "audienceSizeConfig.audienceSizeBins[0]",
    ),
    case("one-seed", job({"seedAudience.dataSource": None}), job(SEED_QUERY), "seedAudience"),
    case(
        "seed-compute",
        job({"seedAudience.sqlComputeConfiguration": COMPUTE}),
        job({**SEED_QUERY, "seedAudience.sqlComputeConfiguration": COMPUTE}),
        "seedAudience.sqlComputeConfiguration",
    ),
    case(
        "one-query",
        channel({f"{SQL}.analysisTemplateArn": ANALYSIS}),
        channel({SQL: {"analysisTemplateArn": ANALYSIS}}),
        SQL,
    ),
    case(
        "query-parameters",
        channel({f"{SQL}.parameters": {"a": "b"}}),
        channel({SQL: {"analysisTemplateArn": ANALYSIS, "parameters": {"a": "b"}}}),
        f"{SQL}.parameters",
    ),
    case(
        "training-period",
        audience_model(trainingDataEndTime="2026-01-01T00:00:00Z"),
        audience_model(trainingDataEndTime="2026-01-01T00:00:01Z"),
        "trainingDataEndTime",
    ),
    case(
        "training-channels",
        trained_model(*(f"c{number}" for number in range(20)), earlier="before"),
        trained_model(*(f"c{number}" for number in range(19)), earlier="before"),
        "",
    ),
    case("channel-names", trained_model("a", "a"), trained_model("a", "b"), ""),
    Case(
        "export-size",
        (
            configured(),
            job(configuredAudienceModelArn={"Fn::GetAtt": ["Configured", "Arn"]}),
            export(audienceSize={"type": "PERCENTAGE", "value": 7}),
        ),
        (
            configured(),
            job(configuredAudienceModelArn={"Fn::GetAtt": "Configured.Arn"}),
            export(audienceSize={"type": "PERCENTAGE", "value": "10"}),
        ),
        "audienceSize",
    ),
    case(
        "inline-size",
        channel({f"{SQL}.queryString": "é" * 31_000}),
        channel({f"{SQL}.queryString": "e" * 31_000}),
        "",
    ),
    case(
        "gate",
        ready(Settings={"Gates": {"maximumMembershipInferenceAttackScore": 1.1}}),
        ready(Settings={"Gates": {"maximumMembershipInferenceAttackScore": "0.9", "minimumRecords": "1000"}}),
        "Settings.Gates.maximumMembershipInferenceAttackScore",
    ),
    case(
        "wait",
        ready(Settings={"TimeoutSeconds": 59}),
        ready(Settings={"TimeoutSeconds": "60"}),
        "Settings.TimeoutSeconds",
    ),
)
OWN_CASES = (
    case(
        "kind",
        ready(Kind="ConfiguredAudienceModel"),
        ready(Kind="AudienceGenerationJob"),
        "Kind",
    ),
    case("tag-mark", channel(tags={**TAGS, "one": "more"}), channel(tags=TAGS), "tags"),
)
ORGANIZATION_CASES = (
    case(
        "max-retention",
        channel(retentionInDays=15),
        channel(retentionInDays=14),
        "retentionInDays",
        max_retention_days=14,
    ),
    case(
        "required-tags",
        channel(tags={"Owner": "me"}),
        channel(tags={"owner": {"Ref": "Owner"}}),
        "tags",
        required_tags=["owner"],
    ),
    case(
        "require-encryption-key",
        channel(kmsKeyArn={"Ref": "AWS::NoValue"}),
        channel(kmsKeyArn={"Fn::GetAtt": ["Key", "Arn"]}),
        "kmsKeyArn",
        require_encryption_key=True,
    ),
    case(
        "require-analysis-template",
        channel(),
        channel({SQL: {"analysisTemplateArn": {"Ref": "Analysis"}}}),
        f"{SQL}.queryString",
        require_analysis_template=True,
    ),
    case(
        "forbid-seed-in-output",
        job(includeSeedInOutput="true"),
        job(includeSeedInOutput="false"),
        "includeSeedInOutput",
        forbid_seed_in_output=True,
    ),
    case(
        "shared-audience-metrics",
        configured(sharedAudienceMetrics=["ALL"]),
        configured(sharedAudienceMetrics=["NONE"]),
        "sharedAudienceMetrics[0]",
        shared_audience_metrics=["NONE"],
    ),
    case(
        "allowed-worker-types",
        channel({f"{WORKER}.type": "CR.8X"}),
        channel({f"{WORKER}.type": "CR.4X"}),
        f"{WORKER}.type",
        allowed_worker_types=["CR.1X", "CR.4X"],
    ),
    case(
        "max-workers",
        job({**SEED_QUERY, "seedAudience.sqlComputeConfiguration": {"worker": {"number": 17}}}),
        job({**SEED_QUERY, "seedAudience.sqlComputeConfiguration": {"worker": {"number": 16}}}),
        "seedAudience.sqlComputeConfiguration.worker.number",
        max_workers=16,
    ),
    case(
        "max-epsilon",
        analysis_template(Epsilon="3.1"),
        analysis_template(Epsilon="3.0"),
        "SyntheticDataParameters.MlSyntheticDataParameters.Epsilon",
        max_epsilon=3,
    ),
    case(
        "max-membership-inference-attack-score",
        analysis_template(MaxMembershipInferenceAttackScore=0.61),
        analysis_template(MaxMembershipInferenceAttackScore=0.6),
        "SyntheticDataParameters.MlSyntheticDataParameters.MaxMembershipInferenceAttackScore",
        max_membership_inference_attack_score=0.6,
    ),
    case(
        "allowed-principals",
        policy(statement({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ELSEWHERE}:root"]})),
        policy(statement({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:role/r"]})),
        "configuredAudienceModelPolicy.Statement[0].Principal.AWS",
        allowed_principals=[ACCOUNT],
    ),
)
ADVICE_CASES = (
    case(
        "percentage-quota",
        configured({"audienceSizeConfig.audienceSizeBins": [21]}),
        configured({"audienceSizeConfig.audienceSizeBins": [20]}),
        "audienceSizeConfig.audienceSizeBins[0]",
    ),
    case("worker-quota", channel({f"{WORKER}.number": 129}), channel({f"{WORKER}.number": 128}), f"{WORKER}.number"),
    case(
        "spark-key",
        channel({SPARK: {"spark.sql.suffle.partitions": "8"}}),
        channel({SPARK: {"spark.sql.shuffle.partitions": "8"}}),
        SPARK,
    ),
    case(
        "spark-value",
        channel({SPARK: {"spark.sql.shuffle.partitions": "many"}}),
        channel({SPARK: {"spark.sql.shuffle.partitions": "8"}}),
        f'{SPARK}["spark.sql.shuffle.partitions"]',
    ),
    case(
        "training-quota",
        trained_model("a", instance_type="ml.m5.xlarge"),
        trained_model("a"),
        "resourceConfig.instanceType",
    ),
    Case(
        "output-bucket",
        (
            configured(),
            job(
                {
                    "configuredAudienceModelArn": {"Ref": "Configured"},
                    "seedAudience.dataSource.s3Uri": "s3://audiences/seed.jsonl",
                }
            ),
        ),
        (configured(), job(configuredAudienceModelArn={"Ref": "Configured"})),
        "seedAudience.dataSource.s3Uri",
    ),
    case(
        "distributed-training",
        trained_model("a", instance_type="ml.m5.24xlarge", instance_count=2),
        trained_model("a", instance_type="ml.m5.12xlarge", instance_count=2),
        "resourceConfig.instanceType",
    ),
    case("seed-in-output", job(includeSeedInOutput=True), job(includeSeedInOutput=False), "includeSeedInOutput"),
    case(
        "policy-collaboration",
        policy(statement(ACCOUNT, Condition={})),
        policy(statement(ACCOUNT)),
        "configuredAudienceModelPolicy.Statement[0]",
    ),
)
CASES = (*MODEL_CASES, *DOCUMENTED_CASES, *OWN_CASES, *ORGANIZATION_CASES)

UNKNOWN_TYPE = one("Channel", "Custom::CleanRoomsML-MlInputChannel", {})
