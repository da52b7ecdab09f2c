"""A property that names an S3 object: read only where constructs write it, in the stack's own asset bucket."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest

from cleanrooms_ml_simulator.lifecycle.cases import THING
from cleanrooms_ml_simulator.templates import ASSET_BUCKET, channel, configured_audience_model, template
from cleanrooms_ml_simulator.world import World

_SECRET = "password=very-secret"
_KEY = f"{sha256(_SECRET.encode()).hexdigest()}.sql"


def reads(world: World) -> int:
    """How often an object was read."""
    return len([call for call in world.wire.calls if call.service == "s3"])


def reference(bucket: str = ASSET_BUCKET, key: str = _KEY) -> Mapping[str, str]:
    """A property that names an object."""
    return {"S3Bucket": bucket, "S3Key": key}


@pytest.mark.parametrize(
    ("bucket", "key"),
    [
        ("secrets", _KEY),
        (f"{ASSET_BUCKET}-mine", _KEY),
        ("", _KEY),
        (ASSET_BUCKET, "config/database.json"),
        (ASSET_BUCKET, f"{_KEY}/../database.json"),
        (ASSET_BUCKET, _KEY.replace(".sql", "")[:63]),
        (ASSET_BUCKET, f"{_KEY}\n"),
        (ASSET_BUCKET, f"../{_KEY}"),
        (ASSET_BUCKET, f"assets/../../secrets/{_KEY}"),
        (ASSET_BUCKET, f"./{_KEY}"),
        (ASSET_BUCKET, f"assets//{_KEY}"),
        (ASSET_BUCKET, f"/{_KEY}"),
        (ASSET_BUCKET, f"%2e%2e/{_KEY}"),
        (ASSET_BUCKET, f"assets?versionId=1/{_KEY}"),
        (ASSET_BUCKET, f"\u00e4/{_KEY}"),
        (ASSET_BUCKET.upper(), _KEY),
        (f"{ASSET_BUCKET},secrets", _KEY),
        (f"arn:aws:s3:us-east-1:000000000000:accesspoint/{ASSET_BUCKET}", _KEY),
        (f"../{ASSET_BUCKET}", _KEY),
    ],
)
def test_an_object_that_is_no_asset_of_the_stack_is_not_read(world: World, bucket: str, key: str) -> None:
    world.put_object(bucket, key, _SECRET)
    stack = world.stack()
    assert stack.create(template(channel(THING, query=reference(bucket, key)))) == "ROLLBACK_COMPLETE"
    assert "is not a file asset of this stack" in stack.why(THING)
    assert not reads(world)
    assert not world.mutations()


def test_an_asset_is_not_read_in_another_property(world: World) -> None:
    world.put_object(ASSET_BUCKET, _KEY, _SECRET)
    stack = world.stack()
    attack = configured_audience_model(THING, description=reference())
    assert stack.create(template(attack)) == "ROLLBACK_COMPLETE"
    assert _SECRET not in stack.why(THING)
    assert not reads(world)
    assert not world.mutations()


@pytest.mark.parametrize("form", ["as a member", "in a list", "in itself"])
@pytest.mark.parametrize("member", ["description", "inputChannel", "retentionInDays", "unknown"])
def test_an_asset_is_not_read_in_what_only_looks_like_a_query(world: World, member: str, form: str) -> None:
    """A reason shows the beginning of a long text, which is not redacted."""
    world.put_object(ASSET_BUCKET, _KEY, _SECRET * 10)
    query: Any = {"sqlParameters": {"queryString": reference()}}
    looks = {"as a member": query, "in a list": [query], "in itself": {"sqlParameters": {"queryString": query}}}
    attack = channel(THING)
    attack[THING]["Properties"][member] = looks[form]
    stack = world.stack()
    assert stack.create(template(attack)) == "ROLLBACK_COMPLETE"
    assert _SECRET[:8] not in stack.why(THING)
    assert not reads(world)
    assert not world.mutations()


def test_an_asset_larger_than_a_query_is_not_read_to_its_end(world: World) -> None:
    world.put_object(ASSET_BUCKET, _KEY, "x" * 2_000_001)
    stack = world.stack()
    assert stack.create(template(channel(THING, query=reference()))) == "ROLLBACK_COMPLETE"
    assert "EntityTooLarge" in stack.why(THING)
    assert not world.mutations()


def test_an_asset_that_is_no_text_is_refused_with_a_reason(world: World) -> None:
    world.wire.objects[ASSET_BUCKET, _KEY] = b"\xff\xfe\x00"
    stack = world.stack()
    assert stack.create(template(channel(THING, query=reference()))) == "ROLLBACK_COMPLETE"
    assert "the object is no UTF-8 text" in stack.why(THING)
    assert not world.mutations()


def test_an_asset_below_the_prefix_of_a_bootstrap_is_read(world: World) -> None:
    world.put_object(ASSET_BUCKET, f"team/assets/{_KEY}", "SELECT 1 FROM a")
    stack = world.stack()
    assert stack.create(template(channel(THING, query=reference(key=f"team/assets/{_KEY}")))) == "CREATE_COMPLETE"
