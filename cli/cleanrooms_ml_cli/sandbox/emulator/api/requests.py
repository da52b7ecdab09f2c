"""One request in, one reply out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleanrooms_ml_handlers.model import Operation

from ..behaviors.views import view
from ..calls import SERVICES, SIGNING_NAMES, Call
from ..errors import ApiError, DroppedConnection, defect, unsupported
from ..kinds import KIND_OF_OPERATION, Verb
from ..models import service_model
from ..rules.authorization import Need, needs
from ..rules.rates import rate
from ..rules.roles import require_roles
from ..state.faults import BEFORE_EFFECT, OF_THE_REPLY, Fault
from ..state.state import State
from ..state.world import World
from .checks import validate
from .operations import run_kind_operation
from .outcome import Outcome
from .routes import Router, service_of
from .specials import SPECIALS
from .wire import Request, Response, error_response, error_status, success_response

_CREATING = (Verb.CREATE, Verb.PUT)
# The caller of the types that CloudFormation has itself.
CLOUDFORMATION = "cloudformation.amazonaws.com"


class Requests:
    """Answers requests on the emulator's state.

    Args:
        state: The state of the emulator.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._routers = {service: Router(service) for service in SERVICES.values()}

    def handle(self, request: Request) -> Response:
        """Answers a request to a service.

        Raises:
            DroppedConnection: A fault asks for a connection that ends without a reply.
        """
        call: Call | None = None
        fault: Fault | None = None
        outcome: Outcome | None = None
        error: ApiError | None = None
        held = None
        with self._state.current(request.account, request.region) as world:
            request_id = world.ids.new()
            service = service_of(request, self._routers)
            try:
                call = self._routers[service].call(request)
                fault = self._state.faults.take(call.operation.name)
                self._throttle_call(world, call, fault)
                outcome = self._run(world, call, fault)
                if fault is not None and fault.kind == "lost_reply":
                    raise fault.error()
                response = success_response(call.model, call.operation.name, outcome.result, request_id)
            except Exception as raised:
                error = raised if isinstance(raised, ApiError) else defect(_named(call, request), raised)
                response = error_response(service_model(service), error, request_id)
            is_dropped = fault is not None and fault.kind in ("drop_before", "drop_after")
            if fault is not None and fault.kind == "hold":
                held = self._state.holds.add(_named(call, request), world.account, request.caller)
            self._note(
                world,
                request_id,
                call,
                fault,
                outcome,
                service=service,
                status=0 if is_dropped else response.status,
                error="DroppedConnection" if is_dropped else error.code if error else "",
                message=error.message if error and not is_dropped else "",
                caller=request.caller,
                method=request.method,
                path=request.path,
            )
        if is_dropped:
            raise DroppedConnection(f"A fault dropped the connection of {_named(call, request)}")
        if held is not None:
            held.wait()
        if fault is not None and fault.kind == "delay":
            self._state.sleep(fault.delay_seconds)
        return response

    def perform(
        self,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        *,
        account: str = "",
        region: str = "",
        system_tags: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """Does what a request would do, for CloudFormation, and journals it.

        Args:
            service: The service by its name in boto3.
            operation: One of its operations; also those that CloudFormation alone calls here.
            params: The parameters.
            account: The account of the stack.
            region: Its Region.
            system_tags: Tags that AWS itself adds to the resource.

        Returns:
            All members of the record that it concerned.

        Raises:
            ApiError: The service refuses it.
        """
        described = service_model(service).operations.get(operation)
        unknown = Operation(operation, "", "", 200, None, None, errors=("ResourceNotFoundException",))
        call = Call(service, described or unknown, dict(params))
        with self._state.current(account, region) as world:
            fault = self._state.faults.take(operation, but=OF_THE_REPLY)
            outcome: Outcome | None = None
            error: ApiError | None = None
            try:
                outcome = self._run(world, call, fault)
                record = world.records.get(outcome.key)
                if record is not None and system_tags:
                    record.tags.update(system_tags)
                return view(world, record) if record is not None else {}
            except Exception as raised:
                error = raised if isinstance(raised, ApiError) else defect(operation, raised)
                raise error from raised.__cause__
            finally:
                self._note(
                    world,
                    world.ids.new(),
                    call,
                    fault,
                    outcome,
                    service=service,
                    status=error_status(call.model, error) if error else 200,
                    error=error.code if error else "",
                    message=error.message if error else "",
                    caller=CLOUDFORMATION,
                    method="",
                    path="",
                )

    def read(self, operation: str, params: Mapping[str, str], account: str, region: str) -> Mapping[str, Any]:
        """All members of the record that parameters name, of the kind that an operation is about.

        Raises:
            ApiError: ResourceNotFoundException.
        """
        kind = KIND_OF_OPERATION[operation]
        with self._state.current(account, region) as world:
            return view(world, world.locate(kind, kind.name_in(params)))

    def authorization(self, request: Request) -> list[Need]:
        """The IAM actions that a request needs; none for one that is refused anyway."""
        with self._state.current(request.account, request.region) as world:
            try:
                call = self._routers[service_of(request, self._routers)].call(request)
                validate(call)
            except ApiError:
                return []
            return needs(world, call, SIGNING_NAMES[call.service])

    def _throttle_call(self, world: World, call: Call, fault: Fault | None) -> None:
        operation = call.operation.name
        if (fault is not None and fault.kind in BEFORE_EFFECT) or not world.options.throttle:
            return
        key = (world.account, world.region, call.service, operation)
        if not self._state.throttle.allows(rate(call.service, operation), key, world.now()):
            raise ApiError("ThrottlingException", f"Rate exceeded for {operation}")

    def _run(self, world: World, call: Call, fault: Fault | None) -> Outcome:
        operation = call.operation.name
        kind = KIND_OF_OPERATION.get(operation)
        creates = kind is not None and kind.operations[operation] in _CREATING
        if fault is not None and (fault.kind in BEFORE_EFFECT or (fault.kind == "not_found" and not creates)):
            raise fault.error()
        validate(call)
        require_roles(world, call)
        if operation in SPECIALS:
            return SPECIALS[operation](world, call)
        if kind is None:
            raise unsupported(call.service, operation, _emulated(call.service))
        created_before = world.created_count
        outcome = run_kind_operation(world, kind, call)
        if fault is not None and fault.kind == "not_found":
            for record in world.records.values():
                if record.number > created_before:
                    record.visible_from = world.now() + fault.not_found_seconds
        return outcome

    def _note(
        self,
        world: World,
        request_id: str,
        call: Call | None,
        fault: Fault | None,
        outcome: Outcome | None,
        **fields: Any,
    ) -> None:
        self._state.journal.add(
            time=world.now(),
            operation=call.operation.name if call else "",
            params=call.params if call else {},
            arn=outcome.key if outcome else _named_arn(call),
            account=world.account,
            region=world.region,
            took_effect=outcome is not None,
            fault=fault.kind if fault else "",
            request_id=request_id,
            **fields,
        )


def _emulated(service: str) -> set[str]:
    """The operations of a service that the emulator has."""
    return {name for name in service_model(service).operations if name in KIND_OF_OPERATION or name in SPECIALS}


def _named(call: Call | None, request: Request) -> str:
    """The operation of a request; its method and path if it is not known."""
    return call.operation.name if call else f"{request.method} {request.path}"


def _named_arn(call: Call | None) -> str:
    """The resource that a request without effect was about."""
    if call is None:
        return ""
    labels = (name for name in call.params if f"{{{name}}}" in call.operation.request_uri)
    return next((str(call.params[name]) for name in labels if name.endswith("Arn")), "")
