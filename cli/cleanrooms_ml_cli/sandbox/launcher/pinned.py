"""The MiniStack version and the private names that the launcher builds on."""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Any

from ..errors import Prerequisite

VERSION = "1.5.33"

# module -> the names that are read, called or replaced
_HOOKS: dict[str, tuple[str, ...]] = {
    "ministack.app": (
        "AUTH",
        "SERVICE_HANDLERS",
        "SERVICE_REGISTRY",
        "_lazy_handler",
        "_loaded_modules",
        "app",
        "main",
    ),
    "ministack.core.concurrency": ("run_reentrant",),
    "ministack.core.iam_actions": ("request_tag_context",),
    "ministack.core.iam_evaluator": ("AuthError", "caller_arn", "enforce", "fnmatch_iam_cs"),
    "ministack.core.responses": ("get_account_id", "get_region"),
    "ministack.core.router": ("SERVICE_PATTERNS", "detect_service", "extract_access_key_id", "extract_region"),
    "ministack.services.cloudformation": ("_stack_events", "_stacks"),
    "ministack.services.cloudformation.custom_resource": (
        "_response_url",
        "deliver_response",
        "invoke_custom_resource",
    ),
    "ministack.services.cloudformation.changesets": ("_IMPORT_LOOKUPS", "_resolve_refs"),
    "ministack.services.cloudformation.engine": ("_resolve_refs",),
    "ministack.services.cloudformation.handlers": (
        "_ACTION_HANDLERS",
        "_delete_stack_async",
        "_parse_template",
        "_resolve_refs",
        "_resolve_template",
        "_roll_back_operation",
    ),
    "ministack.services.cloudformation.provisioners": (
        "_REPLACING_PROPERTIES",
        "_RESOURCE_HANDLERS",
        "_STACK_TAG_PROPERTY",
        "_update_resource",
        "_cw_metric_alarm_record",
    ),
    "ministack.services.cloudformation.stacks": (
        "_add_event",
        "_continue_update_rollback_async",
        "_delete_resource",
        "_delete_stack_async",
        "_resolve_refs",
        "_revert_update",
        "_roll_back_operation",
        "_with_dependencies",
    ),
    "ministack.services.eventbridge": ("_dispatch_to_lambda", "_put_events"),
    "ministack.services.iam": ("_roles",),
    "ministack.services.lambda_svc": (
        "_execute_function_with_config_scope",
        "_execution_record_for_config",
        "_functions",
        "_get_func_record_for_ref",
        "_route_async_failure",
        "invoke_async_with_retry",
    ),
    "ministack.services.stepfunctions": (
        "_SFN_WAIT_SCALE",
        "_add_event",
        "_emit_execution_status_event",
        "_executions",
        "_fail_execution",
        "_invoke_resource",
        "_run_execution",
        "_state_machines",
        "now_iso",
        "time",
    ),
}


def check() -> None:
    """Refuse a MiniStack that is not the pinned one.

    Raises:
        Prerequisite: MiniStack is missing, has another version, or lacks a name that is hooked.
    """
    install = "install it with: pip install 'cdk-cleanrooms-ml[sandbox]'"
    try:
        found = importlib.metadata.version("ministack")
    except importlib.metadata.PackageNotFoundError:
        raise Prerequisite(f"MiniStack is not installed; {install}") from None
    if found != VERSION:
        raise Prerequisite(f"MiniStack {found} is installed; the sandbox is built on {VERSION} and no other; {install}")
    missing = [f"{name}.{hook}" for name, hooks in _HOOKS.items() for hook in _missing(name, hooks)]
    if missing:
        raise Prerequisite(
            f"MiniStack {found} lacks {', '.join(missing)}; the installation is not the published one; {install}"
        )


def _missing(module_name: str, hooks: tuple[str, ...]) -> list[str]:
    try:
        module = importlib.import_module(module_name)
    except ImportError:
        return ["*"]
    return [hook for hook in hooks if not hasattr(module, hook)]


def module(name: str) -> Any:
    """A module of MiniStack, which has no type information."""
    return importlib.import_module(f"ministack.{name}")
