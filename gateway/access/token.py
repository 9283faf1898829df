"""Reads the WS-Security header block: what it bears, in the forms that are taken; everything else is refused.

Web Services Security UsernameToken Profile 1.0 and 1.1 (OASIS). Judges no password and no time.
"""

from __future__ import annotations

import re
from binascii import Error as NotBase64
from binascii import a2b_base64
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from gateway.errors import BAD_TOKEN
from gateway.soap.faults import WSSE, Security, SoapFault

if TYPE_CHECKING:
    from lxml import etree

SECURITY: Final = f"{{{WSSE}}}Security"
SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}Signature"
BINARY_TOKEN: Final = f"{{{WSSE}}}BinarySecurityToken"
_WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
TIMESTAMP: Final = f"{{{_WSU}}}Timestamp"
_TOKEN: Final = f"{{{WSSE}}}UsernameToken"
_USERNAME: Final = f"{{{WSSE}}}Username"
_PASSWORD: Final = f"{{{WSSE}}}Password"
_NONCE: Final = f"{{{WSSE}}}Nonce"
_CREATED: Final = f"{{{_WSU}}}Created"
_EXPIRES: Final = f"{{{_WSU}}}Expires"
_PROFILE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#"
_DIGEST: Final = f"{_PROFILE}PasswordDigest"
_TEXT: Final = f"{_PROFILE}PasswordText"
_BASE64: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
MOST_USER: Final = 64
"""Characters of a Username (safety.md 2)."""
NONCE_BYTES: Final = range(8, 129)
_ZULU: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII).fullmatch
_SHA1_TEXT: Final = 28
"""Characters of twenty bytes in base64."""


@dataclass(frozen=True, slots=True)
class UsernameToken:
    """A token in a form that is taken. Without a digest, `text` is the password itself, and nonce and time may be missing."""

    user: str
    digest: bytes
    """Twenty bytes, or none."""
    text: str
    nonce: bytes
    created: datetime | None
    created_text: str


def bad_token() -> SoapFault:
    """Make the refusal of a header block whose form is not taken."""
    return SoapFault(BAD_TOKEN, security=Security.INVALID_SECURITY)


def security_of(root: etree._Element) -> etree._Element | None:
    """Give the one Security header block of a message, whoever it is meant for; raises SoapFault where there are more.

    SOAP Message Security 1.1, section 5, allows one for each receiver; a message with more than one is refused here, so that nobody
    has to find out which of them was judged.
    """
    header = root[0]
    if len(root) == 1:
        return None
    blocks = [block for block in header if block.tag == SECURITY]
    if len(blocks) > 1:
        raise bad_token()
    return blocks[0] if blocks else None


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


def expires(security: etree._Element) -> datetime | None:
    """Give when the Timestamp of a block ends, None where it has none or says nothing; raises SoapFault."""
    for child in security:
        if child.tag == TIMESTAMP:
            ends = [part.text for part in child if part.tag == _EXPIRES]
            if len(ends) > 1:
                raise bad_token()
            return zulu(ends[0] or "") if ends else None
    return None


def zulu(text: str) -> datetime:
    """Read a time in its exact form, such as 2026-03-01T08:00:00.123Z; raises SoapFault for any other, also one without zone."""
    try:
        if _ZULU(text) is not None:
            return datetime.fromisoformat(text)
    except ValueError:  # a month of 13, a day of 32
        raise bad_token() from None
    raise bad_token()


def _token(element: etree._Element) -> UsernameToken:
    user = password = nonce = created = None
    for child in element:
        tag = child.tag
        if tag == _USERNAME and user is None:
            user = child
        elif tag == _PASSWORD and password is None:
            password = child
        elif tag == _NONCE and nonce is None:
            nonce = child
        elif tag == _CREATED and created is None:
            created = child
        else:  # a second one, a key derivation, or what the profile does not know
            raise bad_token()
    if user is None or password is None:  # CVE-2013-0239: no password is no proof
        raise bad_token()
    name, secret, kind = user.text or "", password.text or "", password.get("Type", _TEXT)
    if not 0 < len(name) <= MOST_USER or not secret or kind not in (_DIGEST, _TEXT):
        raise bad_token()
    by_digest = kind == _DIGEST
    if by_digest and (nonce is None or created is None or len(secret) != _SHA1_TEXT):
        raise bad_token()
    created_text = "" if created is None else created.text or ""
    return UsernameToken(
        name,
        _base64(secret) if by_digest else b"",
        "" if by_digest else secret,
        b"" if nonce is None else _nonce(nonce),
        None if created is None else zulu(created_text),
        created_text,
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
