from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_handlers.identity import OWNERSHIP_TAG_KEY, Desired, Owner, Record, orphaned_at
from cleanrooms_ml_handlers.resources import SPECS, spec_of
from cleanrooms_ml_handlers.spec import ResourceSpec
from cleanrooms_ml_handlers.tags import TAGS_PER_RESOURCE

OWNER = Owner("6f5b1a2c-0000-11ef-8000-0e0000000001", "Channel4F1A2B3C")
CHANNEL = spec_of("MLInputChannel")
MODEL = spec_of("ConfiguredAudienceModel")


def wanted(spec: ResourceSpec = CHANNEL, **properties: Any) -> Desired:
    return Desired(spec, {"ServiceToken": "arn", "ServiceTimeout": "3600", **properties})


def record(name: str, **tags: str) -> Record:
    return Record("arn", "arn", name, {"tags": {key.replace("__", ":"): value for key, value in tags.items()}})


def test_the_strings_of_cloudformation_change_no_hash() -> None:
    assert wanted(retentionInDays="30").identity == wanted(retentionInDays=30).identity
    assert wanted(retentionInDays="30").request_hash == wanted(retentionInDays=30).request_hash


@pytest.mark.parametrize(
    "changed", [{"Settings": {"TimeoutSeconds": "60"}}, {"ServiceToken": "other"}, {"tags": {"a": "b"}}]
)
def test_u11_settings_and_tags_are_no_part_of_what_a_resource_is(changed: dict[str, Any]) -> None:
    assert wanted(**changed).identity == wanted().identity
    assert wanted(**changed).request_hash == wanted().request_hash


@pytest.mark.parametrize("changed", [{"RunId": "2"}, {"description": "x"}, {"retentionInDays": "1"}])
def test_every_other_change_to_a_channel_makes_another_one(changed: dict[str, Any]) -> None:
    assert wanted(**changed).identity != wanted().identity
    assert wanted(**changed).request_hash != wanted().request_hash


def test_what_can_be_updated_is_no_part_of_the_identity_but_of_the_request() -> None:
    before, after = wanted(MODEL, minMatchingSeedSize="25"), wanted(MODEL, minMatchingSeedSize="30")
    assert before.identity == after.identity
    assert before.request_hash != after.request_hash


def test_sizes_that_appear_or_vanish_make_another_model_and_other_sizes_do_not() -> None:
    none = wanted(MODEL)
    some = wanted(MODEL, audienceSizeConfig={"audienceSizeBins": ["1"]})
    others = wanted(MODEL, audienceSizeConfig={"audienceSizeBins": ["2"]})
    assert none.identity != some.identity == others.identity


def test_an_s3_object_is_known_by_its_key() -> None:
    def query(bucket: str, key: str) -> Desired:
        return wanted(inputChannel={"roleArn": {"S3Bucket": bucket, "S3Key": key}})

    assert query("a", "1.sql").identity == query("b", "1.sql").identity != query("a", "2.sql").identity


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_a_generated_name_fits_and_is_recognized(spec: ResourceSpec) -> None:
    owner = Owner(OWNER.stack_guid, "Very" * 60 + "Resource4F1A2B3C")
    identity = wanted(spec).identity
    name = owner.name(identity)
    assert len(f"{name}-999") <= 63
    assert owner.named(name, identity)
    assert owner.named(f"{name}-2", identity)
    assert not owner.named(f"{name}x", identity)
    assert not owner.named(name, "0" * 10)
    assert not OWNER.named(name)


def test_logical_ids_show_in_names_without_their_hash() -> None:
    assert OWNER.name("0123456789").startswith("Channel-")


def test_an_ownership_tag_names_the_owner_and_keeps_doing_so_with_a_deletion_marker() -> None:
    identity = wanted().identity
    tag = wanted().tags_with_ownership(OWNER)[OWNERSHIP_TAG_KEY]
    ours = Record("arn", "arn", "any name", {"tags": {OWNERSHIP_TAG_KEY: tag}})
    marked = Record("arn", "arn", "any name", {"tags": {OWNERSHIP_TAG_KEY: f"{tag}/left"}})
    assert OWNER.owns(ours, identity)
    assert OWNER.owns(ours)
    assert not OWNER.owns(ours, "0" * 10)
    assert not Owner(OWNER.stack_guid, "Other").owns(ours)
    assert not Owner("other-guid", OWNER.logical_id).owns(ours)
    assert OWNER.owns(marked, identity)
    assert marked.is_marked_for_deletion
    assert not ours.is_marked_for_deletion


def test_the_ownership_tag_is_always_among_the_tags() -> None:
    many = {f"key{number}": "v" for number in range(TAGS_PER_RESOURCE - 1)}
    assert set(wanted(tags=many).tags_with_ownership(OWNER)) == {OWNERSHIP_TAG_KEY, *many}


def test_a_name_counts_only_where_there_is_no_ownership_tag() -> None:
    name = OWNER.name(wanted().identity)
    assert OWNER.owns(record(name))
    assert not OWNER.owns(Record("arn", "arn", name, {"tags": {OWNERSHIP_TAG_KEY: "other-guid/Channel/0123456789"}}))


def test_names_and_ownership_tags_of_earlier_versions_are_recognized() -> None:
    identity = wanted().identity
    old = f"Channel-{OWNER.hash}-{identity[:10]}"
    assert OWNER.named(old, identity)
    assert OWNER.named(f"{old}-2", identity)
    assert len(OWNER.name(identity)) > len(old)
    tag = OWNER.tag_value(identity[:10])
    assert OWNER.owns(Record("arn", "arn", "any", {"tags": {OWNERSHIP_TAG_KEY: tag}}), identity)
    assert not OWNER.owns(Record("arn", "arn", "any", {"tags": {OWNERSHIP_TAG_KEY: tag[:-1]}}), identity)


def test_an_orphan_id_says_when_its_request_was_signed() -> None:
    assert OWNER.orphan_id(1769860800) == f"lost-{OWNER.hash}-20260131T120000Z"
    assert orphaned_at(OWNER.orphan_id(1769860800)) == 1769860800
    assert orphaned_at(f"lost-{OWNER.hash}") is None


def test_ownership_tags_of_long_logical_ids_fit_into_a_tag_value() -> None:
    one, two = Owner(OWNER.stack_guid, "L" * 255), Owner(OWNER.stack_guid, "L" * 254 + "M")
    assert len(one.tag_value("0" * 10) + "/left") <= 256
    assert one.tag_value("0" * 10) != two.tag_value("0" * 10)
