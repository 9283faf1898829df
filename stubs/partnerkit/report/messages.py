"""Messages as people read them: XML one element a line, with the lines marked that a finding is about. Must not know what is found."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from gateway.soap.envelope import parse_xml
from gateway.soap.faults import SoapFault
from gateway.soap.peer import ANSWER_LIMITS
from stubs.partnerkit.exchange import Exchange, no_answer
from stubs.partnerkit.texts import Text

MOST_LINES = 120
"""Of one message; the rest of a long list says nothing new, and the whole stands in results.json."""
MOST_SIGNS = 2000
"""Of one line: what is no XML may be one line of a megabyte."""


_BARE = re.compile(r"&(?![A-Za-z]+;|#[0-9A-Fa-fx]+;)|\\x[0-9a-f]{2}")
"""What no good message holds: an ampersand that begins nothing, and bytes that are not UTF-8, as we write them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and whether it is what a finding is about."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """An exchange to be shown: heads and bodies of both ways."""

    title: str
    incoming: bool
    at: str
    request_head: str
    request: list[Line]
    answer_head: str
    answer: list[Line]
    trouble: Text | None


def shown(exchange: Exchange, marks: Iterable[str], beside: Exchange | None = None) -> Shown:
    """Prepare an exchange; lines of the elements in `marks` are marked, and what differs from the answer of the one `beside`."""
    names = set(marks)
    headers = "\n".join(f"{name}: {value}" for name, value in exchange.headers.items())
    answer = _lines(exchange.answer, exchange.answer_headers or {})
    other = None if beside is None else _lines(beside.answer, beside.answer_headers or {})
    answered = "\n".join(f"{name}: {value}" for name, value in (exchange.answer_headers or {}).items())
    return Shown(
        exchange.title,
        exchange.incoming,
        exchange.at,
        f"{exchange.target}\n{headers}",
        _marked(_lines(exchange.request, exchange.headers), names, set()),
        "" if exchange.status is None else f"HTTP {exchange.status}, {exchange.seconds:.3f} s\n{answered}",
        _marked(answer, names, set() if other is None else _differing(answer, other)),
        None if exchange.trouble is None else no_answer(exchange),
    )


def _lines(body: bytes, headers: dict[str, str]) -> list[str]:
    told = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    charset = told.lower().partition("charset=")[2].split(";")[0].strip(" \"'") or None
    try:
        root = parse_xml(body, charset, ANSWER_LIMITS)
    except SoapFault:  # it is shown as it came
        text = body.decode("utf-8", "backslashreplace").replace("><", ">\n<")
    else:
        etree.indent(root, space=" ")
        text = etree.tostring(root, encoding="unicode")
    lines = [line if len(line) <= MOST_SIGNS else f"{line[:MOST_SIGNS]} ..." for line in text.splitlines()]
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], f"... ({len(lines) - MOST_LINES})"]


def _marked(lines: Sequence[str], names: set[str], places: set[int]) -> list[Line]:
    return [
        Line(text, place in places or bool(names & _elements(text)) or _BARE.search(text) is not None) for place, text in enumerate(lines)
    ]


def _elements(line: str) -> set[str]:
    return set(re.findall(r"</?(?:[\w.-]+:)?([\w.-]+)", line))


def _differing(lines: Sequence[str], other: Sequence[str]) -> set[int]:
    found: set[int] = set()
    for kind, _, _, begin, end in difflib.SequenceMatcher(None, other, lines, autojunk=False).get_opcodes():
        if kind != "equal":
            found |= set(range(begin, end))
    return found
