"""ConfiguredAudienceModel: how audiences are made from an audience model, and where they go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol, Required, TypedDict, Unpack, runtime_checkable

from aws_cdk import RemovalPolicy, Resource
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cleanrooms_ml_handlers.resources.audience_generation_job import AUDIENCE_GENERATION_JOB
from cleanrooms_ml_handlers.resources.configured_audience_model import CONFIGURED_AUDIENCE_MODEL

from ._custom_resource import CleanRoomsMLResource
from ._grants import grant
from ._roles import write_statements
from ._values import OneOf, expect
from .audience_model import IAudienceModel
from .audience_sizes import AudienceSizes
from .configured_audience_model_policy import ConfiguredAudienceModelPolicy

if TYPE_CHECKING:
    from .audience_generation_job import AudienceGenerationJob, AudienceGenerationJobOptions


class SharedAudienceMetrics(OneOf):
    """Whether whoever starts a job sees its relevance metrics."""

    ALL: ClassVar[SharedAudienceMetrics]
    NONE: ClassVar[SharedAudienceMetrics]


SharedAudienceMetrics.ALL = SharedAudienceMetrics("ALL")
SharedAudienceMetrics.NONE = SharedAudienceMetrics("NONE")


class TagOnCreatePolicy(OneOf):
    """Which tags the jobs of a configured audience model get."""

    FROM_PARENT_RESOURCE: ClassVar[TagOnCreatePolicy]
    NONE: ClassVar[TagOnCreatePolicy]


TagOnCreatePolicy.FROM_PARENT_RESOURCE = TagOnCreatePolicy("FROM_PARENT_RESOURCE")
TagOnCreatePolicy.NONE = TagOnCreatePolicy("NONE")


@runtime_checkable
class IConfiguredAudienceModel(Protocol):
    """A configured audience model."""

    @property
    def configured_audience_model_arn(self) -> str:
        """The configured audience model's ARN."""
        ...

    @property
    def grants(self) -> ConfiguredAudienceModelGrants:
        """Permissions on it for others."""
        ...

    def add_generation_job(self, id: str, **options: Unpack[AudienceGenerationJobOptions]) -> AudienceGenerationJob:
        """Starts an audience generation job with it."""
        ...


class ConfiguredAudienceModelGrants:
    """Permissions on a configured audience model.

    Args:
        model: The configured audience model.
    """

    def __init__(self, model: IConfiguredAudienceModel) -> None:
        self._known = {"configured-audience-model/*": model.configured_audience_model_arn}

    def read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets someone look at it.

        Args:
            grantee: Who.
        """
        return grant(CONFIGURED_AUDIENCE_MODEL, "GetConfiguredAudienceModel", grantee, self._known)

    def start_audience_generation_job(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets someone start jobs with it.

        A grantee of another account needs the model's resource policy besides.

        Args:
            grantee: Who.
        """
        return grant(AUDIENCE_GENERATION_JOB, "StartAudienceGenerationJob", grantee, self._known)


class _Imported(Resource):
    def __init__(self, scope: Construct, id: str, arn: str) -> None:
        super().__init__(scope, id, environment_from_arn=arn)
        self._arn = arn

    @property
    def configured_audience_model_arn(self) -> str:
        return self._arn

    @property
    def grants(self) -> ConfiguredAudienceModelGrants:
        return ConfiguredAudienceModelGrants(self)

    def add_generation_job(self, id: str, **options: Unpack[AudienceGenerationJobOptions]) -> AudienceGenerationJob:
        return _add_generation_job(self, id, options)


class ConfiguredAudienceModelOptions(TypedDict, total=False):
    """The arguments of ``ConfiguredAudienceModel`` but for the model; see there."""

    output_bucket: Required[s3.IBucket]
    output_prefix: str | None
    audience_sizes: AudienceSizes | None
    shared_audience_metrics: SharedAudienceMetrics | None
    min_matching_seed_size: int | None
    child_resource_tag_on_create_policy: TagOnCreatePolicy | None
    configured_audience_model_name: str | None
    description: str | None
    tags: Mapping[str, str] | None
    role: iam.IRole | None
    removal_policy: RemovalPolicy | None


class ConfiguredAudienceModel(CleanRoomsMLResource):
    """How audiences are made from an audience model, and where they go.

    It is made and changed at once. Everything can be changed in place except its name, its tag policy, and whether
    it has sizes at all: those make a new one. Deleting it takes it out of any collaboration.

    Args:
        scope: Where it stands.
        id: Its id there.
        audience_model: The audience model, of this account.
        output_bucket: Where audiences are written. In the collaboration's Region.
        output_prefix: The beginning of the written objects' keys. Default: none.
        audience_sizes: The sizes of audiences on offer. Default: the service's.
        shared_audience_metrics: Whether whoever starts a job sees its metrics. Default: NONE.
        min_matching_seed_size: How many users of a seed have to be known to the model, 25 to 500,000. Default: 500.
        child_resource_tag_on_create_policy: Whether jobs take over the tags. Default: the service's.
        configured_audience_model_name: Its name, 1 to 63 characters. With a fixed one, what makes a new model fails
            until the name changes too. Default: generated.
        description: Up to 255 characters. Default: none.
        tags: Tags, besides those of ``Tags.of``. Default: none.
        role: What the service writes with. Default: a role that may write below the prefix and nothing else.
        removal_policy: What becomes of it when it leaves the stack. Default: DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, CreateConfiguredAudienceModel.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        audience_model: IAudienceModel,
        output_bucket: s3.IBucket,
        output_prefix: str | None = None,
        audience_sizes: AudienceSizes | None = None,
        shared_audience_metrics: SharedAudienceMetrics | None = None,
        min_matching_seed_size: int | None = None,
        child_resource_tag_on_create_policy: TagOnCreatePolicy | None = None,
        configured_audience_model_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        role: iam.IRole | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        expect(
            "audience_model", audience_model, IAudienceModel, "a model. Pass AudienceModel.from_audience_model_arn(...)"
        )
        expect("audience_sizes", audience_sizes, AudienceSizes, "AudienceSizes")
        expect("shared_audience_metrics", shared_audience_metrics, SharedAudienceMetrics, "SharedAudienceMetrics")
        policy = child_resource_tag_on_create_policy
        expect("child_resource_tag_on_create_policy", policy, TagOnCreatePolicy, "TagOnCreatePolicy")
        super().__init__(scope, id, spec=CONFIGURED_AUDIENCE_MODEL, tags=tags)
        self._audience_sizes = audience_sizes
        self._policy: ConfiguredAudienceModelPolicy | None = None
        prefix = output_prefix or ""
        self._role: iam.IRole = role or self._provider._roles.make(
            self,
            description="Clean Rooms ML writes audiences",
            statements=write_statements(output_bucket, prefix),
            source="configured-audience-model/*",
        )
        bucket_uri = f"s3://{output_bucket.bucket_name}"
        # For jobs, whose seed must not lie there too.
        self._output_uri = f"{bucket_uri}/{prefix}" if prefix else bucket_uri
        self._deploy(
            {
                "name": configured_audience_model_name,
                "description": description,
                "audienceModelArn": audience_model.audience_model_arn,
                "outputConfig": {
                    "destination": {"s3Destination": {"s3Uri": self._output_uri}},
                    "roleArn": self._passable(self._role, own=role is not None),
                },
                "sharedAudienceMetrics": [(shared_audience_metrics or SharedAudienceMetrics.NONE).value],
                "minMatchingSeedSize": min_matching_seed_size,
                "audienceSizeConfig": audience_sizes._render() if audience_sizes else None,
                "childResourceTagOnCreatePolicy": policy.value if policy else None,
            },
            role=self._role,
            needs=[audience_model],
            own_role_or_key=role is not None,
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_configured_audience_model_arn(
        scope: Construct, id: str, configured_audience_model_arn: str
    ) -> IConfiguredAudienceModel:
        """A configured audience model that lives outside the stack, in this account or a provider's.

        Args:
            scope: Where it is imported.
            id: Its id there.
            configured_audience_model_arn: Its ARN.
        """
        return _Imported(scope, id, configured_audience_model_arn)

    @property
    def configured_audience_model_arn(self) -> str:
        """The configured audience model's ARN."""
        return self._attribute("Arn")

    @property
    def configured_audience_model_name(self) -> str:
        """The configured audience model's name."""
        return self._attribute("Name")

    @property
    def role(self) -> iam.IRole:
        """What the service writes with."""
        return self._role

    @property
    def grants(self) -> ConfiguredAudienceModelGrants:
        """Permissions on it for others."""
        return ConfiguredAudienceModelGrants(self)

    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> iam.AddToResourcePolicyResult:
        """Adds a statement to the model's resource policy, beside those of others.

        It is how another account may start jobs with the model. An association that manages the model's policy
        does the same; both together are refused at synth.

        Args:
            statement: What to allow. Without resources it is about the model, and the jobs that are started with
                it. A condition on ``cleanrooms-ml:CollaborationId`` keeps jobs inside the collaboration.
        """
        if self._policy is None:
            arn = self.configured_audience_model_arn
            self._policy = ConfiguredAudienceModelPolicy(self, "Policy", configured_audience_model_arn=arn)
        self._policy.add(statement)
        return iam.AddToResourcePolicyResult(statement_added=True, policy_dependable=self._policy)

    def add_generation_job(self, id: str, **options: Unpack[AudienceGenerationJobOptions]) -> AudienceGenerationJob:
        """Starts an audience generation job with it, in the scope of this construct.

        Args:
            id: Its id there.
            options: The arguments of ``AudienceGenerationJob`` but for the model.
        """
        return _add_generation_job(self, id, options)


def _add_generation_job(
    model: _Imported | ConfiguredAudienceModel, id: str, options: AudienceGenerationJobOptions
) -> AudienceGenerationJob:
    from .audience_generation_job import AudienceGenerationJob

    return AudienceGenerationJob(model, id, configured_audience_model=model, **options)
