"""Logging in and out, and what was typed into a form whose session had ended. Must not know HTTP's server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.console.diary import Diary
from gateway.console.frame import Frame
from gateway.console.gateways import Gateway
from gateway.console.passwords import LONGEST, NOBODY, Kept
from gateway.console.sessions import Pauses, Session, Sessions
from gateway.console.visit import Answer, moved

Form = Mapping[str, Sequence[str]]
KEPT = "kept."
"""With this the fields begin that a form had when its session was found to be over."""


def is_local(path: str) -> bool:
    """Whether a place to go to is one of this console's."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()


@dataclass(frozen=True, slots=True)
class Login:
    """All that logging in needs; `passwords` reads the file anew each time: who was taken out of it stays out."""

    passwords: Callable[[], Mapping[str, Kept]]
    sessions: Sessions
    pauses: Pauses
    diary: Diary
    frame: Frame
    gateways: Sequence[Gateway]
    now: Callable[[], datetime]

    def page(self, language: str, to: str, form: Form, *, expired: bool = False) -> Answer:
        """Ask for name and password; what was typed before goes along."""
        kept = {name: values for name, values in form.items() if name not in ("csrf", "password")}
        return self._asking(language, to, kept, ("会话已过期，请重新登录。", "Your session has ended: log in again.") if expired else None)

    def take(self, language: str, form: Form, address: str, former: str) -> tuple[Answer, str]:
        """Judge a login; gives what to answer, and the token of the new session or an empty text."""
        name, password, to = (next(iter(form.get(field, ())), "") for field in ("name", "password", "to"))
        to = to if is_local(to) else "/"
        kept = {field.removeprefix(KEPT): values for field, values in form.items() if field.startswith(KEPT)}
        pause = self.pauses.left(name)
        if pause:
            self.diary.add("login.paused", name, address=address)
            said = (f"错误次数过多，请在 {pause} 秒后重试。", f"Too many wrong logins: try again in {pause} s.")
            return self._asking(language, to, kept, said, name, 429), ""
        known = self.passwords().get(name)
        if not (known or NOBODY).matches(password[: LONGEST + 1]) or known is None:
            self.pauses.wrong(name)
            self.diary.add("login.refused", name, address=address)
            return self._asking(language, to, kept, ("用户名或密码错误。", "Wrong name or password."), name, 403), ""
        self.pauses.right(name)
        self.sessions.end(former)
        token, session = self.sessions.begin(name)
        self.diary.add("login", name, address=address)
        if kept:
            return self.resend(language, session, to, kept), token
        return moved(to), token

    def out(self, token: str, address: str) -> None:
        """Log out."""
        session = self.sessions.find(token)
        self.sessions.end(token)
        if session is not None:
            self.diary.add("logout", session.who, address=address)

    def resend(self, language: str, session: Session, to: str, form: Form) -> Answer:
        """Show what was typed into a form of another session, to be sent once more or not."""
        fields = [(name, value) for name, values in form.items() if name != "csrf" for value in values]
        text = self.frame.draw(
            "resend.html", language=language, who=session.who, csrf=session.csrf, here="/", now=self.now(), to=to, fields=fields
        )
        return Answer(text.encode(), 409)

    def _asking(
        self, language: str, to: str, kept: Form, said: tuple[str, str] | None, name: str = "", status: int = 401
    ) -> Answer:
        fields = [(f"{KEPT}{field}", value) for field, values in kept.items() for value in values]
        text = self.frame.draw(
            "login.html", language=language, who="", csrf="", here="/", now=self.now(), to=to, fields=fields, said=said, name=name
        )
        return Answer(text.encode(), status)
