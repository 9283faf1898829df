"""A real gateway process under fire: sends over loopback and holds every answer against what is promised of all of them."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

SECONDS = 10.0
"""In which any answer comes; a whole request has no more time than this to arrive either."""
BODY = 256 << 10
"""Longest body that the gateway reads (`limits.body_bytes` as shipped); a longer one gets 413."""
CPU_MS = 25.0
"""What one request may cost, safety.md section 2; measured over many, since the kernel counts in hundredths of a second."""
_ENVELOPES = {"{http://schemas.xmlsoap.org/soap/envelope/}Envelope", "{http://www.w3.org/2003/05/soap-envelope}Envelope"}
_TELLTALE = re.compile(r"Traceback|File \"|\.py\b|lxml|twisted|spyne|Exception|0x[0-9a-f]{6,}", re.IGNORECASE)
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    kind: str
    body: bytes

    @property
    def fault(self) -> bool:
        return self.status != 200 and b":Fault>" in self.body


class Probe:
    """A keep-alive connection to a gateway, and the figures of its process."""

    def __init__(self, port: int, pid: int, log: Path) -> None:
        self.port = port
        self.pid = pid
        self.log = log
        self.asked = 0
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)

    def send(self, path: str, body: bytes, kind: str) -> Answer:
        """One request; raises AssertionError for an answer that no request may get."""
        self.asked += 1
        try:
            answer = self._exchange(path, body, kind)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._line.close()  # it had idled for too long, or the answer before had ended it: once more
            answer = self._exchange(path, body, kind)
        self.check(answer)
        return answer

    def _exchange(self, path: str, body: bytes, kind: str) -> Answer:
        if len(body) > BODY:
            return self._refused(path, body, kind)
        self._line.request("POST", path, body, {"Content-Type": kind})
        came = self._line.getresponse()
        return Answer(came.status, came.headers.get("Content-Type", ""), came.read())

    def _refused(self, path: str, body: bytes, kind: str) -> Answer:
        """A body above the limit is answered while it is still being sent: http.client would not look."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS) as line:
            head = f"POST {path} HTTP/1.1\r\nHost: gw\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                line.sendall(head.encode() + body)
            came = http.client.HTTPResponse(line, method="POST")
            came.begin()
            return Answer(came.status, came.headers.get("Content-Type", ""), came.read())

    def check(self, answer: Answer) -> None:
        """An answer of the contract, a whole SOAP fault, or a plain 4xx; never a word of our insides."""
        told = answer.body.decode()
        assert _TELLTALE.search(told) is None, told
        if answer.status == 200 or answer.fault:
            assert etree.fromstring(answer.body).tag in _ENVELOPES
            assert answer.status in (200, 400, 500)
        else:
            assert 400 <= answer.status < 500, (answer.status, told)

    def cpu_ms(self) -> float:
        """CPU that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / _TICKS

    def memory(self) -> int:
        """Bytes that the process holds."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE

    def errors(self) -> list[str]:
        """Lines of its log that tell an error of its own."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if re.search(r"\b(error|critical)\b|handler\.failed|answer\.broken|Traceback", line)]

    def close(self) -> None:
        self._line.close()
