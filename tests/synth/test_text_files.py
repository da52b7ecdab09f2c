"""SQL from files and texts: byte order marks, encodings and line endings."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_cleanrooms_ml import AnalysisTemplate, Membership, ProtectedQuery
from tests.synth.stacks import MEMBERSHIP, channel, new_stack, only, template_of

MARK = "\ufeff"
SQL = "SELECT a\r\nFROM b\n"


def test_a_byte_order_mark_does_not_reach_the_service() -> None:
    stack = new_stack()
    channel(stack, query=ProtectedQuery.sql(MARK + SQL))
    AnalysisTemplate(
        stack, "Template", membership=Membership.from_membership_id(stack, "Member", MEMBERSHIP), text=MARK + SQL
    )
    template = template_of(stack)
    source = only(template, "Custom::CleanRoomsML-MLInputChannel")["Properties"]["inputChannel"]["dataSource"]
    assert source["protectedQueryInputParameters"]["sqlParameters"] == {"queryString": SQL}
    assert only(template, "AWS::CleanRooms::AnalysisTemplate")["Properties"]["Source"] == {"Text": SQL}


def test_a_file_with_a_byte_order_mark_is_its_text(tmp_path: Path) -> None:
    path = tmp_path / "query.sql"
    path.write_bytes((MARK + SQL).encode())
    stack = new_stack()
    query = ProtectedQuery.from_asset(path)
    channel(stack, query=query)
    template_of(stack)
    assert query._text == SQL


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_other_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "query.sql"
    path.write_bytes("SELECT 'é'".encode(encoding))
    with pytest.raises(ValueError, match=r"query\.sql' (is not UTF-8|has null characters)\. Save it as UTF-8"):
        ProtectedQuery.from_asset(path)


def test_a_text_that_was_read_in_another_encoding_is_refused() -> None:
    text = SQL.encode("utf-16-le").decode("latin-1")
    with pytest.raises(ValueError, match=r"ProtectedQuery\.sql: the text has null characters"):
        ProtectedQuery.sql(text)
    stack = new_stack()
    member = Membership.from_membership_id(stack, "Member", MEMBERSHIP)
    with pytest.raises(ValueError, match="text has null characters"):
        AnalysisTemplate(stack, "Template", membership=member, text=text)
