"""Takes out of a message, before it reaches a disk, who the subscriber is, what was written to him, and what proves who the sender is.

It works on text, not on a tree: what is no XML, XML within a string, and half a message are masked as well. First by the contracts'
fields (numbers, codes, texts) and by the names that secrets have; then whatever digits look like a number or a card, anywhere.
Must not know files.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Final

from gateway.capture.pseudonyms import NUMBER, Pseudonyms
from gateway.contract import Contract
from gateway.contract.schema import ComplexType

REMOVED: Final = "***"
"""Stands where a text was."""
_SECRETS: Final = (
    "Security", "Password", "PasswordDigest", "Passwd", "Pwd", "Nonce", "BinarySecurityToken", "SignatureValue", "Token", "Secret",
    "AuthCode", "Authorization",
)  # fmt: skip
_NUMBER_TYPES: Final = ("ProductNo",)
_TEXT_TYPES: Final = ("SmsText",)
_CODE_TYPES: Final = ("RQCode",)
# All digits that stand together, from the shortest number on: to look for these first is five times as quick as for numbers.
_RUN: Final = re.compile(r"[0-9]{10,}")
_COUNTRY: Final = ("", "86", "0086")
_CARD: Final = re.compile(r"460[0-9]{12}")
_NUMBER: Final = re.compile(rf"(?:(?:\+|00)?86)?(?:{NUMBER.pattern})")
_DIGITS: Final = re.compile(r"[0-9]{3,}")
_SECRET_WORDS: Final = ("passw", "pwd", "token", "secret")
# Whatever stands around the word: spPassword, accessToken. The length has an end, as a name that a stranger writes may have none.
_WORDED: Final = r"[\w.-]{0,40}(?:password|passwd|pwd|token|secret)[\w.-]{0,40}"
_ATTRIBUTE: Final = re.compile(
    r"""((?:password|passwd|pwd|token|secret)(?:["']?\s*[:=]\s*(?=["'])|=))("[^"]*"?|'[^']*'?|[^\s"'<>&,;|]+)""", re.IGNORECASE
)
# Characters that digits or names could be hidden in: nobody writes them so, but a parser reads them.
_REFERENCE: Final = re.compile(r"&(?:amp;)*#(?:x0*([2-7][0-9a-f])|0*([0-9]{2,3}));", re.IGNORECASE)
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_PLAIN_CDATA: Final = re.compile(r"<!\[CDATA\[([^<]*?)\]\]>")
_NAMES_OF_BYTES: Final = re.compile(rb"encoding\s*=\s*[\"']([\w.-]{1,20})[\"']")
_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF8, "utf-8-sig"))
# No other is tried: Python has some whose reading takes a time that grows with the square of the length.
_ENCODINGS: Final = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030",
    "iso-8859-1": "latin-1", "latin-1": "latin-1", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "big5": "big5",
}  # fmt: skip
# XML has none of these. Bytes that do are packed, or of a charset that digits cannot be found in.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WIDE_RUN: Final = re.compile(r"[0-9\uff10-\uff19]{10,}")
_NARROW: Final = {0xFF10 + digit: str(digit) for digit in range(10)}
# A start tag's attributes: of a value in quotes also what elsewhere ends a tag. Where quotes do not come in pairs, up to the first end.
_CLOSE: Final = r"(?:>|&(?:amp;)*gt;)"
_PLAIN: Final = r"[^<>&]|&quot;|&apos;|&\#"
_ATTRIBUTES: Final = rf"""(?:\s(?:(?>"[^"<]*"|'[^'<]*'|{_PLAIN})*+(?={_CLOSE})|(?:{_PLAIN})*))?"""


@dataclass(frozen=True, slots=True)
class Fields:
    """Local names of the fields that hold a subscriber's number, a code of his, or a text to him."""

    numbers: frozenset[str] = field(default_factory=frozenset)
    codes: frozenset[str] = field(default_factory=frozenset)
    texts: frozenset[str] = field(default_factory=frozenset)


def fields_of(contracts: Iterable[Contract]) -> Fields:
    """Find them in the contracts, by the types of the fields."""
    found: dict[str, set[str]] = {}
    seen: dict[int, ComplexType] = {}  # held, so that no other type gets the same id

    def walk(kind: ComplexType) -> None:
        if id(kind) in seen:
            return
        seen[id(kind)] = kind
        for each in kind.fields:
            if each.complex_type is not None:
                walk(each.complex_type)
            else:
                found.setdefault(each.type_name.rpartition("}")[2], set()).add(each.name)

    for contract in contracts:
        for operation in contract.operations.values():
            for element in (operation.request, operation.response):
                walk(contract.schemas.element_type(element))

    def named(types: Collection[str]) -> frozenset[str]:
        return frozenset(name for kind in types for name in found.get(kind, ()))

    return Fields(named(_NUMBER_TYPES), named(_CODE_TYPES), named(_TEXT_TYPES))


class Masking:
    """Masks messages under one key."""

    def __init__(self, pseudonyms: Pseudonyms, fields: Fields) -> None:
        self.pseudonyms = pseudonyms
        # Old forms write the same names with a small first letter. `&lt;` begins a tag of a document within a string.
        removed = (*_SECRETS, *sorted(fields.texts))
        self._removed = _whole(removed)
        self._removed_words = tuple(name.lower() for name in removed)
        self._secrets = _whole((_WORDED,))
        self._valued = _valued(sorted(fields.numbers | fields.codes))

    def text(self, text: str) -> str:
        """Mask a message, or any other text."""
        if "&" in text and "#" in text:
            text = _REFERENCE.sub(_character, text)
        if "<!" in text:
            text = _PLAIN_CDATA.sub(lambda found: escape(found[1], quote=False), _COMMENT.sub("", text))
        if not text.isascii():
            text = _WIDE_RUN.sub(lambda found: found[0].translate(_NARROW), text)
        low = text.lower()
        if any(word in low for word in self._removed_words):
            text = self._removed.sub(_without, text)
        if self._valued is not None:
            text = self._valued.sub(self._other_value, text)
        if any(word in low for word in _SECRET_WORDS):
            text = self._secrets.sub(_without, text)
            text = _ATTRIBUTE.sub(rf'\1"{REMOVED}"', text)
        return _RUN.sub(self._other_run, text)

    def _other_run(self, found: re.Match[str]) -> str:
        run = found[0]
        for country in _COUNTRY:
            number = run[len(country) :]
            if run.startswith(country) and NUMBER.fullmatch(number) is not None:
                return country + self.pseudonyms.number(number)
        return self.pseudonyms.card(run) if _CARD.fullmatch(run) is not None else run

    def _other_value(self, found: re.Match[str]) -> str:
        """Leave what looks like a number to the rule for all numbers; exchange what other digits stand in such a field."""
        value = found[2]
        if _NUMBER.fullmatch(value.strip()) is not None:
            return found[0]
        squeezed = re.sub(r"[\s()-]", "", value)
        if _NUMBER.fullmatch(squeezed) is not None:  # such as 0791-6660001
            return found[1] + squeezed
        return found[1] + _DIGITS.sub(lambda run: self.pseudonyms.digits(run[0]), value)


def to_text(body: bytes, content_type: str) -> tuple[str, str] | None:
    """Read the bytes of a message as its header, mark or declaration says; gives the text and its encoding, None where they are no text."""
    encoding: str | None = next((name for mark, name in _MARKS if body.startswith(mark)), None)
    if encoding is None:
        said = content_type.lower().partition("charset=")[2].split(";")[0].strip(" \"'")
        declared = _NAMES_OF_BYTES.search(body[:120])
        encoding = _ENCODINGS.get(said or (declared[1].decode("latin-1").lower() if declared else "utf-8"))
    if encoding is None:
        return None
    try:
        text = body.decode(encoding)
        return (text, encoding) if text.encode(encoding) == body and not is_packed(text) else None
    except UnicodeError:
        return None


def is_packed(text: str) -> bool:
    """Whether it has characters that no text has: what is within cannot be found, and so not masked."""
    return _CONTROL.search(text) is not None


def _whole(names: Iterable[str]) -> re.Pattern[str]:
    """Match an element of such a name with all that is in it, closed or not, in a document or in one within a string."""
    choice = "|".join(names)
    return re.compile(
        rf"(?P<open><|(?:&(?:amp;)*lt;))(?P<tag>(?:[\w.-]+:)?(?:{choice}))(?P<rest>{_ATTRIBUTES})"
        rf"(?<!/)(?P<close>{_CLOSE}).*?(?P<end>(?:<|(?:&(?:amp;)*lt;))/(?P=tag)\s*(?:>|(?:&(?:amp;)*gt;))|\Z)",
        re.DOTALL | re.IGNORECASE,
    )


def _without(found: re.Match[str]) -> str:
    """Give the element with three stars in it; a block of WS-Security goes altogether."""
    tag = found["tag"]
    if tag.rpartition(":")[2].lower() == "security":
        return ""
    return f"{found['open']}{tag}{found['close']}{REMOVED}{found['end'] or ''}"


def _valued(names: Iterable[str]) -> re.Pattern[str] | None:
    choice = "|".join(names)
    if not choice:
        return None
    return re.compile(
        rf"((?:<|&(?:amp;)*lt;)(?:[\w.-]+:)?(?:{choice})(?:\s[^<>&]*)?(?:>|&(?:amp;)*gt;))([^<&]*)", re.IGNORECASE
    )


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    character = chr(code)
    return character if character.isascii() and character.isalnum() else found[0]
