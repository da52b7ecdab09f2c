"""The principals that the resource policy of a configured audience model allows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .samples import ACCOUNT, findings, policy, rules_found, statement

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/analyst"
SERVICE = "cleanrooms-ml.amazonaws.com"


def is_refused(principal: Any, *allowed: str, **more: Any) -> bool:
    """Whether a statement that allows a principal violates the policy."""
    return rules_found(policy(statement(principal, **more)), allowed_principals=allowed) == ["allowed-principals"]


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        (ACCOUNT, ACCOUNT),
        ({"AWS": ACCOUNT}, ACCOUNT),
        ({"AWS": ROOT}, ACCOUNT),
        ({"AWS": ACCOUNT}, ROOT),
        ({"AWS": ROOT}, ROOT),
        ({"AWS": [ROOT, ROLE]}, ACCOUNT),
        ({"AWS": ROLE}, ROLE),
        ({"AWS": {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::{ACCOUNT}:root"}}, ACCOUNT),
        ({"AWS": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":iam::{ACCOUNT}:root"]]}}, ROOT),
        ({"Service": SERVICE}, SERVICE),
    ],
    ids=str,
)
def test_a_listed_principal_is_allowed(principal: Any, allowed: str) -> None:
    assert not rules_found(policy(statement(principal)), allowed_principals=[allowed])


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        ("*", ACCOUNT),
        ({"AWS": "*"}, ACCOUNT),
        ({"AWS": "444455556666"}, ACCOUNT),
        ({"AWS": ROOT}, ROLE),
        ({"AWS": ROLE}, ROOT),
        ({"AWS": f"{ROLE}2"}, ROLE),
        ({"Service": "ec2.amazonaws.com"}, SERVICE),
        ({"AWS": {"Ref": "AWS::AccountId"}}, ACCOUNT),
        ({"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}, ACCOUNT),
        ({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"}, ROLE),
        ({"Ref": "Principal"}, ACCOUNT),
        ({"Fn::If": ["Condition", {"AWS": ACCOUNT}, "*"]}, ACCOUNT),
    ],
    ids=str,
)
def test_a_principal_that_is_not_listed_is_reported(principal: Any, allowed: str) -> None:
    assert is_refused(principal, allowed)


def test_an_empty_list_allows_no_principal() -> None:
    assert is_refused(ACCOUNT)


def test_not_principal_is_everyone() -> None:
    document = statement(None, NotPrincipal={"AWS": ACCOUNT})
    assert rules_found(policy(document), allowed_principals=[ACCOUNT]) == ["allowed-principals"]


def test_deny_statements_are_ignored() -> None:
    assert not rules_found(policy(statement("*", Effect="Deny")), allowed_principals=[ACCOUNT])


@pytest.mark.parametrize(
    "write",
    [
        json.dumps,
        lambda document: document,
        lambda document: {"Fn::ToJsonString": document},
        lambda document: {"Fn::Join": ["", [json.dumps(document)[:9], json.dumps(document)[9:]]]},
    ],
    ids=["text", "object", "function", "joined text"],
)
def test_a_policy_may_be_text_an_object_or_a_function(write: Any) -> None:
    (finding,) = findings(policy(write(statement({"AWS": "*"}))), allowed_principals=[ACCOUNT])
    assert finding.property_path == "Properties.configuredAudienceModelPolicy.Statement[0].Principal.AWS"
    assert f'is "*"; allowed principals are {ACCOUNT}' in finding.problem
    assert not findings(policy(write(statement({"AWS": ROOT}))), allowed_principals=[ACCOUNT])


def test_one_statement_needs_no_list() -> None:
    document = statement("*")
    assert rules_found(policy({**document, "Statement": document["Statement"][0]}), allowed_principals=[ACCOUNT])


@pytest.mark.parametrize("document", ["no JSON", "[]", {"Ref": "Policy"}, {"Fn::Sub": "${Policy}"}], ids=str)
def test_an_unreadable_policy_is_reported(document: Any) -> None:
    assert "allowed-principals" in rules_found(policy(document), allowed_principals=[ACCOUNT])
