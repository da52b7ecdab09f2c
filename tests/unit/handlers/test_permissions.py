"""What a spec says about permissions: a slip is an error that says what to write, and allows nothing."""

from __future__ import annotations

import pytest

from cleanrooms_ml_handlers.permissions import Permission, authorized

IN_ANOTHER_FORM = ["cleanrooms:onw:membership/*", "cleanrooms:Own:membership/*", "cleanrooms:membership/*"]


@pytest.mark.parametrize(
    "resource", [*IN_ANOTHER_FORM, "membership/*", "cleanrooms:own:", ":own:membership/*", "**", ""]
)
def test_a_resource_in_another_form_is_refused(resource: str) -> None:
    with pytest.raises(ValueError, match=r"GetMembership: the resource is .*<own or any>.* permissions of the spec"):
        Permission(("cleanrooms:GetMembership",), resource)


@pytest.mark.parametrize("resource", ["*", "cleanrooms:own:membership/*", "cleanrooms:any:a:b"])
def test_the_forms_of_a_resource(resource: str) -> None:
    assert Permission(("cleanrooms:GetMembership",), resource).resource == resource


@pytest.mark.parametrize("service", ["cleanroomsml", "clean-rooms", ""])
def test_a_service_that_is_not_named_as_in_iam_is_refused(service: str) -> None:
    with pytest.raises(ValueError, match=r"GetMembership: service=.* has cleanrooms-ml, cleanrooms\. Write"):
        authorized({"GetMembership": "*"}, service=service)
