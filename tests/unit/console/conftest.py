"""A console without sockets: its browser, gateways that answer from a table, a clock that is moved."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import urlencode

import msgspec
import pytest
from twisted.internet.address import IPv4Address
from twisted.web.test.requesthelper import DummyRequest

from gateway.console import passwords
from gateway.console.diary import Diary
from gateway.console.frame import Frame
from gateway.console.gateways import Gateway
from gateway.console.login import Login
from gateway.console.pages import entries, pages
from gateway.console.sessions import Pauses, Sessions
from gateway.console.site import Console
from gateway.vocabulary import CHINA

PASSWORD = "correct horse"
KEPT = passwords.Kept(2, 1, 1, b"salt", passwords._digest(PASSWORD, b"salt", 2, 1, 1))
"""Cheap to judge: what scrypt costs is tested once."""


class Table:
    """A gateway that answers from a table; what it was sent is in `heard`."""

    def __init__(self, name="jiangxi"):
        self.answers = {}
        self.heard = []
        self.gateway = Gateway(name, self)

    async def __call__(self, method, where, body, seconds):
        self.heard.append((method, where, None if body is None else msgspec.json.decode(body)))
        answer = self.answers.get((method, where), (404, {"error": "no such resource"}))
        if isinstance(answer, Exception):
            raise answer
        status, value = answer
        return status, msgspec.json.encode(value)


class Browser:
    """One browser; it keeps cookies, and knows the token of the page that it saw last."""

    def __init__(self, tmp_path):
        self.now = datetime(2026, 11, 23, 3, 0, tzinfo=CHINA)
        self.audit = tmp_path / "audit.jsonl"
        self.diary = Diary(self.audit, self.clock)
        self.tables = [Table("jiangxi"), Table("group")]
        numbers = count(1)
        self.login_room = Login(
            lambda: {"anna": KEPT}, Sessions(self.clock, lambda: f"token{next(numbers)}"), Pauses(self.clock), self.diary,
            Frame(entries()), [table.gateway for table in self.tables], self.clock,
        )  # fmt: skip
        self.console = Console(self.login_room, pages())
        self.cookies = {}

    def clock(self):
        """Give the time; it goes on a little each time that it is asked for, as it does."""
        self.now += timedelta(microseconds=1)
        return self.now

    def later(self, **time):
        self.now += timedelta(**time)

    def ask(self, method, path, form=None, host="127.0.0.1:7080", **headers):
        """Give the finished request."""
        request = DummyRequest([])
        request.method, request.uri, request._disconnected = method.encode(), path.encode(), False
        request.content = io.BytesIO(urlencode(form or {}, doseq=True).encode())
        request.client = IPv4Address("TCP", "127.0.0.1", 5)
        headers = {"host": host, **headers}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        for name, value in headers.items():
            request.requestHeaders.addRawHeader(name.replace("_", "-").encode(), value.encode())
        self.console.render(request)
        assert request.finished == 1
        request.text = b"".join(request.written).decode()
        for cookie in request.responseHeaders.getRawHeaders("set-cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return request

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, form, **more):
        """Send a form of a page of this session."""
        session = self.login_room.sessions.find(self.cookies.get("vsop_console", ""), by_person=False)
        return self.ask("POST", path, {"csrf": session.csrf if session else "", **form}, **more)

    def log_in(self, **more):
        return self.ask("POST", "/login", {"name": "anna", "password": PASSWORD, "to": "/", **more})

    def audited(self):
        return [(row["act"], row["who"]) for row in map(msgspec.json.decode, self.audit.read_bytes().splitlines())]


@pytest.fixture
def browser(tmp_path):
    seen = Browser(tmp_path)
    yield seen
    seen.diary.close()
