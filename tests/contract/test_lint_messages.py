"""The linter over captured messages: what we write is clean, each seeded violation is found alone, broken captures are told."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from examples import CONTRACTS, codec_of, name_of, wrap
from examples import GOOD as GOOD_ONES

from gateway.contract.lint import Unusable, captured, lint_messages
from gateway.contract.lint.captured import SOAP11, SOAP12
from gateway.contract.lint.messages import ENVELOPES, MESSAGES, SOAP11_ONLY

SEEDS = tomllib.loads((Path(__file__).parent / "bad/messages.toml").read_text())["violation"]
ALL = [codec_of(name).contract for name in CONTRACTS]
OK = "HTTP/1.1 200 OK\nContent-Type: text/xml; charset=utf-8"
GOOD = f'<s:Envelope xmlns:s="{SOAP11}"><s:Body><a xmlns="urn:a"/></s:Body></s:Envelope>'


def message(head: str, body: str, *, length: int | None = None) -> bytes:
    """Write a message as it travels."""
    data = body.replace("S11", SOAP11).replace("S12", SOAP12).encode()
    lines = [*head.split("\n"), f"Content-Length: {len(data) if length is None else length}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


@pytest.mark.parametrize("seed", SEEDS, ids=[f"{n}-{seed['rule']}" for n, seed in enumerate(SEEDS, 1)])
def test_seeded_violation_is_found_where_it_is(seed, tmp_path):
    """By its rule and at its line; nothing else is found."""
    path = tmp_path / "one.http"
    path.write_bytes(message(seed["head"], seed["body"]))
    contracts = [codec_of(seed["contract"]).contract] if "contract" in seed else []
    count, found = lint_messages([path], contracts)
    head = seed["head"].count("\n") + 3  # Content-Length and the empty line are added
    assert (count, [(f.rule, f.line) for f in found]) == (1, [(seed["rule"], seed["line"] + head if seed["line"] else 1)])


def test_every_rule_has_a_seed():
    """No rule is there that was never seen to find anything."""
    rules = {rule.id for rules in (MESSAGES, ENVELOPES, SOAP11_ONLY) for rule in rules.all}
    assert rules - {seed["rule"] for seed in SEEDS} == set()


@pytest.mark.parametrize("path", GOOD_ONES, ids=name_of)
def test_examples_of_the_contracts_are_clean(path, tmp_path):
    """Good requests and answers, as they travel."""
    head = OK if path.stem.endswith("Response") else "POST /services/x HTTP/1.1\nContent-Type: text/xml\nSOAPAction: \"\""
    capture = tmp_path / "one.http"
    capture.write_bytes(message(head, path.read_text()))
    assert lint_messages([capture], ALL) == (1, [])


def test_capture_holds_messages_one_after_the_other(tmp_path):
    """As on a connection; each is told at its own line."""
    path = tmp_path / "many.http"
    bad = GOOD.replace('<a xmlns="urn:a"/>', "<a/>")
    path.write_bytes(message(OK, f"{GOOD}\n") + message(OK, f"\n{bad}\n") + message(OK, GOOD))
    count, found = lint_messages([tmp_path])
    assert (count, [(f.rule, f.line) for f in found]) == (3, [("R1014", 5 + 6)])


def test_chunked_message_is_put_together(tmp_path):
    """Chunks are the transport's matter."""
    path = tmp_path / "one.http"
    half = len(GOOD) // 2
    chunks = "".join(f"{len(part):x}\r\n{part}\r\n" for part in (GOOD[:half], GOOD[half:], ""))
    path.write_bytes(f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}".encode())
    (one,) = captured(path)
    assert one.body == GOOD.encode()


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"HTTP/1.1 200 OK\r\n", "no whole HTTP head"), (b"hello\r\n\r\n", "neither a request line"), (b"HTTP/1.1 ok x\r\n\r\n", "neither"),
     (b"HTTP/1.1 .1 x\r\n\r\n", "neither"), (b"POST  \x85 x\r\n\r\n", "neither"), (b"POST /\r\n\r\n", "neither"),
     (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "cut off"), (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx", "cut off"),
     (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab", "cut off")],
)  # fmt: skip
def test_capture_that_is_none_is_told(tmp_path, data, told):
    """By file and line; nothing of it is judged."""
    path = tmp_path / "one.http"
    path.write_bytes(data)
    with pytest.raises(Unusable, match=f"one.http:1: .*{told}"):
        lint_messages([path])


def test_directory_without_captures_is_told(tmp_path):
    """So is a file that is not there."""
    with pytest.raises(Unusable, match="no file named"):
        lint_messages([tmp_path])
    with pytest.raises(Unusable, match="No such file"):
        lint_messages([tmp_path / "none.http"])


@pytest.mark.parametrize("body", ["plain text", "<definitions/>", ""])
def test_what_is_no_envelope_is_let_pass(tmp_path, body):
    """Health and contracts travel by the same server."""
    path = tmp_path / "one.http"
    path.write_bytes(message("HTTP/1.1 200 OK\nContent-Type: text/plain", body))
    assert lint_messages([path]) == (1, [])


def test_message_of_ours_is_clean_in_both_versions(tmp_path):
    """An encoded answer in an envelope of SOAP 1.1 and of SOAP 1.2."""
    answer = codec_of("smshall").by_element["{urn:vas:smshall:v1}sendRQMessageResponse"]
    text = answer.encode(answer.type(StreamingNo="215000001", ResultCode="0", ResultDesc="成功"))
    for namespace, kind in ((SOAP11, "text/xml"), (SOAP12, "application/soap+xml")):
        body = wrap("smshall", text, namespace).decode()
        (tmp_path / "one.http").write_bytes(message(f"HTTP/1.1 200 OK\nContent-Type: {kind}; charset=utf-8", body))
        assert lint_messages([tmp_path], ALL) == (1, [])
