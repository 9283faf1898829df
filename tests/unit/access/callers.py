"""Makes what the guard judges: messages with tokens, partners, and a door to a store in memory."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

from gateway.access.door import Door
from gateway.access.kinds import Freshness, kinds
from gateway.contract import Codec, load_contract
from gateway.domain.numbers import NumberPlan
from gateway.resources import contracts_dir
from gateway.soap.endpoint import Endpoint, SoapAnswer
from gateway.store.memory import MemoryStore

WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
WSSE, WSU = f"{WSS}-wssecurity-secext-1.0.xsd", f"{WSS}-wssecurity-utility-1.0.xsd"
DIGEST, TEXT = (f"{WSS}-username-token-profile-1.0#Password{kind}" for kind in ("Digest", "Text"))
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PASSWORD = "a password of tests"
CODEC = Codec(load_contract(contracts_dir() / "vsop.wsdl"))
PLAN = NumberPlan(mobile={"1890791": "15", "1890771": "21"})
PORTAL = """
[portal]
systems = ["211"]
authentication = ["username-token"]
password_file = "portal.password"
operations = ["vsop/orderStateQry", "vsop/subInstQryFromVSOP"]
provinces = ["15"]
networks = ["192.0.2.0/24"]
"""


class Time:
    """A clock that is moved, and what is to be done later."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at
        self.later: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()

    def call_later(self, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        entry = (self.at.timestamp() + seconds, act)
        self.later.append(entry)
        return lambda: self.later.remove(entry) if entry in self.later else None

    def pass_by(self, seconds: float) -> None:
        """Let time pass, and do what falls due, once each."""
        self.at += timedelta(seconds=seconds)
        due = [entry for entry in self.later if entry[0] <= self.at.timestamp()]
        self.later = [entry for entry in self.later if entry not in due]
        for _, act in due:
            act()


class Answers:
    """Answers the queries of the contract, and remembers who asked."""

    def __init__(self) -> None:
        self.callers: list[str] = []

    def __getattr__(self, operation: str) -> Any:
        if operation.startswith("_") or operation not in CODEC.contract.operations:
            raise AttributeError(operation)

        async def handle(request: Any, exchange: Any) -> Any:
            self.callers.append(exchange.caller)
            answer = CODEC.by_element[CODEC.contract.operations[operation].response].type
            return answer(StreamingNo=request.StreamingNo, ResultCode="0", ResultDesc="ok")

        return handle


def run(work: Any) -> None:
    """Run a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits")


class Place:
    """A door, an endpoint behind it, and what they leave."""

    def __init__(
        self, directory: Path, partners: str = PORTAL, *, store: Any = None, time: Time | None = None, shared: bool = False
    ) -> None:
        self.file = directory / "partners.toml"
        self.file.write_text(partners, encoding="utf-8")
        password(directory / "portal.password")
        self.store, self.time, self.events = store or MemoryStore(), time or Time(), []
        self.door = Door(
            self.file, {"province": "15"}, kinds=kinds(), fresh=Freshness(), share=1.0, shared=shared, plan=PLAN, store=self.store,
            clock=self.time, spawn=run, events=lambda event, /, **fields: self.events.append((event, fields)),
            passed=self.time.seconds,
        )  # fmt: skip
        run(self.door.load())
        self.answers = Answers()
        self.endpoint = Endpoint(CODEC, self.answers, reference=lambda: "R").guarded(self.door.guard)

    def ask(self, message: str, peer: str = "192.0.2.7", **link: Any) -> tuple[int, str]:
        """Give the HTTP status of an answer and the code that it bears: of our table, 0 for one that is good."""
        answer = self.answer(message, peer, **link)
        text = answer.body.decode()
        return answer.status, text.partition("<t:Code>")[2].partition("<")[0] or "0"

    def answer(self, message: str, peer: str = "192.0.2.7", **link: Any) -> SoapAnswer:
        answer = self.endpoint.answer(message.encode(), charset="utf-8", action="", peer=peer, **link)
        return answer if isinstance(answer, SoapAnswer) else answer.result

    def audit(self) -> list[tuple[str, str, str]]:
        """Give act, subject and reason of what is in the audit log, the oldest first."""
        rows: list[Any] = []

        async def read() -> None:
            rows.extend(await self.store.audit("", 100))

        run(read())
        return [(row.act, row.subject, row.why.split()[0]) for row in reversed(rows)]


def password(path: Path, text: str = PASSWORD, mode: int = 0o600) -> Path:
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(mode)
    return path


def zulu(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def token(
    user: str = "portal", secret: str = PASSWORD, *, nonce: bytes = b"sixteen bytes of", created: str | None = None, at: datetime = NOON,
    kind: str | None = DIGEST, leave_out: str = "", must: bool = False, inner: str = "", beside: str = "", name: str = "s",
) -> str:  # fmt: skip
    """Write a Security header block as a good client does, but for what is said."""
    created = zulu(at) if created is None else created
    digest = base64.b64encode(sha1(nonce + created.encode() + secret.encode()).digest()).decode()
    parts = {
        "Username": f"<wsse:Username>{user}</wsse:Username>",
        "Password": f"<wsse:Password{'' if kind is None else f' Type={kind!r}'}>{digest if kind == DIGEST else secret}</wsse:Password>",
        "Nonce": f"<wsse:Nonce>{base64.b64encode(nonce).decode()}</wsse:Nonce>",
        "Created": f"<wsu:Created>{created}</wsu:Created>",
    }
    held = "".join(text for part, text in parts.items() if part != leave_out) + inner
    attribute = f' {name}:mustUnderstand="1"' if must else ""
    return (
        f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"{attribute}>'
        f"<wsse:UsernameToken>{held}</wsse:UsernameToken>{beside}</wsse:Security>"
    )


def message(
    header: str = "", *, system: str = "211", operation: str = "orderStateQry", fields: str = "<OrderId>P.1</OrderId>", soap: str = SOAP
) -> str:
    """Write a query."""
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return (
        f'<s:Envelope xmlns:s="{soap}">{head}<s:Body><{operation} xmlns="urn:vas:vsop:v1">'
        f"<StreamingNo>21120260301120000000000001</StreamingNo><TimeStamp>20260301200000</TimeStamp><SystemId>{system}</SystemId>"
        f"{fields}</{operation}></s:Body></s:Envelope>"
    )


def number(digits: str) -> dict[str, str]:
    """Give the fields of a query of what a number holds."""
    return {"operation": "subInstQryFromVSOP", "fields": f"<ProdSpecCode>003</ProdSpecCode><ProductNo>{digits}</ProductNo>"}
