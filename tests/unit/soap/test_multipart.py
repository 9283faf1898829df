"""The only part of a multipart/related body: what is taken as one, and what is not."""

from __future__ import annotations

from time import process_time

import pytest

from gateway.soap.multipart import NotOnePart, root_part

KIND = "multipart/related; boundary=B"
HEAD = b"Content-Type: text/xml; charset=utf-8\r\nContent-ID: <a>"


def body(head: bytes = HEAD, content: bytes = b"<a/>", *, before: bytes = b"", after: bytes = b"--\r\n") -> bytes:
    return before + b"--B\r\n" + head + b"\r\n\r\n" + content + b"\r\n--B" + after


GOOD = {
    "usual": (body(), KIND),
    "quoted boundary": (body(), 'multipart/related; boundary="B"'),
    "line before": (body(before=b"\r\n"), KIND),
    "no line at the end": (body(after=b"--"), KIND),
    "named start": (body(), f'{KIND}; start="<a>"'),
    "binary": (body(HEAD + b"\r\nContent-Transfer-Encoding: Binary"), KIND),
    "xop": (body(b'Content-Type: application/xop+xml; type="text/xml"; charset=utf-8'), KIND),
}


@pytest.mark.parametrize("case", GOOD)
def test_part_is_given_as_it_came(case: str) -> None:
    """Its type, and its bytes."""
    assert root_part(*GOOD[case]) == ("text/xml; charset=utf-8", b"<a/>")


def test_line_ends_of_the_part_are_its_own() -> None:
    """Only the one before the boundary belongs to that."""
    assert root_part(body(content=b"<a/>\r\n\r\n"), KIND)[1] == b"<a/>\r\n\r\n"


BAD = {
    "no boundary": (body(), "multipart/related"),
    "empty boundary": (body(), 'multipart/related; boundary=""'),
    "long boundary": (body(), f"multipart/related; boundary={'B' * 71}"),
    "boundary with a line end": (body(), "multipart/related; boundary*=utf-8''B%0d%0a"),
    "boundary in parts that do not fit": (body(), "multipart/related; boundary*0=B; boundary*=C"),
    "another boundary": (body(), "multipart/related; boundary=C"),
    "two parts": (body(after=b"\r\n" + HEAD + b"\r\n\r\nx\r\n--B--"), KIND),
    "no part": (b"--B--", KIND),
    "no end": (body()[:-6], KIND),
    "text before": (body(before=b"This is a message"), KIND),
    "text after": (body(after=b"--\r\nmore"), KIND),
    "no head": (b"--B\r\n<a/>\r\n--B--", KIND),
    "long head": (body(HEAD + b"\r\nX: " + b"a" * 2048), KIND),
    "folded head": (body(b"Content-Type: text/xml;\r\n charset=utf-8"), KIND),
    "field twice": (body(HEAD + b"\r\ncontent-type: a/b"), KIND),
    "field that is none": (body(b"hello"), KIND),
    "base64": (body(HEAD + b"\r\nContent-Transfer-Encoding: base64"), KIND),
    "another start": (body(), f'{KIND}; start="<b>"'),
    "empty": (b"", KIND),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_not_one_part_is_refused(case: str) -> None:
    """Whatever else it may be."""
    with pytest.raises(NotOnePart):
        root_part(*BAD[case])


def test_refusal_is_cheap() -> None:
    """A megabyte of boundaries costs no more than looking through it."""
    begun = process_time()
    with pytest.raises(NotOnePart):
        root_part(b"--B\r\n" * 200_000, KIND)
    assert process_time() - begun < 0.02
