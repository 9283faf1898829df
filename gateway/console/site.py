"""The console on twisted.web: sessions, login, tokens of forms, security headers; then the page. Must not know what pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site
from twisted.web.server import Request as ServerRequest

from gateway.console.frame import LANGUAGES
from gateway.console.gateways import Away, Refused
from gateway.console.login import Login, is_local
from gateway.console.sessions import Session
from gateway.console.statics import STATIC
from gateway.console.visit import Answer, Handler, Pages, Visit

_log = Logger("gateway.console")
MOST_BODY = 256 << 10
"""Bytes of a form: a bulk retry names a thousand orders of 40 characters, and a description may be long."""
MOST_FIELDS = 4000
COOKIE = "vsop_console"
LANGUAGE = "vsop_language"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request, read."""

    method: str
    path: tuple[str, ...]
    here: str
    query: Mapping[str, str]
    form: Mapping[str, Sequence[str]]
    cookies: Mapping[str, str]
    language: str
    address: str
    by_person: bool


class _Unfit(Exception):
    """The request is none that a browser sends from a page of ours."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Console(Resource):
    """All paths."""

    isLeaf = True

    def __init__(self, login: Login, pages: Pages, hosts: frozenset[str] = frozenset()) -> None:
        """`hosts` are names under which it is reached beside loopback's, through a proxy that speaks TLS."""
        super().__init__()
        self._login = login
        self._pages: Mapping[tuple[str, str], Handler] = pages
        self._hosts = LOOPBACK | hosts

    def render(self, request: Request) -> int:
        """Answer when the page's coroutine has; a browser that went away is no error."""
        request.notifyFinish().addErrback(lambda _: None)
        Deferred.fromCoroutine(self._respond(request)).addErrback(_failed, request)
        return NOT_DONE_YET

    async def _respond(self, request: Request) -> None:
        try:
            answer = await self._answer(self._read(request))
        except _Unfit as unfit:
            answer = Answer(f"{unfit.text}\n".encode(), unfit.status, "text/plain; charset=utf-8")
        _write(request, answer)

    async def _answer(self, asked: _Asked) -> Answer:
        word = asked.path[0]
        if word == "static" and asked.method == "GET":
            found = STATIC.get("/".join(asked.path[1:]))
            if found is None:
                raise _Unfit(404, "no such file")
            return Answer(found.body, kind=found.kind)
        if word == "language" and asked.method == "GET":
            return _language(asked)
        token = asked.cookies.get(COOKIE, "")
        session = self._login.sessions.find(token, by_person=asked.by_person)
        if word == "login" and asked.method == "POST":
            return self._logged_in(asked, token)
        if session is None:
            return self._login.page(asked.language, asked.here, asked.form, expired=bool(token) or asked.method == "POST")
        if asked.method == "POST" and not session.owns(next(iter(asked.form.get("csrf", ())), "")):
            return self._login.resend(asked.language, session, asked.here, asked.form)
        if (asked.method, word) == ("POST", "logout"):
            self._login.out(token, asked.address)
            return Answer(b"", 303, headers={"Location": "/", "Set-Cookie": _cookie(COOKIE, "", "; Max-Age=0; HttpOnly")})
        return await self._page(asked, session)

    def _logged_in(self, asked: _Asked, former: str) -> Answer:
        answer, token = self._login.take(asked.language, asked.form, asked.address, former)
        if token:
            return Answer(answer.body, answer.status, answer.kind, {**answer.headers, "Set-Cookie": _cookie(COOKIE, token, "; HttpOnly")})
        return answer

    async def _page(self, asked: _Asked, session: Session) -> Answer:
        visit = Visit(
            asked.path[1:], asked.query, asked.form, session.who, session.csrf, asked.language, asked.here,
            self._login.gateways, self._login.frame, self._login.now(),
        )  # fmt: skip
        handler = self._pages.get((asked.method, asked.path[0]))
        if handler is None:
            return visit.gone("没有这个页面。", "There is no such page.")
        if asked.method == "POST":
            self._login.diary.add(f"post /{'/'.join(asked.path)}", session.who, address=asked.address)
        try:
            return await handler(visit)
        except Away as away:
            return visit.problem(f"{away.gateway}: 没有应答 ({away.reason})", f"{away.gateway}: {away.reason}", status=502)
        except Refused as refused:
            return visit.problem(f"{refused.gateway}: {refused.reason}", f"{refused.gateway}: {refused.reason}", status=409)

    def _read(self, request: Request) -> _Asked:
        method = (request.method or b"").decode("latin-1")
        host = (request.getHeader("host") or "").lower()
        if host.rpartition(":")[0] not in self._hosts and host not in self._hosts:
            raise _Unfit(421, "this console is not reached under that name: see --host-name")
        origin = request.getHeader("origin")
        if method == "POST" and origin is not None and urlsplit(origin).netloc.lower() != host:
            raise _Unfit(403, "a form of another site is not taken")
        if method not in ("GET", "POST"):
            raise _Unfit(405, "GET or POST")
        here = (request.uri or b"/").decode("latin-1")
        path, _, query = here.partition("?")
        body = b"" if request.content is None else bytes(request.content.read(MOST_BODY))
        cookies = _cookies(request.getHeader("cookie") or "")
        return _Asked(
            method, tuple(unquote(part) for part in path.strip("/").split("/")), here,
            {name: values[0] for name, values in _fields(query).items()}, _fields(body.decode("latin-1")), cookies,
            _chosen(cookies.get(LANGUAGE, ""), request.getHeader("accept-language") or ""),
            str(getattr(request.getClientAddress(), "host", "")), request.getHeader("x-refresh") is None,
        )  # fmt: skip


def _fields(text: str) -> dict[str, list[str]]:
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError:
        raise _Unfit(400, f"more than {MOST_FIELDS} fields") from None


def _cookies(text: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(text).items()}
    except CookieError:
        return {}


def _chosen(kept: str, accepted: str) -> str:
    """Choose the language that was clicked, else the browser's; Chinese only where the browser puts it first."""
    return kept if kept in LANGUAGES else "zh" if accepted.lower().startswith("zh") else "en"


def _language(asked: _Asked) -> Answer:
    wanted = asked.query.get("to", "")
    back = asked.query.get("back", "/")
    if wanted not in LANGUAGES or not is_local(back):
        raise _Unfit(400, "to=zh or to=en")
    return Answer(b"", 303, headers={"Location": back, "Set-Cookie": _cookie(LANGUAGE, wanted, "; Max-Age=31536000")})


def _cookie(name: str, value: str, more: str) -> str:
    return f"{name}={value}; Path=/; SameSite=Strict{more}"


def _failed(failure: Any, request: Request) -> None:
    _log.failure("console.failed", failure)
    _write(request, Answer(b"internal error, see the console's log\n", 500, "text/plain; charset=utf-8"))


def _write(request: Request, answer: Answer) -> None:
    if request._disconnected:
        return
    request.setResponseCode(answer.status)
    request.responseHeaders.removeHeader(b"server")
    for name, value in {**HEADERS, "Content-Type": answer.kind, **answer.headers}.items():
        request.setHeader(name, value)
    request.setHeader("Content-Length", str(len(answer.body)))
    request.write(answer.body)
    request.finish()


class _BoundedRequest(ServerRequest):
    """A request whose body is looked at before it is read: too much of it ends the connection."""

    def gotLength(self, length: int | None) -> None:  # noqa: N802  twisted.web calls it so; None: in chunks
        """Refuse what is too long, or of a length that is not told."""
        if length is None or length > MOST_BODY:
            channel: Any = self.channel
            channel.transport.write(b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            channel.loseConnection()
            length = 0
        super().gotLength(length)


class _QuietSite(Site):
    """No access log: paths hold subscriber numbers."""

    noisy = False

    def log(self, request: Request) -> None:
        """Write nothing."""


def site(console: Console) -> Site:
    """Wrap the console for a listener."""
    return _QuietSite(console, requestFactory=_BoundedRequest)
