"""Messages in the report: readable, marked where a finding is about them, and never more than a page can bear."""

from __future__ import annotations

from stubs.partnerkit.exchange import Exchange
from stubs.partnerkit.report.messages import MOST_LINES, shown


def exchange(answer: bytes, content_type: str = "text/xml; charset=utf-8") -> Exchange:
    """Make an exchange with an answer."""
    return Exchange("act", "POST /x", {}, b"<a><b>1</b></a>", status=200, answer_headers={"content-type": content_type}, answer=answer)


def marked(seen: Exchange, *names: str, beside: Exchange | None = None) -> list[str]:
    """Give the marked lines of the answer."""
    return [line.text.strip() for line in shown(seen, names, beside).answer if line.marked]


def test_one_element_a_line():
    """XML is shown with one element a line."""
    assert [line.text for line in shown(exchange(b"<a><b>1</b><c/></a>"), ()).answer] == ["<a>", " <b>1</b>", " <c/>", "</a>"]


def test_element_is_marked_by_name():
    """Whatever its prefix is."""
    assert marked(exchange(b'<t:a xmlns:t="urn:t"><t:Code>1</t:Code><t:Codes/></t:a>'), "Code") == ["<t:Code>1</t:Code>"]


def test_difference_is_marked():
    """Of two answers the lines that differ."""
    first, second = exchange(b"<a><b>1</b><c>2</c></a>"), exchange(b"<a><b>1</b><c>3</c></a>")
    assert marked(second, beside=first) == ["<c>3</c>"]


def test_broken_xml_is_shown_as_it_came():
    """With the bare ampersand marked that breaks it."""
    assert marked(exchange(b"<a><b>x & y</b><c>z &amp; w</c></a>")) == ["<b>x & y</b>"]


def test_wrong_bytes_are_shown_and_marked():
    """Bytes that are not UTF-8 are written as numbers."""
    assert marked(exchange("<a>七</a>".encode("gbk"))) == ["<a>\\xc6\\xdf</a>"]


def test_gbk_that_says_so_is_read():
    """In the encoding that its header names."""
    lines = shown(exchange("<a>成功</a>".encode("gbk"), "text/xml; charset=GBK"), ()).answer
    assert [line.text for line in lines] == ["<a>成功</a>"]


def test_long_message_is_cut():
    """A list of hundreds of lines is cut, and says how much is missing."""
    lines = shown(exchange(b"<a>" + b"<b/>" * 500 + b"</a>"), ()).answer
    assert (len(lines), lines[-1].text) == (MOST_LINES + 1, f"... ({502 - MOST_LINES})")
