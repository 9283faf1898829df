"""Property expansion, and XPath as SoapUI's users write it."""

from __future__ import annotations

import pytest

from stubs.soapui.documents import parse_text
from stubs.soapui.expansion import expand
from stubs.soapui.results import Broken, CannotRun
from stubs.soapui.xpath import select

VALUES = {"a": "1", "b": "x${a}y", "name": "a", "me": "${me}", "p": "<&>", "esc": "$${a}"}


@pytest.mark.parametrize(("text", "expected"), [
    ("none", "none"), ("${a}", "1"), ("<${a}-${a}>", "<1-1>"), ("${b}", "x1y"), ("${${name}}", "1"), ("[${unknown}]", "[]"),
    ("$${a}", "${a}"), ("${a", "${a"), ("${}", ""), ("a$b", "a$b"), ("${${name}}${a}", "11"),
])  # fmt: skip
def test_values_stand_in_the_place_of_names(text, expected):
    """Nested from the inside, unknown ones as nothing, $${ as the plain text."""
    assert expand(text, VALUES.get) == expected


def test_values_are_escaped_where_the_request_asks_for_it():
    """Entitize escapes values, not the text around them."""
    assert expand("<v>${p}</v>", VALUES.get, entitize=True) == "<v>&lt;&amp;&gt;</v>"


def test_groovy_is_not_run():
    """A script in a text cannot be run, and is said so."""
    with pytest.raises(CannotRun, match="Groovy in a text"):
        expand("${=1+1}", VALUES.get)


@pytest.mark.parametrize("text", ["${me}", "${x${esc}}" * 3 + "${me}"])
def test_value_that_holds_itself_is_an_end(text):
    """It is told instead of going round for ever."""
    with pytest.raises(Broken, match="a property holds itself"):
        expand(text, VALUES.get)


def test_values_that_grow_are_bounded():
    """Ten values of ten values, ten times, are refused."""
    grown = {f"l{n}": f"${{l{n - 1}}}" * 10 for n in range(1, 12)} | {"l0": "lol"}
    with pytest.raises(Broken):
        expand("${l11}", grown.get)


XML = '<a xmlns="urn:d" xmlns:n="urn:n"><n:b k="v">one</n:b><n:b>two</n:b><c/></a>'


@pytest.mark.parametrize(("path", "expected"), [
    ("declare namespace q='urn:n'; //q:b", ["one", "two"]),
    ('declare namespace d="urn:d"\ndeclare namespace q="urn:n";\n/d:a/q:b[1]', ["one"]),
    ("//*:b", ["one", "two"]), ("//*:b/@k", ["v"]), ("//@*:k", ["v"]), ("count(//*:b)", ["2"]), ("exists(//*:c)", ["true"]),
    ("exists(//*:z)", ["false"]), ("//*:b[2]/text()", ["two"]), ("string(//*:b[1])", ["one"]), ("1 div 2", ["0.5"]),
    ("matches(//*:b[1], '^o.e$')", ["true"]), ("upper-case(//*:b[1])", ["ONE"]), ("//*:b = 'two'", ["true"]),
    ("//*[local-name()='b' and .='*:b']", []), ("ends-with(//*:b[1], 'ne')", ["true"]), ("//z", []),
])  # fmt: skip
def test_xpath_in_the_words_of_soapui(path, expected):
    """Declarations, any namespace, counts as whole numbers, and the functions of XPath 2.0 in daily use."""
    found = select(parse_text(XML), path)
    assert [item if isinstance(item, str) else item.text for item in found] == expected


def test_prefix_must_be_declared():
    """As in SoapUI's assertions; property expansions may use the document's own."""
    with pytest.raises(Broken, match="a prefix that is not declared"):
        select(parse_text(XML), "//n:b")
    assert len(select(parse_text(XML), "//n:b", lend=True)) == 2


@pytest.mark.parametrize("path", ["for $x in //a return $x", "//a[", "nothing-like(1)"])
def test_what_is_not_xpath_1_is_not_run(path):
    """It could be XPath 2.0, and is not guessed at."""
    with pytest.raises(CannotRun, match=r"not XPath 1\.0"):
        select(parse_text(XML), path)
