"""Speaks to the admin API of a stub set: plays its users, reads what it saw."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from gateway.cli.errors import CommandFailed, Unreachable, no_answer
from gateway.flows.sections import OutsideStep, Seen
from gateway.ladders.cases import Witness
from stubs.kit.settings import StubSettings


@dataclass(frozen=True, slots=True)
class StubClient:
    """One stub set's admin API."""

    name: str
    url: str

    @classmethod
    def of(cls, settings: StubSettings) -> StubClient:
        """Find the API of a stub set of the lab."""
        return cls(settings.name, f"http://127.0.0.1:{settings.port}/_stub")

    def act(self, role: str, act: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Let somebody do something, such as a user at the portal; gives what came of it."""
        return self._call(f"act/{role}/{act}", json.dumps(fields).encode())

    def ledger(self, name: str, **wanted: str) -> list[dict[str, Any]]:
        """Read the rows of an append-only ledger."""
        rows: list[dict[str, Any]] = self._call(f"ledger/{name}?{urllib.parse.urlencode(wanted)}")["rows"]
        return rows

    def journal(self, **wanted: str) -> list[dict[str, Any]]:
        """Read the messages that the set saw."""
        entries: list[dict[str, Any]] = self._call(f"journal?{urllib.parse.urlencode(wanted)}")["entries"]
        return entries

    def get(self, path: str, **wanted: str) -> dict[str, Any]:
        """Read another resource: world, catalogue or settings."""
        return self._call(f"{path}?{urllib.parse.urlencode(wanted)}")

    def set(self, **settings: str | None) -> None:
        """Change how the set behaves: modes of roles and operations."""
        self._call("settings", json.dumps(settings).encode())

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Change something by a route of the API; what it refuses as wrong ends the command with exit 2."""
        return self._call(path, json.dumps(body).encode(), refused=2)

    def _call(self, path: str, body: bytes | None = None, *, refused: int = 1) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{self.url}/{path}", body), timeout=10) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            raise CommandFailed(f"stub {self.name}: {json.load(error).get('error')}", refused) from None
        except OSError as error:
            raise Unreachable(f"stub {self.name}: no answer from {self.url} ({no_answer(error)})") from None


def witness(stubs: StubClient, number: str) -> Witness:
    """Ask the stubs when the steps happened that VSOP does not see, for a case of `number`; each step says who saw it."""

    def seen(step: OutsideStep, begun: dict[str, Any]) -> str | None:
        keys = {
            "order": begun["channel_order_id"], "trace": begun["trace_id"], "streaming_no": begun["streaming_no"], "number": number,
        }  # fmt: skip
        key = keys[step.seen.key]
        found = _ledger(stubs, step, begun, key) if step.seen.ledger else _journal(stubs, step.seen, key)
        return found[0]["at"] if found else None

    return seen


def _ledger(stubs: StubClient, step: OutsideStep, begun: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Rows of a case; those that name no order are those of its user since the message that caused them."""
    name = _MIRRORED.get((step.seen.ledger, begun["action"]), step.seen.ledger)
    if step.seen.key != "number":
        return stubs.ledger(name, order=key)
    caused = [arrow["at"][:_MILLISECONDS] for arrow in begun["arrows"] if arrow["receiver"] == step.sender]
    return [row for row in stubs.ledger(name, number=key) if caused and row["at"] >= max(caused)]


_MIRRORED = {
    ("activation", "unsubscribe"): "deactivation", ("activation", "suspend"): "suspension", ("activation", "resume"): "resumption",
}  # fmt: skip
_MILLISECONDS = 23
"""Length of a time to the millisecond: stubs tell no more."""


def _journal(stubs: StubClient, seen: Seen, key: str) -> list[dict[str, Any]]:
    """Messages of a case: by its end-to-end id, or by the number that a field of the message holds."""
    if seen.key == "trace":
        return stubs.journal(role=seen.role, operation=seen.operation, trace=key)
    entries = stubs.journal(role=seen.role, operation=seen.operation)
    return [entry for entry in entries if key and any(entry["fields"].get(name) == key for name in _FIELDS[seen.key])]


_FIELDS = {"order": ("OrderId", "OrigOrderId"), "streaming_no": ("StreamingNo",), "number": ("ProductNo",)}
