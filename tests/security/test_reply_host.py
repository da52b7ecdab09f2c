"""Answers go to CloudFormation's own bucket of the Region, and to no other that is called like it."""

from __future__ import annotations

import pytest

from cleanrooms_ml_handlers.reply_address import REPLY_BUCKET, may_answer

_BUCKET = "cloudformation-custom-resource-response-"


def stack_in(region: str, partition: str = "aws") -> str:
    """The ID of a stack."""
    return f"arn:{partition}:cloudformation:{region}:123456789012:stack/shop/6f5b1a2c-0000-11ef-8000-0e0000000001"


@pytest.mark.parametrize(
    ("stack", "host"),
    [
        (stack_in("us-east-1"), f"{_BUCKET}useast1.s3.amazonaws.com"),
        (stack_in("us-east-1"), f"{_BUCKET}useast1.s3.us-east-1.amazonaws.com"),
        (stack_in("us-east-1"), f"{_BUCKET}useast1.s3-fips.us-east-1.amazonaws.com"),
        (stack_in("us-east-1"), f"{_BUCKET}useast1.s3-fips.dualstack.us-east-1.amazonaws.com"),
        (stack_in("eu-west-1"), f"{_BUCKET}euwest1.s3.dualstack.eu-west-1.amazonaws.com"),
        (stack_in("ap-northeast-1"), f"{_BUCKET}apnortheast1.s3-ap-northeast-1.amazonaws.com"),
        (stack_in("us-gov-west-1", "aws-us-gov"), f"{_BUCKET}usgovwest1.s3-fips-us-gov-west-1.amazonaws.com"),
        (stack_in("cn-north-1", "aws-cn"), f"{_BUCKET}cnnorth1.s3.cn-north-1.amazonaws.com.cn"),
        (stack_in("us-iso-east-1", "aws-iso"), f"{_BUCKET}usisoeast1.s3.us-iso-east-1.c2s.ic.gov"),
        (stack_in("eusc-de-east-1", "aws-eusc"), f"{_BUCKET}euscdeeast1.s3.eusc-de-east-1.amazonaws.eu"),
    ],
)
def test_the_bucket_of_the_region_is_answered(stack: str, host: str) -> None:
    assert may_answer(f"https://{host}/key?X-Amz-Date=20261121T120000Z", stack, {})


@pytest.mark.parametrize(
    "address",
    [
        # Anybody can create these.
        f"https://{_BUCKET}mine.s3.amazonaws.com/key",
        f"https://{_BUCKET}useast1-mine.s3.amazonaws.com/key",
        f"https://{_BUCKET}us-east-1.s3.amazonaws.com/key",
        # Those of other Regions and partitions.
        f"https://{_BUCKET}euwest1.s3.eu-west-1.amazonaws.com/key",
        f"https://{_BUCKET}useast1.s3.eu-west-1.amazonaws.com/key",
        f"https://{_BUCKET}useast1.s3.us-east-1.amazonaws.com.cn/key",
        # Other services, hosts, ports and ways to write them.
        f"https://{_BUCKET}useast1.s3-website-us-east-1.amazonaws.com/key",
        f"https://{_BUCKET}useast1.s3-accesspoint.us-east-1.amazonaws.com/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com.example.com/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com@example.com/key",
        f"https://example.com@{_BUCKET}useast1.s3.amazonaws.com/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com:8443/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com./key",
        f"https://example.com/{_BUCKET}useast1.s3.amazonaws.com",
        f"http://{_BUCKET}useast1.s3.amazonaws.com/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com:443/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com:/key",
        f"https://{_BUCKET.upper()}USEAST1.S3.AMAZONAWS.COM/key",
        f"HTTPS://user:password@{_BUCKET}useast1.s3.amazonaws.com/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com%2eexample.com/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com%00.example.com/key",
        f"https://{_BUCKET}useast1%2es3.amazonaws.com/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com\\@example.com/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com#@example.com/key".replace("#", "\\"),
        f"https:///{_BUCKET}useast1.s3.amazonaws.com/key",
        f"https:{_BUCKET}useast1.s3.amazonaws.com/key",
        f"//{_BUCKET}useast1.s3.amazonaws.com/key",
        f"URL:https://{_BUCKET}useast1.s3.amazonaws.com/key",
        f"<https://{_BUCKET}useast1.s3.amazonaws.com/key>",
        f"ftp://{_BUCKET}useast1.s3.amazonaws.com/key",
        f"https://{_BUCKET}useast1.s3.\u0430mazonaws.com/key",
        f"https://{_BUCKET}useast1.s3.amazonaws\u3002com/key",
        f"https://{_BUCKET}useast1.s3\uff0eamazonaws.com/key",
        # Parsers drop these, or do not.
        f"https://{_BUCKET}useast1.s3.ama\tzonaws.com/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com\n/key",
        f" https://{_BUCKET}useast1.s3.amazonaws.com/key",
        f"https://{_BUCKET}useast1.s3.amazonaws.com/key HTTP/1.1\r\nHost: example.com",
        f"https://{_BUCKET}useast1.s3.amazonaws.com/k\u00e9y",
        "",
    ],
)
def test_no_other_bucket_is_answered(address: str) -> None:
    assert not may_answer(address, stack_in("us-east-1"), {})


def test_the_provider_can_name_another_bucket() -> None:
    environment = {REPLY_BUCKET: "answers-of-a-new-region"}
    assert may_answer(
        "https://answers-of-a-new-region.s3.us-east-1.amazonaws.com/key", stack_in("us-east-1"), environment
    )
    assert not may_answer(f"https://{_BUCKET}useast1.s3.amazonaws.com/key", stack_in("us-east-1"), environment)
