"""Bytes: the messages of wsdl/examples, good and bad, damaged at random and sent to a real gateway; HTTP heads too."""

from __future__ import annotations

import contextlib
import random
import socket

import pytest
from budget import FACTOR, SEED
from examples import WSDL
from message_model import SERVED
from messages import KINDS
from probe import Answer
from test_mutations import MUTATIONS

pytestmark = pytest.mark.e2e

SEEDS = sorted(path for path in WSDL.glob("examples/**/*.xml") if path.parent.name in (*SERVED, "bad"))
_KINDS = [*KINDS.values(), "text/xml", "text/xml; charset=gbk", "text/xml; charset=utf-16", "text/xml; charset=x", "application/json", ""]


def damaged(dice: random.Random) -> tuple[str, bytes]:
    """A contract and a message that was once one of its."""
    path = dice.choice(SEEDS)
    contract = path.parent.name if path.parent.name in SERVED else path.name.split(".")[0]
    data = path.read_bytes()
    for _ in range(dice.randrange(1, 6)):
        data = dice.choice(MUTATIONS)(data, dice) or b"<"
    return contract if contract in SERVED else "vsop", data


def test_damaged_bytes_get_an_answer(probe) -> None:
    """A fault or an answer of the contract, or a plain 4xx; memory stays where it was."""
    dice = random.Random(SEED)
    for turn in range(6000 * FACTOR):
        contract, data = damaged(dice)
        try:
            probe.send(f"/services/{contract}", data, dice.choice(_KINDS))
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={SEED}, message {turn}: {data!r}") from error
        if turn == 500:
            warm = probe.memory()
    assert probe.memory() - warm < 16 << 20


HEAD = b'POST /services/vsop HTTP/1.1\r\nHost: gw\r\nContent-Type: text/xml\r\nSOAPAction: ""\r\nContent-Length: 4\r\n\r\n<a/>'
PARTS = [
    b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b"Content-Length: 4\r\n", b"Content-Length: -1\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b"Expect: 100-continue\r\n",
    b"Connection: close\r\n", b"HTTP/1.0", b"HTTP/3.0",
    b"GET ", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"%2e%2e", b"../", b"\xff\xfe", b"A" * 5000, b"X: y\r\n" * 100,
    b"5;x=y\r\nabcde\r\n0\r\n\r\n",
]  # fmt: skip


def test_damaged_heads_get_an_answer_or_an_end(probe) -> None:
    """A request whose head is damaged is answered by HTTP, or the connection ends when the client has closed its side."""
    dice = random.Random(SEED)
    for turn in range(600 * FACTOR):
        data = HEAD
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(data) + 1)
            data = data[:at] + dice.choice(PARTS) + data[at + dice.choice([0, 0, 1, 5]) :]
        probe.asked += 1
        told = talk(probe.port, data)
        assert told is None or told == b"" or told.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")), f"FUZZ_SEED={SEED}, {turn}: {data!r}: {told!r}"
        if told:
            head, _, body = told.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").partition(b"\r\n\r\n")
            status = int(head.split()[1]) if head else 408
            assert status in (200, 500, 501, 503, 505) or 400 <= status < 500, f"FUZZ_SEED={SEED}, {turn}: {data!r}: {told!r}"
            if status == 500:
                probe.check(Answer(status, "", body.partition(b"HTTP/1.1")[0]))


def talk(port: int, data: bytes) -> bytes | None:
    """All that comes back on a connection of its own; None where the server hung up before it had all."""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as line:
        try:
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
        except OSError:
            return None
        told = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := line.recv(65536):
                told += piece
        return told
