"""The 30 hostile answers of a partner, and a partner that gives them."""

from __future__ import annotations

import contextlib
import gzip
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hostile_build import S11, S12, compressed, laughs

DONE, PERMANENT, TEMPORARY = "0", "8002", "8005"
"""What the gateway tells whoever asked: the partner's own result, that it refused our message, or that it gave no answer."""
SOAP = "text/xml; charset=utf-8"
NAMESPACE = "urn:vas:ocs:v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerAnswer:
    """One answer. `make` gives its bytes for the StreamingNo that was asked with; `then` is what becomes of the connection."""

    id: str
    name: str
    outcome: str
    make: Callable[[str], bytes]
    then: str = "keep"
    """keep, close, reset or hold it (nothing more is sent)."""
    drip: bool = False


def good(serial: str) -> str:
    """What the contract wants."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{S11}"><s:Body><v:feeCheckResponse xmlns:v="{NAMESPACE}">'
        f"<v:StreamingNo>{serial}</v:StreamingNo><v:ResultCode>0</v:ResultCode><v:ResultDesc>ok</v:ResultDesc>"
        "<v:Balance>5000</v:Balance></v:feeCheckResponse></s:Body></s:Envelope>"
    )


def _fault(code: str) -> str:
    inner = f"<s:Fault><faultcode>s:{code}</faultcode><faultstring>x</faultstring></s:Fault>"
    return f'<s:Envelope xmlns:s="{S11}"><s:Body>{inner}</s:Body></s:Envelope>'


def _http(body: str | bytes, status: str = "200 OK", kind: str | None = SOAP, *more: str, length: int | None = None) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {kind}"] if kind else []), *more]
    lines.append(f"Content-Length: {len(data) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def _with_doctype(serial: str, inside: str, entity: str) -> bytes:
    text = good(serial).replace("<s:Envelope", f"<!DOCTYPE s:Envelope [{inside}]><s:Envelope", 1)
    return _http(text.replace(">ok<", f">{entity}<"))


def answers(canary: str) -> Iterator[PartnerAnswer]:
    """All of them."""
    fail = "500 Internal Server Error"

    def answer(id: str, name: str, outcome: str, make: Callable[[str], bytes] | bytes, **others: object) -> PartnerAnswer:
        made = make if callable(make) else lambda _: make
        return PartnerAnswer(id=id, name=name, outcome=outcome, make=made, **others)  # type: ignore[arg-type]

    yield answer("R01", "good", DONE, lambda n: _http(good(n)))
    yield answer("R02", "fault-client", PERMANENT, _http(_fault("Client"), fail))
    yield answer("R03", "fault-server", TEMPORARY, _http(_fault("Server"), fail))
    yield answer("R04", "fault-in-200", TEMPORARY, _http(_fault("Server")))
    yield answer("R05", "500-html", TEMPORARY, _http("<html>oops</html>", fail, "text/html"))
    yield answer("R06", "502-empty", TEMPORARY, _http("", "502 Bad Gateway", None))
    yield answer("R07", "503-retry-after", TEMPORARY, _http("", "503 Service Unavailable", None, "Retry-After: 7"))
    yield answer("R08", "401", TEMPORARY, _http("", "401 Unauthorized", None))
    yield answer("R09", "302-elsewhere", TEMPORARY, _http("", "302 Found", None, f"Location: {canary}"))
    yield answer("R10", "200-empty", TEMPORARY, _http(""))
    yield answer("R11", "200-html", TEMPORARY, _http("<html>login</html>", "200 OK", "text/html"))
    yield answer("R12", "truncated", TEMPORARY, lambda n: _http(good(n)[:-20]))
    yield answer("R13", "cut-in-body", TEMPORARY, lambda n: _http(good(n), length=len(good(n)) + 50), then="close")
    yield answer("R14", "reset-in-body", TEMPORARY, lambda n: _http(good(n))[:-30], then="reset")
    yield answer("R15", "close-before-answer", TEMPORARY, b"", then="close")
    yield answer("R16", "never-answers", TEMPORARY, b"", then="hold")
    yield answer("R17", "drip", TEMPORARY, lambda n: _http(good(n)), drip=True, then="hold")
    yield answer("R18", "garbage", TEMPORARY, b"\x00\x01\x02 nonsense\r\n\r\n", then="close")
    yield answer("R19", "endless-header", TEMPORARY, b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 70000, then="hold")
    yield answer("R20", "huge-length", TEMPORARY, _http("", length=10**12), then="hold")
    yield answer("R21", "xxe", TEMPORARY, lambda n: _with_doctype(n, '<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"))
    yield answer("R22", "lol", TEMPORARY, lambda n: _with_doctype(n, laughs(9), "&a9;"))
    yield answer("R23", "gzip-bomb", TEMPORARY, lambda _: _http(compressed(104857600), "200 OK", SOAP, "Content-Encoding: gzip"))
    yield answer("R24", "wrong-operation", TEMPORARY, lambda n: _http(good(n).replace("feeCheckResponse", "otherResponse")))
    yield answer("R25", "other-order-id", TEMPORARY, lambda _: _http(good("20020261123999999999999999")))
    yield answer("R26", "schema-invalid", TEMPORARY, lambda n: _http(good(n).replace(">5000<", ">maybe<")))
    yield answer("R27", "soap12", TEMPORARY, lambda n: _http(good(n).replace(S11, S12), "200 OK", "application/soap+xml"))
    yield answer("R28", "two-answers", DONE, lambda n: _http(good(n)) + _http(_fault("Client")))
    yield answer("R29", "100-then-silence", TEMPORARY, b"HTTP/1.1 100 Continue\r\n\r\n", then="hold")
    yield answer("R30", "early-answer-then-reset", TEMPORARY, _http("", "413 Payload Too Large", None), then="reset")
    yield answer("R31", "gzip-unasked", TEMPORARY,
                 lambda n: _http(gzip.compress(good(n).encode()), "200 OK", SOAP, "Content-Encoding: gzip"))
    yield answer("R32", "list-of-a-megabyte", TEMPORARY,
                 lambda n: _http(good(n).replace("<v:Balance>", "<v:Balance/>" * 80_000 + "<v:Balance>")))


class HostilePartner:
    """A partner on loopback that gives every request the answer it was told to give."""

    def __init__(self) -> None:
        self.answer = next(answers(""))
        self.connections = 0
        self.requests = 0
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Stop, and let go of the connections that are held."""
        self._over.set()
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # the gateway hung up, as it should
            while (serial := self._read(connection)) is not None:
                answer = self.answer
                self.requests += 1
                data = answer.make(serial)
                if answer.drip:
                    self._drip(connection, data)
                else:
                    connection.sendall(data)
                if answer.then == "hold":
                    self._over.wait(30)
                if answer.then == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if answer.then != "keep":
                    return

    def _drip(self, connection: socket.socket, data: bytes) -> None:
        for n in range(len(data)):
            connection.sendall(data[n : n + 1])
            if self._over.wait(0.3):
                return

    def _read(self, connection: socket.socket) -> str | None:
        """Read one request; gives its StreamingNo, or None at the end."""
        data = b""
        while b"\r\n\r\n" not in data or len(data) < data.index(b"\r\n\r\n") + 4 + int(re.search(rb"Content-Length: (\d+)", data)[1]):  # type: ignore[index]
            part = connection.recv(65536)
            if not part:
                return None
            data += part
        found = re.search(rb"StreamingNo>(\w+)<", data)
        return found[1].decode() if found else ""
