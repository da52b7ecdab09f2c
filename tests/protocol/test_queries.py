"""Queries from S3 assets: long ones, changed ones, missing ones."""

from __future__ import annotations

from hashlib import sha256

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_simulator.lifecycle.cases import THING
from cleanrooms_ml_simulator.templates import ASSET_BUCKET, channel, generation_job, template
from cleanrooms_ml_simulator.world import World

_CHARS = 500_000


def put(world: World, text: str, bucket: str = ASSET_BUCKET) -> dict[str, str]:
    """Put a query where `cdk deploy` puts assets."""
    key = f"{sha256(text.encode()).hexdigest()}.sql"
    world.put_object(bucket, key, text)
    return {"S3Bucket": bucket, "S3Key": key}


def long_query(name: str) -> str:
    """A query of the maximum length."""
    start = f"SELECT user_id FROM {name} WHERE note <> '"
    return f"{start}{'x' * (_CHARS - len(start) - 1)}'"


def query_of(world: World, arn: str) -> str:
    """The query with which a channel was created."""
    [entry] = [it for it in world.emulator.journal.select("CreateMLInputChannel") if it.arn == arn]
    text: str = entry.params["inputChannel"]["dataSource"]["protectedQueryInputParameters"]["sqlParameters"][
        "queryString"
    ]
    return text


def test_a_query_of_half_a_million_characters_and_then_one_character_changed_create_one_channel_each(
    world: World,
) -> None:
    first, second = long_query("purchases_a"), long_query("purchases_b")
    assert len(first) == len(second) == _CHARS
    stack = world.stack()
    assert stack.create(template(channel(THING, query=put(world, first)))) == "CREATE_COMPLETE"
    one = stack.physical_id(THING)
    assert query_of(world, one) == first
    assert stack.update(template(channel(THING, query=put(world, second)))) == "UPDATE_COMPLETE"
    two = stack.physical_id(THING)
    assert query_of(world, two) == second
    assert world.created() == [one, two]
    assert [record["arn"] for record in world.leftovers()] == [two]


def test_the_same_query_in_another_bucket_is_not_a_change(world: World) -> None:
    stack = world.stack()
    text = "SELECT user_id FROM purchases"
    stack.create(template(channel(THING, query=put(world, text))))
    before = world.mutations()
    moved = template(channel(THING, query=put(world, text, "other-bucket")))
    assert stack.update(moved) == "UPDATE_COMPLETE"
    assert stack.sent("Update", THING)
    assert world.mutations() == before


def test_a_query_with_characters_outside_the_bmp_arrives_unchanged(world: World) -> None:
    text = "SELECT user_id FROM purchases WHERE note = 'ÄÖ€\U0001f6d2'\n"
    stack = world.stack()
    assert stack.create(template(channel(THING, query=put(world, text)))) == "CREATE_COMPLETE"
    assert query_of(world, stack.physical_id(THING)) == text


def test_a_missing_asset_fails_with_the_message_of_s3(world: World) -> None:
    stack = world.stack()
    missing = {"S3Bucket": ASSET_BUCKET, "S3Key": f"{'0' * 64}.sql"}
    assert stack.create(template(channel(THING, query=missing))) == "ROLLBACK_COMPLETE"
    assert "NoSuchKey" in stack.why(THING)
    assert not world.created()


def test_an_asset_is_not_needed_for_the_delete_nor_for_the_rollback(world: World) -> None:
    stack = world.stack()
    before = put(world, "SELECT 1 FROM a")
    stack.create(template(channel(THING, query=before)))
    old = stack.physical_id(THING)
    world.emulator.add_fault(Fault("CreateMLInputChannel", error_code="ValidationException", message="no"))
    changed = put(world, "SELECT 2 FROM a")
    world.after(0.5, lambda: world.wire.objects.pop((ASSET_BUCKET, before["S3Key"])))
    assert stack.update(template(channel(THING, query=changed))) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    world.wire.objects.clear()
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_a_seed_query_of_a_job_may_be_an_asset_too(world: World) -> None:
    job = generation_job(THING)
    seed = job[THING]["Properties"]["seedAudience"]
    seed.pop("dataSource")
    seed["sqlParameters"] = {"queryString": put(world, "SELECT user_id FROM buyers")}
    stack = world.stack()
    assert stack.create(template(job)) == "CREATE_COMPLETE"
    [entry] = world.emulator.journal.select("StartAudienceGenerationJob")
    assert entry.params["seedAudience"]["sqlParameters"]["queryString"] == "SELECT user_id FROM buyers"
