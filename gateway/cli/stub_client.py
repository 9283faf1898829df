"""Speaks to the admin API of a stub set: plays its users, reads what it saw."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from gateway.cli.errors import CommandFailed, Unreachable
from gateway.cli.ladder import Witness
from gateway.flows.sections import OutsideStep
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

    def _call(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{self.url}/{path}", body), timeout=10) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            raise CommandFailed(f"stub {self.name}: {json.load(error).get('error')}", 1) from None
        except OSError as error:
            raise Unreachable(f"stub {self.name}: no answer from {self.url} ({error})") from None


def witness(stubs: StubClient, number: str) -> Witness:
    """Ask the stubs when the steps happened that VSOP does not see, for a case about `number`."""

    def seen(step: OutsideStep, begun: dict[str, Any]) -> str | None:
        by = step.seen
        known_as = {
            "order": {"order": begun["channel_order_id"]},
            "trace": {"order" if by.ledger else "trace": begun["trace_id"]},
            "streaming_no": {"streaming_no": begun["streaming_no"]},
            "number": {"number": number},
        }[by.key]
        if not by.ledger:
            found = stubs.journal(role=by.role, operation=by.operation, **known_as)
        elif by.key == "number":  # a message to the user names no order: it is the one that came after we had sent ours
            since = max((a["at"] for a in begun["arrows"] if a["receiver"] == by.role), default="9")
            found = [row for row in stubs.ledger(by.ledger, **known_as) if row["at"] >= since[:23]]
        else:
            found = stubs.ledger(by.ledger, **known_as)
        return found[0]["at"] if found else None

    return seen
