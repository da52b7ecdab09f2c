"""Small faults of the engine about which the contract has no rule: whom it trusts above all, with their tests."""

from __future__ import annotations

from .mutation import Mutation

_SECURITY = "tests/security"
_PARENTS = f"{_SECURITY}/test_parents.py::test"
_MADE_UP = f"{_SECURITY}/test_made_up_proof.py::test"
_EVENTS = f"{_SECURITY}/test_events.py::test"
_ASSETS = f"{_SECURITY}/test_assets.py::test"
_DISTRUST = "tests/secrecy/test_distrust.py::test"
_ASSUMPTIONS = "tests/protocol/test_assumptions.py::test"
_LONG_WAITS = "tests/protocol/test_long_waits.py::test"
_OVERLAP = "tests/protocol/test_overlap.py::test"

_PARENT = (
    Mutation(
        "any parent of a kind without tags will do",
        "engine.py",
        "        require_own_parent(step, step.request.properties)\n",
        "",
        f"{_PARENTS}_nothing_is_put_on_a_parent_of_another_stack",
    ),
    Mutation(
        "a Ready reads the export of any parent",
        "waiting.py",
        "    require_own_parent(step, identifiers)\n",
        "",
        f"{_PARENTS}_a_ready_reads_no_export_of_another_stack",
    ),
    Mutation(
        "a watch reports whatever its progress names",
        "watching.py",
        "        return record if record is not None and _may_be_shown(step, record) else None\n",
        "        return record\n",
        f"{_MADE_UP}_a_made_up_watch_reports_nothing_of_another_stack",
    ),
    Mutation(
        "a parent without a tag is the stack's",
        "parents.py",
        "    return False\n",
        "    return record is not None\n",
        f"{_PARENTS}_a_parent_that_nobody_tagged_is_another_ones",
    ),
    Mutation(
        "a parent that the stack created has to be named too",
        "parents.py",
        "    if parent.kind and _is_of_stack(",
        "    if not parent.kind and _is_of_stack(",
        f"{_PARENTS}_a_parent_that_the_stack_creates_is_known_by_its_tag",
    ),
    Mutation(
        "the front records a request for any parent",
        "front.py",
        "    if foreign:\n",
        "    if False:\n",
        f"{_PARENTS}_the_configuration_of_another_owner_is_not_deleted_after_a_claim_to_it",
    ),
    Mutation(
        "a lost request for any parent is started again",
        "rescue.py",
        "        if request is not None and foreign:\n",
        "        if False:\n",
        f"{_MADE_UP}_no_claim_to_the_configuration_of_another_owner_is_recorded",
    ),
    Mutation(
        "a request of another kind is a claim",
        "history.py",
        "    return past.is_of_own_kind and subject(",
        "    return subject(",
        f"{_MADE_UP}_no_claim_to_the_configuration_of_another_owner_is_recorded",
    ),
    Mutation(
        "a Delete of any singleton is believed",
        "singleton.py",
        "        if not is_vouched_for(step, desired, record):\n",
        "        if False:\n",
        f"{_PARENTS}_the_configuration_of_another_owner_is_not_deleted",
    ),
    Mutation(
        "any singleton is undone as that of a canceled update",
        "singleton.py",
        " or not is_vouched_for(step, desired, record):\n",
        ":\n",
        f"{_PARENTS}_the_configuration_of_another_owner_is_not_undone_as_a_canceled_update",
    ),
    Mutation(
        "a singleton that has left the template stays",
        "singleton_ownership.py",
        " or all(map(step.request.is_role_of_stack, chain(*roles))):\n",
        ":\n",
        f"{_PARENTS}_a_configuration_is_deleted_months_after_its_membership_left_the_template",
    ),
    Mutation(
        "a role of any path was created for the stack",
        "request.py",
        'role_arn.startswith(f"arn:{partition}:iam::{account}:role{path}")',
        "path in role_arn",
        f"{_PARENTS}_the_path_of_a_role_says_for_which_stack_it_was_created",
    ),
    Mutation(
        "the beginning of a hash proves whose a statement is",
        "resource_policy.py",
        "    return head == _SID_PREFIX and number.isdecimal() and len(number) <= _OLD_NUMBER_CHARS\n",
        "    return head == _SID_PREFIX\n",
        f"{_PARENTS}_statements_with_the_beginning_of_the_hash_are_not_the_stacks",
    ),
    Mutation(
        "statements of an earlier version are written again",
        "resource_policy.py",
        'for key, value in statement.items() if key != "Sid"}',
        "for key, value in statement.items()}",
        f"{_PARENTS}_statements_of_an_earlier_version_are_not_written_again",
    ),
)

_OWNERSHIP = (
    Mutation(
        "what has no ownership tag is the stack's",
        "identity.py",
        '        return record.tags.get(OWNERSHIP_TAG_KEY, "").startswith(f"{self.stack_guid}/")\n',
        "        return record.tags.get(OWNERSHIP_TAG_KEY, self.stack_guid).startswith(self.stack_guid)\n",
        f"{_MADE_UP}_what_has_no_room_for_the_ownership_tag_is_not_this_stacks"
        f" {_MADE_UP}_a_ready_reads_nothing_that_has_no_room_for_the_ownership_tag",
    ),
    Mutation(
        "made-up progress reads what another stack has",
        "engine.py",
        "    if step.spec.is_taggable and not owns(step, record):\n",
        "    if False:\n",
        f"{_MADE_UP}_an_id_in_made_up_progress_reads_nothing_of_another_stack",
    ),
    Mutation(
        "made-up progress reads what belongs to any parent",
        "engine.py",
        "    require_own_parent(step, identifiers or {})\n",
        "",
        f"{_MADE_UP}_an_id_in_made_up_progress_reads_nothing_of_another_stack",
    ),
    Mutation(
        "another logical id's tag is a shared one for any kind",
        "ownership.py",
        "        return has_other_versions(step, record)\n",
        "        return True\n",
        f"{_DISTRUST}_a_delete_of_another_logical_ids_resource_changes_nothing",
    ),
    Mutation(
        "a first version whose tag a later one has replaced is not the stack's",
        "ownership.py",
        "        return has_other_versions(step, record)\n",
        "        return False\n",
        f"{_ASSUMPTIONS}_a_model_that_continues_another_is_deleted_alone_whatever_it_is_to_the_service",
    ),
    Mutation(
        "a request takes over what nobody has tagged",
        "adoption.py",
        "    if not owner and not step.service.template_names(physical_id):\n",
        "    if False:\n",
        f"{_PARENTS}_a_request_takes_over_nothing_that_the_template_does_not_name",
    ),
    Mutation(
        "a Ready reads what another stack has",
        "waiting.py",
        "    if step.spec.is_taggable and not step.owner.is_in_stack(record):\n",
        "    if False:\n",
        f"{_EVENTS}_a_ready_reads_nothing_of_another_stack",
    ),
)

_EVENT = (
    Mutation(
        "a request may be signed in the future",
        "request.py",
        "    if request.signed_at > now + CLOCK_SECONDS:\n",
        "    if False:\n",
        f"{_EVENTS}_a_request_that_is_signed_in_the_future_is_refused",
    ),
    Mutation(
        "a request may be as old as it likes",
        "request.py",
        "    if request.signed_at < now - VALID_SECONDS and not is_proven():\n",
        "    if False:\n",
        f"{_EVENTS}_a_request_that_was_signed_long_ago_is_refused",
    ),
    Mutation(
        "a name proves that an execution has gone on for weeks",
        "proof.py",
        "    return _first(service, request, execution) is not None\n",
        "    return True\n",
        f"{_EVENTS}_a_request_that_was_signed_long_ago_is_refused",
    ),
    Mutation(
        "an event of too many levels raises",
        "request.py",
        "TypeError, AttributeError, RecursionError)",
        "TypeError, AttributeError)",
        f"{_EVENTS}_an_event_of_ten_thousand_levels_is_refused_and_not_raised",
    ),
    Mutation(
        "an expiry time may be any number",
        "reply_address.py",
        '_SECONDS = re.compile("[0-9]{1,10}")',
        '_SECONDS = re.compile(".*")',
        f"{_EVENTS}_a_signing_time_that_is_none_is_refused_and_not_raised",
    ),
    Mutation(
        "a request may wait longer than CloudFormation does",
        "request.py",
        'min(int(self.settings.get("TimeoutSeconds", DEFAULT_TIMEOUT_SECONDS)), DEFAULT_TIMEOUT_SECONDS)',
        'int(self.settings.get("TimeoutSeconds", DEFAULT_TIMEOUT_SECONDS))',
        f"{_EVENTS}_a_request_cannot_ask_for_a_longer_time_than_cloudformation_waits",
    ),
    Mutation(
        "a kind that the template does not have is created",
        "worker.py",
        '    if request.kind == "Delete" or kinds is None or request.spec_kind in kinds.split(","):\n',
        "    if True:\n",
        f"{_EVENTS}_a_kind_that_the_template_does_not_have_is_neither_created_nor_changed",
    ),
    Mutation(
        "an address with control characters is answered",
        "reply_address.py",
        "    if not _PLAIN.fullmatch(address):\n",
        "    if False:\n",
        f"{_SECURITY}/test_reply_host.py::test_no_other_bucket_is_answered",
    ),
    Mutation(
        "any bucket that begins like CloudFormation's is answered",
        "reply_address.py",
        "parts.netloc in _reply_hosts(stack_id, environment)",
        "parts.netloc.startswith(_REPLY_BUCKET_PREFIX)",
        f"{_SECURITY}/test_reply_host.py::test_no_other_bucket_is_answered",
    ),
)

_ASSET = (
    Mutation(
        "a file asset is read in any member",
        "texts.py",
        "    if shape == _QUERY and is_asset(value):\n",
        "    if is_asset(value):\n",
        f"{_ASSETS}_an_asset_is_not_read_in_another_property",
    ),
    Mutation(
        "an object of any key is a file asset",
        "texts.py",
        "    if not ASSET_KEY.fullmatch(key):\n",
        "    if False:\n",
        f"{_ASSETS}_an_object_that_is_no_asset_of_the_stack_is_not_read",
    ),
    Mutation(
        "a key may go up in the tree",
        "identity.py",
        "((?!\\.{1,2}/)[-\\w!.*'()]+/)*",
        "([-\\w!.*'()]+/)*",
        f"{_ASSETS}_an_object_that_is_no_asset_of_the_stack_is_not_read",
    ),
    Mutation(
        "a file asset is read to its end",
        "texts.py",
        "_TEXT_BYTES = 4 * int(",
        "_TEXT_BYTES = 4000 * int(",
        f"{_ASSETS}_an_asset_larger_than_a_query_is_not_read_to_its_end",
    ),
)

_WAITING = (
    Mutation(
        "what runs is looked for on the known pages of the executions only",
        "executions.py",
        "        return None if self._asks_for_running else found\n",
        "        return found\n",
        f"{_OVERLAP}_a_canceled_create_on_a_later_page_of_the_executions_creates_nothing_later",
    ),
    Mutation(
        "each link polls as if the run had just begun",
        "outcomes.py",
        "    waited = step.now - min(started, since)\n",
        "    waited = step.now - started\n",
        f"{_LONG_WAITS}_a_job_of_twenty_hours_is_seen_to_its_end_within_a_minute",
    ),
    Mutation(
        "a rollback watches the old run a second time",
        "watches.py",
        "    if past is None:\n        return True\n",
        "    return True\n",
        f"{_LONG_WAITS}_the_rollback_of_a_replacement_ends_the_watch_of_the_new_run_and_keeps_that_of_the_old",
    ),
    Mutation(
        "a busy delete is final if the service calls it invalid",
        "deletion.py",
        " or (error.fault is Fault.INVALID and _is_busy(step, record)):\n",
        ":\n",
        f"{_ASSUMPTIONS}_a_run_in_progress_is_deleted_after_its_end_whatever_the_error_says"
        f" {_ASSUMPTIONS}_a_delete_that_somebody_else_has_begun_ends_whatever_the_error_says",
    ),
)

ENGINE = (*_PARENT, *_OWNERSHIP, *_EVENT, *_ASSET, *_WAITING)
