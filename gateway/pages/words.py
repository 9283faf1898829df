"""The words of contracts and glossary, taken apart by language. Must not know how they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LONGEST_NAME = 20
"""Of a name before a colon; what is longer is a sentence that happens to hold a colon."""
_TERM = re.compile(r"^\| (?P<zh>[^|]+) \| (?P<wire>[^|]+) \| [^|]+ \| (?P<en>[^|]+) \|$", re.MULTILINE)
_WIRE_NAME = re.compile(r"`(\w+)`")
_PARTIES = {
    "VSOP of both tiers": "两级VSOP", "VSOP of the other tier, for a number of another province": "另一级VSOP(外省号码)",
    "VSOP as routed port": "VSOP(路由端口)", "X platform to the VSOP that asked it": "X平台(向请求它的VSOP)",
    "group VSOP to the province": "集团VSOP(向省级)", "ISMP for its own products": "ISMP(自有产品)", "the channels above": "上述渠道",
    "provincial VSOP": "省级VSOP", "group VSOP": "集团VSOP", "X platform": "X平台", "WAP hall": "WAP厅", "SMS hall": "短信营业厅",
    "provisioning": "服务开通", "portal": "网厅", "billing": "计费", "seat": "坐席", "channel": "渠道",
}  # fmt: skip
"""The table of operations names parties in English; longer names before those that they hold."""


@dataclass(frozen=True, slots=True)
class Both:
    """One text in Chinese and English."""

    zh: str
    en: str


def split(text: str) -> Both:
    """Take `中文: English` apart; what has no Chinese name before a colon is the same in both."""
    name, colon, rest = text.partition(": ")
    if colon and _CHINESE.search(name) and len(name) <= _LONGEST_NAME:
        return Both(name, rest)
    return Both(text, text)


def codes(text: str, values: Iterable[str]) -> dict[str, Both]:
    """Find what each value of an enumeration means in a documentation such as `0 订购 subscribe, 1 退订 unsubscribe.`"""
    known = list(values)
    any_value = "|".join(re.escape(value) for value in sorted(known, key=len, reverse=True))
    found = re.finditer(rf"(?:^|[ :,])(?P<value>{any_value}) (?P<meaning>.+?)(?=, (?:{any_value}) |; |\.$|\. |$)", text)
    made = {each["value"]: _meaning(each["meaning"]) for each in found}
    return {value: made.get(value, Both("", "")) for value in known}


def _meaning(text: str) -> Both:
    """Take `订购 subscribe` apart."""
    chinese = re.match(r"[^ ]*[\u3400-\u9fff][^ ]*", text)
    if chinese is None:
        return Both(text, text)
    return Both(chinese[0], text[chinese.end() :].strip() or chinese[0])


def glossary(root: Path) -> dict[str, Both]:
    """Read the field's words for the names on the wire from docs/glossary.md; raises OSError."""
    made: dict[str, Both] = {}
    for row in _TERM.finditer((root / "docs/glossary.md").read_text(encoding="utf-8")):
        for name in _WIRE_NAME.findall(row["wire"]):
            made.setdefault(name, Both(row["zh"].strip(), plain(row["en"])))
    return made


def plain(text: str) -> str:
    """Take Markdown's marks off."""
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text.replace("`", "")).strip()


def parties(text: str) -> Both:
    """Give the parties of a cell of the table of operations in both languages."""
    chinese = text
    for english, name in _PARTIES.items():
        chinese = chinese.replace(english, name)
    return Both(chinese, text)


def sentence(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]
