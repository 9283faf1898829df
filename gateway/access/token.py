"""Reads the WS-Security header block: what it bears, in the forms that are taken; everything else is refused.

Web Services Security UsernameToken Profile 1.0 and 1.1 (OASIS). Judges no password and no time.
"""

from __future__ import annotations

import re
from binascii import Error as NotBase64
from binascii import a2b_base64
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.errors import BAD_TOKEN
from gateway.soap.faults import WSSE, WSU, Security, SoapFault

if TYPE_CHECKING:
    from lxml import etree

SECURITY: Final = f"{{{WSSE}}}Security"
SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}Signature"
BINARY_TOKEN: Final = f"{{{WSSE}}}BinarySecurityToken"
TIMESTAMP: Final = f"{{{WSU}}}Timestamp"
_TOKEN: Final = f"{{{WSSE}}}UsernameToken"
_USERNAME: Final = f"{{{WSSE}}}Username"
_PASSWORD: Final = f"{{{WSSE}}}Password"
_NONCE: Final = f"{{{WSSE}}}Nonce"
_CREATED: Final = f"{{{WSU}}}Created"
_EXPIRES: Final = f"{{{WSU}}}Expires"
_PROFILE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#"
_DIGEST: Final = f"{_PROFILE}PasswordDigest"
_TEXT: Final = f"{_PROFILE}PasswordText"
_BASE64: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
_NEEDED: Final = {_USERNAME, _PASSWORD}
_KNOWN: Final = {_USERNAME, _PASSWORD, _NONCE, _CREATED}
MOST_USER: Final = 64
"""Characters of a Username (safety.md 2)."""
NONCE_BYTES: Final = range(8, 129)
_ZULU: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|\+00:00)", re.ASCII).fullmatch
_SHA1_TEXT: Final = 28
"""Characters of twenty bytes in base64."""


class UsernameToken(NamedTuple):
    """A token in a form that is taken. Without a digest, `text` is the password itself, and nonce and time may be missing."""

    user: str
    digest: bytes
    """Twenty bytes, or none."""
    text: str
    nonce: bytes
    created: float | None
    """Seconds since 1970."""
    created_text: str


def bad_token() -> SoapFault:
    """Make the refusal of a header block whose form is not taken."""
    return SoapFault(BAD_TOKEN, security=Security.INVALID_SECURITY)


def username_token(security: etree._Element) -> UsernameToken | None:
    """Read the UsernameToken of a Security block, None where it has none; raises SoapFault."""
    found = None
    for child in security:
        tag = child.tag
        if tag == _TOKEN and found is None:
            found = child
        elif tag not in (TIMESTAMP, SIGNATURE, BINARY_TOKEN):
            raise bad_token()
    return None if found is None else _token(found)


def expires(security: etree._Element) -> float | None:
    """Give when the Timestamp of a block ends, in seconds since 1970, None where it has none or says nothing; raises SoapFault."""
    for child in security:
        if child.tag == TIMESTAMP:
            ends = [part.text for part in child if part.tag == _EXPIRES]
            if len(ends) > 1:
                raise bad_token()
            return zulu(ends[0] or "") if ends else None
    return None


@lru_cache(maxsize=256)
def zulu(text: str) -> float:
    """Read a time of UTC, such as 2026-03-01T08:00:00.123Z, as seconds since 1970; raises SoapFault for any other form.

    Zeep writes +00:00 for Z. One without zone is refused: nobody knows whose it is. Most clients write whole seconds, so many messages
    bear the same.
    """
    try:
        if _ZULU(text) is not None:
            return datetime.fromisoformat(text).timestamp()
    except ValueError:  # a month of 13, a day of 32
        raise bad_token() from None
    raise bad_token()


def _token(element: etree._Element) -> UsernameToken:
    if len(element) == len(_KNOWN):  # nearly always a digest, in the order of the profile's examples
        name, password, nonce, at = element
        if (
            name.tag == _USERNAME and password.tag == _PASSWORD and nonce.tag == _NONCE and at.tag == _CREATED
            and password.get("Type") == _DIGEST
        ):  # fmt: skip
            return _digest(name.text or "", password.text or "", nonce, at)
    return _in_any_order(element)


def _digest(user: str, secret: str, nonce: etree._Element, at: etree._Element) -> UsernameToken:
    created = at.text or ""
    if not 0 < len(user) <= MOST_USER or len(secret) != _SHA1_TEXT:
        raise bad_token()
    return UsernameToken(user, _base64(secret), "", _nonce(nonce), zulu(created), created)


def _in_any_order(element: etree._Element) -> UsernameToken:
    parts = {child.tag: child for child in element}
    # A second one of a kind, a key derivation, or what the profile does not know; CVE-2013-0239: no password is no proof.
    if len(parts) != len(element) or not _NEEDED <= parts.keys() <= _KNOWN:
        raise bad_token()
    name, password = parts[_USERNAME].text or "", parts[_PASSWORD]
    secret, kind = password.text or "", password.get("Type")
    if not 0 < len(name) <= MOST_USER or not secret:
        raise bad_token()
    if kind == _DIGEST:
        if len(parts) != len(_KNOWN):
            raise bad_token()
        return _digest(name, secret, parts[_NONCE], parts[_CREATED])
    if kind not in (None, _TEXT):
        raise bad_token()
    nonce, created_at = parts.get(_NONCE), parts.get(_CREATED)
    created = "" if created_at is None else created_at.text or ""
    return UsernameToken(
        name, b"", secret, b"" if nonce is None else _nonce(nonce), None if created_at is None else zulu(created), created
    )


def _nonce(element: etree._Element) -> bytes:
    text = element.text or ""
    if element.get("EncodingType", _BASE64) != _BASE64 or len(text) > 4 * NONCE_BYTES.stop:
        raise bad_token()
    nonce = _base64(text)
    if len(nonce) not in NONCE_BYTES:
        raise bad_token()
    return nonce


def _base64(text: str) -> bytes:
    try:
        return a2b_base64(text, strict_mode=True)
    except (NotBase64, ValueError):  # ValueError: not ASCII
        raise bad_token() from None
