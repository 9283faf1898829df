"""Draws templates within the console's frame: every value escaped, both languages side by side in the template. Knows no gateway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from gateway.errors import RESULTS
from gateway.ladders.cases import name
from gateway.ladders.showing import plain

ROOM = Path(__file__).parent
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation; `key` is pressed after g."""

    path: str
    key: str
    zh: str
    en: str


class Frame:
    """The templates, read once."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(ROOM / "templates"), autoescape=True, undefined=StrictUndefined, finalize=_shown,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        self._environment.globals.update(t=_told, entries=tuple(entries), result=_result)
        self._environment.filters.update(time=_time, part=_part, party=name)

    def draw(self, template: str, **values: Any) -> str:
        """Draw a template."""
        return self._environment.get_template(template).render(values)


def _shown(value: Any) -> Any:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@pass_context
def _told(context: Context, zh: str, en: str) -> str:
    """Choose between the two languages; what is marked up already stays so."""
    return zh if context["language"] == "zh" else en


@pass_context
def _result(context: Context, code: int) -> str:
    """Write a result code with its text; nothing for success."""
    if not code:
        return ""
    known = RESULTS.get(code)
    text = "" if known is None else known.zh if context["language"] == "zh" else known.en
    return f"[{code}] {text}".strip()


def _time(text: str | datetime | None) -> str:
    """Write a time to the second."""
    if text is None:
        return ""
    return (text.isoformat() if isinstance(text, datetime) else text)[:19].replace("T", " ")


def _part(text: str) -> str:
    """Write a text as one part of a path."""
    return quote(text, safe="")
