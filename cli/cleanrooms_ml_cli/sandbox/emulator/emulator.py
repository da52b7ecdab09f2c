"""The emulated service: one request in, one reply out."""

from __future__ import annotations

from . import control
from .administration import Administration
from .authorization import Need, needs
from .checks import validate
from .faults import BEFORE_EFFECT, Fault
from .kinds import KIND_OF_OPERATION, Verb
from .operations import Outcome, require_roles, run_kind_operation
from .routes import Call
from .specials import SPECIALS
from .wire import ApiError, DroppedConnection, Request, Response, error_response, success_response

NOT_IMPLEMENTED = "NotImplementedException"


class Emulator(Administration):
    """AWS Clean Rooms ML in one object, for one account and Region.

    Requests may come from several threads. Nothing runs between them: what a status is follows from the clock.
    """

    # -- requests --------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answers a request to the service, or to its control endpoint.

        Raises:
            DroppedConnection: A fault asks for a connection that ends without a reply.
        """
        if request.path.startswith(control.PREFIX):
            return self.control(request)
        with self._lock:
            self._world.sweep()
            request_id = self._world.ids.new()
            arrived = self._world.now()
            call: Call | None = None
            fault: Fault | None = None
            outcome: Outcome | None = None
            try:
                call = self._router.call(request)
                fault = self._faults.take(call.operation.name)
                outcome = self._run(call, fault)
                if fault is not None and fault.kind == "lost_reply":
                    raise fault.error()
                response = success_response(self._model, call.operation.name, outcome.result, request_id)
                error = None
            except ApiError as raised:
                error = raised
                response = error_response(self._model, error, request_id)
            is_dropped = fault is not None and fault.kind in ("drop_before", "drop_after")
            self.journal.add(
                time=arrived,
                operation=call.operation.name if call else "",
                params=call.params if call else {},
                status=0 if is_dropped else response.status,
                error="DroppedConnection" if is_dropped else error.code if error else "",
                message=error.message if error and not is_dropped else "",
                arn=outcome.arn if outcome else _named_arn(call),
                caller=request.caller,
                took_effect=outcome is not None,
                fault=fault.kind if fault else "",
                request_id=request_id,
                method=request.method,
                path=request.path,
            )
        if is_dropped:
            raise DroppedConnection(f"A fault dropped the connection of {call.operation.name if call else ''}")
        if fault is not None and fault.kind == "delay":
            self._sleep(fault.delay_seconds)
        return response

    def _run(self, call: Call, fault: Fault | None) -> Outcome:
        operation = call.operation.name
        is_create = operation in KIND_OF_OPERATION and (
            KIND_OF_OPERATION[operation].operations[operation] is Verb.CREATE
        )
        if fault is not None and (fault.kind in BEFORE_EFFECT or (fault.kind == "not_found" and not is_create)):
            raise fault.error()
        now = self._world.now()
        if self._world.options.throttle and not self._throttle.allows(operation, now):
            raise ApiError("ThrottlingException", f"Rate exceeded for {operation}")
        if operation not in KIND_OF_OPERATION and operation not in SPECIALS:
            raise ApiError(
                NOT_IMPLEMENTED,
                f"The emulator does not know the operation {operation} yet",
                status=501,
            )
        validate(self._model, call)
        require_roles(self._world, call)
        if operation in SPECIALS:
            return SPECIALS[operation](self._world, call)
        outcome = run_kind_operation(self._world, call)
        if fault is not None and fault.kind == "not_found":
            self._world.records[outcome.arn].visible_from = now + fault.not_found_seconds
        return outcome

    # -- beside the API --------------------------------------------------------------------------------------

    def control(self, request: Request) -> Response:
        """Answers a request to the control endpoint, below `/_cleanroomsml/`."""
        return control.answer(self, request)

    def authorization(self, request: Request) -> list[Need]:
        """The IAM actions that a request needs, each with the resource ARN and the condition keys.

        Nothing is needed for a request that `handle` refuses anyway, because no operation answers it or because it
        is not valid.
        """
        with self._lock:
            try:
                call = self._router.call(request)
                validate(self._model, call)
            except ApiError:
                return []
            return needs(self._world, call)


def _named_arn(call: Call | None) -> str:
    """The resource that a request without effect was about."""
    if call is None:
        return ""
    labels = (name for name in call.params if f"{{{name}}}" in call.operation.request_uri)
    return next((str(call.params[name]) for name in labels if name.endswith("Arn")), "")
