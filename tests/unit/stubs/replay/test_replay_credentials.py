"""Our token in a message that was recorded without its sender's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from captured import envelope

from gateway.access.showing import TokenSeal, password_of
from gateway.capture.record import Said
from gateway.soap.envelope import parse_envelope
from gateway.soap.faults import SOAP11, SOAP12, WSSE
from stubs.replay.credentials import sealed

SECURITY = f"{{{WSSE}}}Security"
SOAP11_TEXT = envelope("<a/>")


@pytest.fixture
def seal(tmp_path):
    """That of a user with a password in a file."""
    password = tmp_path / "password"
    password.touch(mode=0o600)
    password.write_text("a long enough password")
    return TokenSeal("portal", password_of(password), now=lambda: datetime(2026, 11, 24, tzinfo=UTC), random=lambda count: b"n" * count)


@pytest.mark.parametrize(
    "text",
    [
        SOAP11_TEXT, SOAP11_TEXT.replace("<s:Body>", "<s:Header/><s:Body>"),
        SOAP11_TEXT.replace("<s:Body>", "<s:Header><b/></s:Header><s:Body>"),
        SOAP11_TEXT.replace("http://schemas.xmlsoap.org/soap/envelope/", SOAP12),
        f'<Envelope xmlns="{SOAP11}"><Body><a xmlns=""/></Body></Envelope>',
    ],
    ids=["no header", "an empty one", "one with a block", "SOAP 1.2", "no prefix"],
)  # fmt: skip
def test_token_stands_in_the_header(seal, text):
    """Whatever the message looks like, it is one message with one token."""
    made = sealed(text.encode(), Said(text=text), seal)
    found = parse_envelope(made, "utf-8", frozenset({SECURITY}))
    assert [name for name in found.headers if name == SECURITY] == [SECURITY]


@pytest.mark.parametrize(("body", "said"), [(b"\xff", Said(base64="/w==")), (b"hello", Said(text="hello"))])
def test_what_is_no_envelope_stays(seal, body, said):
    """Bytes that are no text, and what is no message, go as they came."""
    assert sealed(body, said, seal) == body
