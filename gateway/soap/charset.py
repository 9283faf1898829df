"""Which encoding a message is in, and what to say when header, byte order mark, declaration and bytes disagree.

UTF-8, UTF-16 with its mark, GBK, GB2312 and GB18030 are read. Must not know about SOAP or XML beyond the declaration.
"""

from __future__ import annotations

import codecs
import re

from gateway.errors import BAD_ENCODING, FORBIDDEN_XML, MALFORMED
from gateway.soap.faults import SoapFault, Violation

# charset or declared encoding -> Python codec; nothing else is read. GB18030 holds GBK and GB2312.
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "utf-16": "utf-16",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
}
_DECLARATION = re.compile(
    rb"<\?xml\s+version\s*=\s*[\"'](1\.\d+)[\"'](?:\s+encoding\s*=\s*[\"']([\w.-]{1,20})[\"'])?[^<>]{0,40}\?>"
)
# What nearly all clients write; taken off without a look at the rest.
_USUAL_DECLARATIONS = tuple(
    b"<?xml version=%c1.0%c encoding=%c%s%c?>" % (quote, quote, quote, name, quote)
    for quote in b"\"'"
    for name in (b"UTF-8", b"utf-8")
)
_MARKS = ((codecs.BOM_UTF8, "UTF-8"), (codecs.BOM_UTF16_LE, "UTF-16LE"), (codecs.BOM_UTF16_BE, "UTF-16BE"))
_TAKEN = "UTF-8, UTF-16, GBK, GB2312, GB18030"


def to_utf8(data: bytes, charset: str | None) -> bytes:
    """Bring the bytes to UTF-8 without mark and declaration; raises SoapFault where mark, header and declaration disagree.

    That bytes said to be UTF-8 are so is left to the parser: see `bad_bytes`.
    """
    if charset is None or charset == "utf-8":
        for usual in _USUAL_DECLARATIONS:
            if data.startswith(usual):
                return data[len(usual) :]
    sent = data
    wide, marked = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), data.startswith(codecs.BOM_UTF8)
    encoding = _ENCODINGS.get(charset or ("utf-16" if wide else "utf-8"))
    if encoding is None or (encoding == "utf-16") != wide or (marked and encoding != "utf-8"):
        raise _disagreement(sent, charset)
    if encoding != "utf-8":
        data = _recoded(data, encoding, sent, charset)
    data = data.removeprefix(codecs.BOM_UTF8)
    declaration = _DECLARATION.match(data)
    if declaration is None:
        if data.startswith(b"<?xml"):
            raise SoapFault(MALFORMED)
        return data
    if declaration[1] != b"1.0":
        raise SoapFault(FORBIDDEN_XML)
    declared = _ENCODINGS.get((declaration[2] or encoding.encode()).decode("latin-1").lower())
    settled = charset is not None or wide or marked
    if declared is None or (declared != encoding if settled else declared == "utf-16"):
        raise _disagreement(sent, charset)
    # Blank the declaration instead of cutting it: line numbers in faults then stay the sender's.
    body = b"\n" * declaration[0].count(b"\n") + data[declaration.end() :]
    return _recoded(body, declared, sent, charset) if declared != encoding else body


def bad_bytes(data: bytes, charset: str | None) -> SoapFault:
    """Say at which byte a message stops being what it is said to be; `data` as it was sent."""
    declared = _DECLARATION.match(data.removeprefix(codecs.BOM_UTF8))
    said = charset or (declared[2].decode("latin-1").lower() if declared and declared[2] else "utf-8")
    return _fault(data, _ENCODINGS.get(said, "utf-8"), charset)


def _recoded(data: bytes, encoding: str, sent: bytes, charset: str | None) -> bytes:
    try:
        return data.decode(encoding).encode()
    except UnicodeError:
        raise _fault(sent, encoding, charset) from None


def _fault(sent: bytes, encoding: str, charset: str | None) -> SoapFault:
    at = _first_bad(sent, encoding)
    other = next((name for name in ("utf-8", "gb18030") if name != encoding and at is not None and _first_bad(sent, name) is None), None)
    zh, en = _sources(sent, charset)
    zh += f"; 第{at}字节(从0数)起不是{encoding}" if at is not None else ""
    en += f"; not {encoding} from byte {at} on, counted from 0" if at is not None else ""
    if other is not None:
        zh, en = f"{zh}, 但全文是合法的{other}", f"{en}, but all of it is valid {other}"
    line = 1 + sent[: at or 0].count(b"\n")
    return SoapFault(BAD_ENCODING, violations=[Violation("encoding", "HTTP, XML", line, zh, en)])


def _first_bad(data: bytes, encoding: str) -> int | None:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    return None


def _disagreement(sent: bytes, charset: str | None) -> SoapFault:
    """Name what each of them says; a charset that is none of ours is not repeated."""
    zh, en = _sources(sent, charset)
    return SoapFault(BAD_ENCODING, violations=[Violation("encoding", "HTTP, XML", 1, zh, en)])


def _sources(sent: bytes, charset: str | None) -> tuple[str, str]:
    """What header, mark and declaration say, in both languages."""
    mark = next((name for start, name in _MARKS if sent.startswith(start)), None)
    plain = sent.removeprefix(codecs.BOM_UTF8)
    if mark is not None and mark.startswith("UTF-16"):
        plain = plain[:400].decode("utf-16", "replace").encode()
    declaration = _DECLARATION.match(plain)
    declared = declaration[2].decode("latin-1") if declaration and declaration[2] else None
    said = (("HTTP charset", charset), ("字节序标记", mark), ("XML声明", declared))
    zh = ", ".join(f"{what}: {_shown(value, '无', '不支持的编码')}" for what, value in said)
    names = ("HTTP charset", "byte order mark", "XML declaration")
    en = ", ".join(f"{name}: {_shown(value, 'none', 'none that is read here')}" for name, (_, value) in zip(names, said, strict=True))
    return f"{zh} (可用: {_TAKEN})", f"{en} (read here: {_TAKEN})"


def _shown(value: str | None, nothing: str, strange: str) -> str:
    if value is None:
        return nothing
    return value if value.lower() in _ENCODINGS or value.upper().startswith("UTF-16") else strange
