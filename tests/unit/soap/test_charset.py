"""Encodings: what header, mark, declaration and bytes say, and which of them is told to be wrong, and where."""

from __future__ import annotations

import codecs

import pytest

from gateway.errors import BAD_ENCODING
from gateway.soap.charset import bad_bytes, to_utf8
from gateway.soap.envelope import parse_xml
from gateway.soap.faults import SoapFault

TEXT = "<a>\n您订购的业务</a>"


def declared(encoding: str, text: str = TEXT) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>{text}'


def refusal(data: bytes, charset: str | None) -> SoapFault:
    with pytest.raises(SoapFault) as caught:
        parse_xml(data, charset)
    assert caught.value.result == BAD_ENCODING
    return caught.value


SAID = {
    "header-against-declaration": (
        declared("GBK").encode("gbk"), "utf-8", "HTTP charset: utf-8, byte order mark: none, XML declaration: GBK"),
    "declaration-against-header": (
        declared("UTF-8").encode(), "gbk", "HTTP charset: gbk, byte order mark: none, XML declaration: UTF-8"),
    "mark-against-header": (
        TEXT.encode("utf-16"), "utf-8", "HTTP charset: utf-8, byte order mark: UTF-16LE, XML declaration: none"),
    "mark-against-declaration": (
        codecs.BOM_UTF16_BE + declared("UTF-8").encode("utf-16-be"), None,
        "HTTP charset: none, byte order mark: UTF-16BE, XML declaration: UTF-8"),
    "utf-8-mark-against-declaration": (
        codecs.BOM_UTF8 + declared("GBK").encode(), None, "HTTP charset: none, byte order mark: UTF-8, XML declaration: GBK"),
    "mark-missing": (
        TEXT.encode("utf-16-le"), "utf-16", "HTTP charset: utf-16, byte order mark: none, XML declaration: none"),
    "unknown-declaration": (
        declared("ISO-8859-1").encode(), None, "XML declaration: none that is read here"),
    "unknown-header": (TEXT.encode(), "utf-7", "HTTP charset: none that is read here"),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_fault_says_what_each_of_them_says(case: str) -> None:
    """Header, byte order mark and declaration side by side; a name that is none of ours is not repeated."""
    data, charset, said = SAID[case]
    text = refusal(data, charset).text("en")
    assert said in text
    assert "UTF-8, UTF-16, GBK, GB2312, GB18030" in text


BYTES = {
    "gbk-as-utf-8": (TEXT.encode("gbk"), None, 4, "utf-8"),
    "gbk-declared-utf-8": (declared("UTF-8").encode("gbk"), "utf-8", 42, "utf-8"),
    "byte-ff": (b"<a>ab\xff</a>", None, 5, "utf-8"),
    "overlong": (b"<a>\xc0\xaf</a>", "utf-8", 3, "utf-8"),
    "surrogate": (b"<a>\xed\xa0\x80</a>", None, 3, "utf-8"),
    "gbk-cut": (TEXT.encode("gbk") + b"\x81", "gbk", len(TEXT.encode("gbk")), "gb18030"),
    "utf-16-cut": (codecs.BOM_UTF16_LE + b"<\x00a\x00/\x00>", None, 8, "utf-16"),
}


@pytest.mark.parametrize("case", BYTES)
def test_fault_says_where_the_bytes_are_wrong(case: str) -> None:
    """The offset in what was sent, mark and declaration counted, in both languages."""
    data, charset, at, encoding = BYTES[case]
    fault = refusal(data, charset)
    assert f"not {encoding} from byte {at} on" in fault.text("en")
    assert f"第{at}字节" in fault.text("zh")


def test_line_is_that_of_the_byte() -> None:
    """As with all that is told of a message."""
    assert refusal(TEXT.encode("gbk"), None).violations[0].line == 2


def test_fault_says_what_the_bytes_would_be() -> None:
    """A client that writes GBK and says nothing, or UTF-8, reads what it has to declare."""
    assert "but all of it is valid gb18030" in refusal(TEXT.encode("gbk"), None).text("en")


def test_bytes_that_are_nothing_get_no_advice() -> None:
    """No guess where none fits."""
    assert "valid" not in bad_bytes(b"<a>\xff\xff</a>", None).text("en")


@pytest.mark.parametrize("encoding", ["gbk", "gb2312", "gb18030", "utf-16", "utf-8"])
def test_text_arrives_in_utf_8(encoding: str) -> None:
    """Without mark and declaration."""
    assert to_utf8(declared(encoding).encode(encoding), None).decode().strip() == TEXT
