"""An app with the plugin, for the CDK CLI; the variable CASE chooses what is wrong with it."""

from __future__ import annotations

import os

import aws_cdk as cdk
import jsii

from cdk_cleanrooms_ml import CleanRoomsMLChecks, checks
from tests.policy.samples import channel

CASE = os.environ["CASE"]


@jsii.implements(cdk.IPolicyValidationPlugin)
class Raising:
    """A plugin that raises, to show how the CDK treats it."""

    @property
    @jsii.member(jsii_name="name")
    def name(self) -> str:
        """The plugin's name."""
        return "Raising"

    @jsii.member(jsii_name="validate")
    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Raises."""
        raise RuntimeError("boom")


def fail(*_: object) -> None:
    """A fault of our own."""
    raise RuntimeError("boom")


app = cdk.App()
top = cdk.Stack(app, "Top")
inner = cdk.Stack(cdk.Stage(app, "Stage"), "In")
for stack in (top, inner):
    is_mistaken = CASE in ("mistake", "acknowledged") if stack is top else CASE == "mistake in a stage"
    (resource,) = channel({"ServiceToken": "a", "inputChannel.roleArn": "arn:aws:iam::111122223333:role/r"}).values()
    channel_resource = cdk.CfnResource(stack, "Channel", type=resource["Type"], properties=resource["Properties"])
    channel_resource.add_property_override("retentionInDays", 31 if is_mistaken else 30)
    if CASE == "acknowledged":
        acknowledged = cdk.Acknowledgment(id="CleanRoomsMLChecks::cleanrooms-ml:range", reason="a quota of ours")
        cdk.Validations.of(channel_resource).acknowledge(acknowledged)
if CASE == "fault":
    vars(checks)["check_file"] = fail
plugin: cdk.IPolicyValidationPlugin
plugin = vars()["Raising"]() if CASE == "another plugin raises" else CleanRoomsMLChecks()
cdk.Validations.of(app).add_plugins(plugin)
app.synth()
