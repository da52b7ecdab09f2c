"""ConfiguredAudienceModel: how audiences are generated from an audience model, and where they are written."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Required, TypedDict, Unpack

import aws_cdk as cdk
import jsii
from aws_cdk import IResource, RemovalPolicy
from aws_cdk import aws_iam as iam
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from cleanrooms_ml_handlers.resources.audience_generation_job import AUDIENCE_GENERATION_JOB
from cleanrooms_ml_handlers.resources.configured_audience_model import CONFIGURED_AUDIENCE_MODEL

from ._bases import ImportedResource, ServiceRoleResource
from ._custom_resource import CleanRoomsMLResource
from ._grants import ResourceGrants
from ._roles import s3_uri, write_statements
from ._validation import is_token
from ._values import expect, expect_location
from .audience_model import IAudienceModel
from .audience_settings import SharedAudienceMetrics, TagOnCreatePolicy
from .audience_sizes import AudienceSizes
from .configured_audience_model_policy import ConfiguredAudienceModelPolicy

if TYPE_CHECKING:
    from .audience_generation_job import AudienceGenerationJob, AudienceGenerationJobOptions


@runtime_checkable
class IConfiguredAudienceModel(IResource, iam.IGrantable, Protocol):
    """A configured audience model."""

    @property
    def configured_audience_model_arn(self) -> str:
        """The configured audience model's ARN."""
        ...

    @property
    def role(self) -> iam.IRole | None:
        """The role with which the service writes audiences; None if unknown."""
        ...

    @property
    def grants(self) -> ConfiguredAudienceModelGrants:
        """Grants on this resource."""
        ...

    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> iam.AddToResourcePolicyResult:
        """Adds a statement to the model's resource policy."""
        ...

    def add_generation_job(self, id: str, **options: Unpack[AudienceGenerationJobOptions]) -> AudienceGenerationJob:
        """Starts an audience generation job with it."""
        ...


class ConfiguredAudienceModelGrants(ResourceGrants):
    """Grants on a configured audience model.

    Args:
        model: The configured audience model.
    """

    def __init__(self, model: IConfiguredAudienceModel) -> None:
        super().__init__(CONFIGURED_AUDIENCE_MODEL, model, model.configured_audience_model_arn)

    def start_audience_generation_job(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grants permission to start jobs with it.

        A principal of another account needs a statement in the model's resource policy, too.

        Args:
            grantee: The principal.

        Raises:
            ValueError: The imported ARN is not of this kind.
        """
        return self._grant(AUDIENCE_GENERATION_JOB, "StartAudienceGenerationJob", grantee)


class _ConfiguredAudienceModelBase(ServiceRoleResource):
    _policy: ConfiguredAudienceModelPolicy | None = None

    @property
    @abstractmethod
    def configured_audience_model_arn(self) -> str:
        """The configured audience model's ARN."""

    @property
    def grants(self) -> ConfiguredAudienceModelGrants:
        """Grants on this resource."""
        return ConfiguredAudienceModelGrants(self)

    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> iam.AddToResourcePolicyResult:
        """Adds a statement to the model's resource policy, beside those of others.

        It lets another account start jobs with the model. An association that manages the model's policy does the
        same; both together are refused at synth. The policy of a model in another account or Region cannot be changed
        from this stack: nothing is added, and the result says so.

        Args:
            statement: What to allow. Without resources it applies to the model, and to the jobs that are started with
                it. A condition on ``cleanrooms-ml:CollaborationId`` keeps jobs inside the collaboration.

        Returns:
            Whether the statement was added, and the construct to depend on.
        """
        if self._policy is None:
            if self._is_elsewhere():
                return iam.AddToResourcePolicyResult(statement_added=False)
            arn = self.configured_audience_model_arn
            self._policy = ConfiguredAudienceModelPolicy(self, "Policy", configured_audience_model_arn=arn)
        self._policy.add(statement)
        return iam.AddToResourcePolicyResult(statement_added=True, policy_dependable=self._policy)

    def _is_elsewhere(self) -> bool:
        """Whether it is certainly in another account or Region than the stack."""
        own, stack = self.env, self.stack
        pairs = ((own.account, stack.account), (own.region, stack.region))
        return any(one != other and not is_token(one) and not is_token(other) for one, other in pairs)

    def add_generation_job(self, id: str, **options: Unpack[AudienceGenerationJobOptions]) -> AudienceGenerationJob:
        """Starts an audience generation job with it, in the scope of this construct.

        Args:
            id: Construct ID.
            options: The arguments of ``AudienceGenerationJob`` except the model.
        """
        from .audience_generation_job import AudienceGenerationJob

        return AudienceGenerationJob(self, id, configured_audience_model=self, **options)


class _Imported(ImportedResource, _ConfiguredAudienceModelBase):
    @property
    def configured_audience_model_arn(self) -> str:
        return self._arn


class ConfiguredAudienceModelOptions(TypedDict, total=False):
    """The arguments of ``ConfiguredAudienceModel`` except the model; see there."""

    output_bucket: Required[cdk.aws_s3.IBucket]
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


@jsii.implements(iam.IGrantable)
class ConfiguredAudienceModel(_ConfiguredAudienceModelBase, CleanRoomsMLResource):
    """How audiences are generated from an audience model, and where they are written.

    Created and updated at once. Everything can be updated in place except its name, its tag policy, and whether
    it has sizes at all: those replace it. Deleting it removes it from any collaboration.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        audience_model: The audience model, of this account.
        output_bucket: Where audiences are written. In the collaboration's Region.
        output_prefix: The beginning of the written objects' keys. Default: none.
        audience_sizes: The sizes of audiences on offer. Default: the service's.
        shared_audience_metrics: Whether the caller that starts a job sees its metrics. With NONE the service gives the
            jobs of this model no recall and no relevance: they have no such attributes and no gates on them.
            Default: NONE.
        min_matching_seed_size: How many users of a seed have to be known to the model, 25 to 500,000. Default: 500.
        child_resource_tag_on_create_policy: Whether jobs take over the tags. Default: the service's.
        configured_audience_model_name: Its name, 1 to 63 characters. With a fixed name, a replacement fails
            until the name changes too. Default: generated.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        role: The role with which the service writes audiences. Default: a role that may write below the prefix, and
            nothing else.
        adopt_existing: ARN of one that exists already, to be taken over instead of creating one; its name has to be
            given. Nothing deletes it as long as this is there. Default: none.
        removal_policy: What to do when it is removed from the stack. Default: DESTROY.

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
        output_bucket: cdk.aws_s3.IBucket,
        output_prefix: str | None = None,
        audience_sizes: AudienceSizes | None = None,
        shared_audience_metrics: SharedAudienceMetrics | None = None,
        min_matching_seed_size: int | None = None,
        child_resource_tag_on_create_policy: TagOnCreatePolicy | None = None,
        configured_audience_model_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        role: iam.IRole | None = None,
        adopt_existing: str | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        expect(
            "audience_model", audience_model, IAudienceModel, "a model. Pass AudienceModel.from_audience_model_arn(...)"
        )
        expect("audience_sizes", audience_sizes, AudienceSizes, "AudienceSizes")
        expect("shared_audience_metrics", shared_audience_metrics, SharedAudienceMetrics, "SharedAudienceMetrics")
        policy = child_resource_tag_on_create_policy
        expect("child_resource_tag_on_create_policy", policy, TagOnCreatePolicy, "TagOnCreatePolicy")
        expect_location("output", output_bucket, output_prefix)
        super().__init__(scope, id, spec=CONFIGURED_AUDIENCE_MODEL, tags=tags, adopt_existing=adopt_existing)
        self._audience_sizes = audience_sizes
        self._hides_metrics = shared_audience_metrics in (None, SharedAudienceMetrics.NONE)
        self._role: iam.IRole = role or self._create_role(
            description="Clean Rooms ML writes audiences",
            statements=write_statements(output_bucket, output_prefix or ""),
            source="configured-audience-model/*",
        )
        # For jobs, whose seed must not be in the same bucket.
        self._output_uri = s3_uri(output_bucket, output_prefix)
        self._deploy(
            {
                "name": configured_audience_model_name,
                "description": description,
                "audienceModelArn": audience_model.audience_model_arn,
                "outputConfig": {
                    "destination": {"s3Destination": {"s3Uri": self._output_uri}},
                    "roleArn": self._passable(self._role),
                },
                "sharedAudienceMetrics": [(shared_audience_metrics or SharedAudienceMetrics.NONE).value],
                "minMatchingSeedSize": min_matching_seed_size,
                "audienceSizeConfig": audience_sizes._render() if audience_sizes else None,
                "childResourceTagOnCreatePolicy": policy.value if policy else None,
            },
            role=self._role,
            needs=[audience_model],
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_configured_audience_model_arn(
        scope: Construct, id: str, configured_audience_model_arn: str
    ) -> IConfiguredAudienceModel:
        """A configured audience model that is defined outside this stack, in this account or a provider's.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            configured_audience_model_arn: Its ARN.
        """
        return _Imported(scope, id, configured_audience_model_arn)

    @staticmethod
    def from_configured_audience_model_attributes(
        scope: Construct, id: str, *, configured_audience_model_arn: str, role: iam.IRole | None = None
    ) -> IConfiguredAudienceModel:
        """A configured audience model that is defined outside this stack, with its role.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            configured_audience_model_arn: The configured audience model's ARN.
            role: The role with which the service writes audiences. Default: unknown.
        """
        return _Imported(scope, id, configured_audience_model_arn, role=role)

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
        """The role with which the service writes audiences."""
        return self._role
