"""Answers compared, and rules that explain differences."""

from __future__ import annotations

import pytest
from captured import answer, envelope

from stubs.replay.comparing import Answer, differences, leaves
from stubs.replay.rules import Difference, Rule, RulesError, explanation, read_rules

XML = "text/xml; charset=utf-8"


def found(left: str, right: str, status: int = 200) -> list[tuple[str, str | None, str | None]]:
    both = (leaves(Answer(code, XML, text.encode())) for code, text in ((200, left), (status, right)))
    return [(each.path, each.expected, each.actual) for each in differences(*both)]


def test_writing_does_not_matter():
    """Prefixes, blanks, CDATA and comments are how it is written, not what is said."""
    other = answer(1).replace("text", "<![CDATA[text]]>").replace("</ResultCode>", "<!-- x --></ResultCode>\n ")
    for old, new in (("<s:", "<soap:"), ("</s:", "</soap:"), ("xmlns:s=", "xmlns:soap=")):
        other = other.replace(old, new)
    assert found(answer(1), other) == []


def test_difference_names_the_field():
    """Path, expected, actual; a place in a list is counted from 1."""
    items = "<R><Id>1</Id></R><R><Id>2</Id></R>"
    assert found(answer(1, "0", items), answer(1, "5001", items.replace(">2<", ">3<"))) == [
        ("subscribeToVSOPResponse/ResultCode", "0", "5001"), ("subscribeToVSOPResponse/R[2]/Id", "2", "3"),
    ]  # fmt: skip


def test_missing_and_additional_fields_are_told():
    """None stands where an answer has nothing."""
    assert found(answer(1, "0", "<A>1</A>"), answer(1, "0", "<B>2</B>")) == [
        ("subscribeToVSOPResponse/A", "1", None), ("subscribeToVSOPResponse/B", None, "2"),
    ]  # fmt: skip


def test_document_in_a_string_is_opened():
    """Old forms are compared by field as well."""
    left = envelope("<r>&lt;Resp&gt;&lt;Code&gt;0&lt;/Code&gt;&lt;/Resp&gt;</r>")
    assert found(left, left.replace("Code&gt;0", "Code&gt;9")) == [("r/Resp/Code", "0", "9")]


def test_status_and_fault_are_differences():
    """A fault where there was an answer is told by what it holds."""
    paths = [path for path, _, _ in found(answer(1), envelope("<s:Fault><faultcode>s:Client</faultcode></s:Fault>"), 500)]
    assert (paths[0], "Fault/faultcode" in paths) == ("HTTP status", True)


def test_what_is_no_xml_is_one_value():
    """HTML, or half an answer."""
    assert [path for path, _, _ in found(answer(1), "<html><p>Bad gateway")][-1] == "(body that is no XML)"


def test_no_answer_is_told_with_its_reason():
    """In place of all fields."""
    none = leaves(Answer(0, error="deadline passed"))
    assert Difference("(no answer)", None, "deadline passed") in differences(leaves(Answer(200, XML, answer(1).encode())), none)


@pytest.mark.parametrize(
    ("path", "expected", "actual", "why"),
    [
        ("r/SubscribeTime", "20261124120000", "20261125130000", "a time"), ("r/ResultDesc", "a", "b", "a text for people"),
        ("r/I[2]/OPDesc", "a", "b", "a text for people"), ("r/OrderId", "200-1", "200-9", "a number that the gateway gives itself"),
        ("Fault/detail/ContractFault/Reference", "x", "y", "the reference of a fault in the log"),
        ("r/streamingNo", "20420261", "20420262", "a number that the gateway gives itself"),
        ("r/OrderId", "200-1", "200", ""), ("r/ResultCode", "0", "1", ""), ("r/ResultDesc", "a", None, ""),
        ("r/Balance", "5000", "4000", ""),
    ],
)  # fmt: skip
def test_rules_that_are_built_in(path, expected, actual, why):
    """Times, our own numbers and texts for people may differ; codes, amounts and what is missing may not."""
    assert explanation("any", Difference(path, expected, actual), ()) == why


@pytest.mark.parametrize(
    ("rule", "explains"),
    [
        (Rule("new price", "Balance"), True), (Rule("w", "R/Balance"), True), (Rule("w", "R/Balance", "feeCheck"), True),
        (Rule("w", "Balance", "sub*"), False), (Rule("w", "Balance", "*", "5000", "4???"), True), (Rule("w", "Balance", actual="1"), False),
    ],
)  # fmt: skip
def test_rules_of_the_user(rule, explains):
    """By operation, by the end of the path without places in lists, by values."""
    assert rule.explains("feeCheck", Difference("r/R[3]/Balance", "5000", "4000")) is explains


def test_rules_are_read(tmp_path):
    """Each [[ignore]] is a rule."""
    path = tmp_path / "r.toml"
    path.write_text('[[ignore]]\nfield = "Balance"\nwhy = "prices of 2.1"\noperation = "feeCheck"\n')
    assert read_rules(path) == (Rule("prices of 2.1", "Balance", "feeCheck"),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[ignore]]\nfield = \n", ":2: is not TOML"), ("[other]\n", ":1: holds [[ignore]] tables alone, not other"),
        ('\n[[ignore]]\nwhy = "x"\n', ":2: [[ignore]] needs field"),
        ('[[ignore]]\nfield = "a"\nwhy = "b"\n\n[[ignore]]\nfeld = "a"\n', ":5: [[ignore]] has no feld"),
        ('[[ignore]]\nfield = 1\nwhy = "b"\n', ":1: field must be text in quotes"), ("ignore = 1\n", ":1: holds [[ignore]]"),
    ],
)  # fmt: skip
def test_broken_rules_are_told_with_their_line(tmp_path, text, problem):
    """File, line, reason."""
    path = tmp_path / "r.toml"
    path.write_text(text)
    with pytest.raises(RulesError) as caught:
        read_rules(path)
    assert str(caught.value).startswith(f"{path}{problem}")
