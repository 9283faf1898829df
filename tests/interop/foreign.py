"""SOAP clients of other languages, as child processes that speak JSON; knows nothing of the gateway but ?wsdl addresses.

The protocol: one JSON line in for a call, one JSON line out for what came of it.

    in   {"wsdl": URL, "soap": "1.1" | "1.2", "operation": NAME, "fields": {...}, "routing": {...} | null, "as_given": BOOL}
    out  {"answer": {...}}                              the operation's answer, as the client gives it to a program
         {"fault": {"code", "message", "detail"}}       a SOAP fault; the detail by element name; code null where the client hides it
         {"refused": TEXT}                              the client itself would not send
         with "sent" and "received", the messages as they were on the wire

`as_given`: the program does not help its client where it knows that it must; only one of them looks at it.
Anything else, such as a gateway that cannot be reached, ends the process with an error. A client for one more language is one such
program and one line in kits.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Any

ENVELOPES = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
PATIENCE = 60.0
"""Seconds for a call: a first one reads the contract, and Java's compiles what it runs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a client's program got: an answer, a fault of the gateway, or its own client's refusal to send."""

    sent: str | None
    received: str | None
    answer: dict | None = None
    fault: dict | None = None
    refused: str | None = None

    @property
    def violations(self) -> list[dict]:
        """The fault's violations, whether the client gives a single one as itself or as a list."""
        found = self.fault["detail"]["ContractFault"]["Violation"]
        return found if isinstance(found, list) else [found]

    @property
    def broken(self) -> tuple[str, list[str]]:
        """Code of the ContractFault and the fields that it names."""
        return self.fault["detail"]["ContractFault"]["Code"], [violation["Field"] for violation in self.violations]


class ForeignClient:
    """A client of another language in one SOAP version; its process lives until `close`."""

    def __init__(self, language: str, soap: str, command: tuple[str, ...]) -> None:
        self.language = language
        self.soap = soap
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  the child keeps it
        # The lab is on loopback; a proxy of the machine must not be asked for it.
        environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        self._popen = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, encoding="utf-8", env=environment
        )

    def call(self, url: str, operation: str, fields: dict, routing: dict | None = None, *, as_given: bool = False) -> Outcome:
        """Let the client read the served contract and make one call; an error of its process fails the test with what it said."""
        wsdl = f"{url}?wsdl" if self.soap == "1.1" else f"{url}?wsdl&soap=1.2"
        call = {"wsdl": wsdl, "soap": self.soap, "operation": operation, "fields": fields, "routing": routing, "as_given": as_given}
        with contextlib.suppress(BrokenPipeError):  # it has ended: what it said is told below
            self._popen.stdin.write(json.dumps(call, ensure_ascii=False) + "\n")
            self._popen.stdin.flush()
        ready, _, _ = select.select([self._popen.stdout], [], [], PATIENCE)
        line = self._popen.stdout.readline() if ready else ""
        if not line:
            raise AssertionError(f"{self.language} client: {'ended' if ready else 'no answer'}: {self._end()}")
        return Outcome(**json.loads(line))

    @property
    def ended(self) -> bool:
        """Whether its process is gone."""
        return self._popen.poll() is not None

    def close(self) -> None:
        """End its process."""
        if not self._errors.closed:
            self._end()

    def _end(self) -> str:
        with contextlib.suppress(BrokenPipeError):
            self._popen.stdin.close()
        try:
            self._popen.wait(5)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._popen.stdout.close()
        with self._errors:
            self._errors.seek(0)
            return self._errors.read()


def present(value: Any) -> Any:
    """What a client gives, without what is absent: clients show an absent element as null, as an empty list, or not at all."""
    if isinstance(value, dict):
        kept = {name: present(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item is not None and item != []}
    return [present(item) for item in value] if isinstance(value, list) else value
