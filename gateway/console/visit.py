"""What a page is given and what it gives back. Must not know HTTP's server or how gateways are reached."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.console.frame import Frame
from gateway.console.gateways import Gateway

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the browser."""

    body: bytes = b""
    status: int = 200
    kind: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is logged in; for a POST its form is from a page of his own."""

    rest: tuple[str, ...]
    """The path behind the page's own word."""
    query: Mapping[str, str]
    form: Mapping[str, Sequence[str]]
    who: str
    csrf: str
    language: str
    """zh or en."""
    here: str
    """Path and query, to come back to."""
    gateways: Sequence[Gateway]
    frame: Frame
    now: datetime

    def field(self, name: str) -> str:
        """Give a field of the form, or an empty text."""
        return next(iter(self.form.get(name, ())), "")

    def page(self, template: str, *, status: int = 200, **values: Any) -> Answer:
        """Draw a template of the console, within its frame."""
        text = self.frame.draw(
            template, language=self.language, who=self.who, csrf=self.csrf, here=self.here, now=self.now, **values
        )
        return Answer(text.encode(), status)

    def gone(self, zh: str, en: str) -> Answer:
        """Say that there is no such thing."""
        return self.page("message.html", status=404, title=(("没有找到", "Not found")), said=(zh, en))

    def problem(self, zh: str, en: str, *, status: int = 400) -> Answer:
        """Say what could not be done; the browser's way back keeps the form."""
        return self.page("message.html", status=status, title=("未执行", "Not done"), said=(zh, en))


def moved(to: str) -> Answer:
    """Send the browser on, after an act: a reload does not act again."""
    return Answer(b"", 303, headers={"Location": to})


Handler = Callable[[Visit], Awaitable[Answer]]
Pages = Mapping[tuple[str, str], Handler]
"""Method and first word of the path to what answers."""
