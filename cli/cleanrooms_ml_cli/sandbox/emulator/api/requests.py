"""The emulated services: one request in, one reply out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleanrooms_ml_handlers.model import Operation, service_model

from ..calls import SIGNING_NAMES, Call
from ..control import endpoint as control
from ..emulator import Administration
from ..errors import ApiError, DroppedConnection
from ..kinds import KIND_OF_OPERATION, Verb
from ..native import Native
from ..rules.authorization import Need, needs
from ..rules.roles import require_roles
from ..state.faults import BEFORE_EFFECT, Fault
from .checks import validate
from .operations import Outcome, run_kind_operation
from .routes import service_of
from .specials import SPECIALS
from .wire import Request, Response, error_response, error_status, success_response

_MAKING = (Verb.CREATE, Verb.PUT)
# Who makes what CloudFormation makes.
CLOUDFORMATION = "cloudformation.amazonaws.com"


class Emulator(Administration):
    """AWS Clean Rooms ML, and of AWS Clean Rooms what it needs, in one object and one Region.

    Requests may come from several threads and accounts. Nothing runs between them: what a status is follows from
    the clock.
    """

    @property
    def native(self) -> Native:
        """What CloudFormation makes by itself, without a custom resource."""
        return Native(self.perform, self._read)

    # -- requests --------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answers a request to a service, or to the control endpoint.

        Raises:
            DroppedConnection: A fault asks for a connection that ends without a reply.
        """
        if request.path.startswith(control.PREFIX):
            return self.control(request)
        with self._lock, self._world.as_account(request.account):
            self._world.sweep()
            request_id = self._world.ids.new()
            call: Call | None = None
            fault: Fault | None = None
            outcome: Outcome | None = None
            error: ApiError | None = None
            service = service_of(request)
            try:
                call = self._routers[service].call(request)
                fault = self._faults.take(call.operation.name)
                self._throttle_call(call, fault)
                outcome = self._run(call, fault)
                if fault is not None and fault.kind == "lost_reply":
                    raise fault.error()
                response = success_response(call.model, call.operation.name, outcome.result, request_id)
            except ApiError as raised:
                error = raised
                response = error_response(service_model(service), error, request_id)
            is_dropped = fault is not None and fault.kind in ("drop_before", "drop_after")
            self._note(
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
            raise DroppedConnection(f"A fault dropped the connection of {call.operation.name if call else ''}")
        if fault is not None and fault.kind == "delay":
            self._sleep(fault.delay_seconds)
        return response

    def perform(
        self,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        *,
        account: str = "",
        system_tags: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """Does what a request would do, for CloudFormation, and journals it.

        Args:
            service: The service by its name in boto3.
            operation: One of its operations; also those that CloudFormation alone calls here.
            params: The parameters.
            account: The account of the stack.
            system_tags: Tags that AWS itself puts on what is made.

        Returns:
            All members of the record that it concerned.

        Raises:
            ApiError: The service refuses it.
        """
        described = service_model(service).operations.get(operation)
        unknown = Operation(operation, "", "", 200, None, None, errors=("ResourceNotFoundException",))
        call = Call(service, described or unknown, dict(params))
        with self._lock, self._world.as_account(account):
            self._world.sweep()
            fault = self._faults.take(operation)
            outcome: Outcome | None = None
            error: ApiError | None = None
            try:
                outcome = self._run(call, fault)
                record = self._world.records.get(outcome.key)
                if record is not None and system_tags:
                    record.tags.update(system_tags)
                return self._world.view(record) if record is not None else {}
            except ApiError as raised:
                error = raised
                raise
            finally:
                self._note(
                    self._world.ids.new(),
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

    def _read(self, operation: str, params: Mapping[str, str], account: str) -> Mapping[str, Any]:
        """All members of the record that parameters name, of the kind that an operation is about."""
        kind = KIND_OF_OPERATION[operation]
        with self._lock, self._world.as_account(account):
            self._world.sweep()
            return self._world.view(self._world.locate(kind, params[kind.id_field or kind.arn_field]))

    def _throttle_call(self, call: Call, fault: Fault | None) -> None:
        world, operation = self._world, call.operation.name
        if (fault is not None and fault.kind in BEFORE_EFFECT) or not world.options.throttle:
            return
        if not self._throttle.allows(world.account, call.service, operation, world.now()):
            raise ApiError("ThrottlingException", f"Rate exceeded for {operation}")

    def _run(self, call: Call, fault: Fault | None) -> Outcome:
        operation = call.operation.name
        kind = KIND_OF_OPERATION.get(operation)
        makes = kind is not None and kind.operations[operation] in _MAKING
        if fault is not None and (fault.kind in BEFORE_EFFECT or (fault.kind == "not_found" and not makes)):
            raise fault.error()
        validate(call)
        require_roles(self._world, operation, call.params)
        if operation in SPECIALS:
            return SPECIALS[operation](self._world, call)
        made_before = self._world.created_count
        outcome = run_kind_operation(self._world, call)
        if fault is not None and fault.kind == "not_found":
            for record in self._world.records.values():
                if record.number > made_before:
                    record.visible_from = self._world.now() + fault.not_found_seconds
        return outcome

    def _note(
        self, request_id: str, call: Call | None, fault: Fault | None, outcome: Outcome | None, **fields: Any
    ) -> None:
        self.journal.add(
            time=self._world.now(),
            operation=call.operation.name if call else "",
            params=call.params if call else {},
            arn=outcome.key if outcome else _named_arn(call),
            account=self._world.account,
            took_effect=outcome is not None,
            fault=fault.kind if fault else "",
            request_id=request_id,
            **fields,
        )

    # -- beside the API --------------------------------------------------------------------------------------

    def control(self, request: Request) -> Response:
        """Answers a request to the control endpoint, below `/_cleanroomsml/`."""
        return control.answer(self, request)

    def authorization(self, request: Request) -> list[Need]:
        """The IAM actions that a request needs, each with the resource ARN and the condition keys.

        Nothing is needed for a request that `handle` refuses anyway, because no operation answers it or because it
        is not valid.
        """
        with self._lock, self._world.as_account(request.account):
            try:
                call = self._routers[service_of(request)].call(request)
                validate(call)
            except ApiError:
                return []
            return needs(self._world, call, SIGNING_NAMES[call.service])


def _named_arn(call: Call | None) -> str:
    """The resource that a request without effect was about."""
    if call is None:
        return ""
    labels = (name for name in call.params if f"{{{name}}}" in call.operation.request_uri)
    return next((str(call.params[name]) for name in labels if name.endswith("Arn")), "")
