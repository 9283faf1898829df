"""SoapUI's property expansion: ${...} in texts, nested, with $${ as the way to write it plainly. Must not know what a name means."""

from __future__ import annotations

from collections.abc import Callable

from gateway.contract.codec import EncodeError, escape
from stubs.soapui.results import Broken, CannotRun, Said

DEPTH = 20
"""Values in values; beyond, a value is taken to hold itself."""
VALUES = 10_000
"""Values that one text may need, and..."""
CHARACTERS = 64 << 20
"""...what they may hold in all: values of values grow fast."""
Resolve = Callable[[str], str | None]
"""Gives the value of a name, None for one that is unknown."""


def expand(text: str, resolve: Resolve, *, entitize: bool = False) -> str:
    """Put values in the place of names; one that is unknown leaves nothing, as in SoapUI.

    With `entitize`, values are escaped for XML. Raises CannotRun for Groovy, Broken for a value that holds itself or grows too large.
    """
    return _Expansion(resolve, entitize).of(text, 0) if "${" in text else text


class _Expansion:
    """One text, and what it has used of its limits."""

    def __init__(self, resolve: Resolve, entitize: bool) -> None:
        self._resolve = resolve
        self._entitize = entitize
        self._values = VALUES
        self._characters = CHARACTERS

    def of(self, text: str, depth: int) -> str:
        done: list[str] = []
        at = 0
        while (start := text.find("${", at)) >= 0:
            if start > at and text[start - 1] == "$":  # $${ stands for ${
                done.append(text[at : start - 1] + "${")
                at = start + 2
                continue
            end = text.find("}", start + 2)
            if end < 0:
                break
            inner = text.rfind("${", start, end)
            if inner != start:  # the innermost first, then the same place again
                text = text[:inner] + self._value(text[inner + 2 : end], depth, plain=True) + text[end + 1 :]
                continue
            done += (text[at:start], self._value(text[start + 2 : end], depth, plain=depth > 0))
            at = end + 1
        done.append(text[at:])
        return "".join(done)

    def _value(self, name: str, depth: int, *, plain: bool) -> str:
        if name.startswith("="):
            raise CannotRun(Said(f"内嵌Groovy: ${{{name[:60]}}}", f"Groovy in a text: ${{{name[:60]}}}"))
        self._values -= 1
        if depth > DEPTH or self._values < 0:
            raise Broken(Said(f"属性引用了自身: {name[:60]}", f"a property holds itself: {name[:60]}"))
        value = self._resolve(name)
        if value is None:
            return ""
        if "${" in value:
            value = self.of(value, depth + 1)
        self._characters -= len(value)
        if self._characters < 0:
            raise Broken(Said(f"属性的值过长: {name[:60]}", f"the value of a property grows too long: {name[:60]}"))
        return _escaped(value, name) if self._entitize and not plain else value


def _escaped(value: str, name: str) -> str:
    try:
        return escape(value)
    except EncodeError:
        shown = name[:60]
        raise Broken(Said(f"属性含有XML不允许的字符: {shown}", f"a property holds a character that XML cannot carry: {shown}")) from None
