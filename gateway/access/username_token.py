"""Proves a partner by his UsernameToken: password first, then time. Whether it was used before is the guard's to look up, after that:

so a stranger can neither fill the memory of what was used nor learn anything of it (safety.md 0.7).
"""

from __future__ import annotations

from hashlib import sha1
from hmac import compare_digest
from typing import TYPE_CHECKING

from gateway.access.kinds import Freshness, refused
from gateway.access.partner import Partner
from gateway.access.replay import Mark, mark_of
from gateway.access.token import UsernameToken, bad_token, expires
from gateway.errors import MESSAGE_EXPIRED
from gateway.soap.faults import Security, SoapFault

if TYPE_CHECKING:
    from lxml import etree

    from gateway.soap.endpoint import Exchange

_NOBODY = b"\0" * 20


def prove_token(
    token: UsernameToken, security: etree._Element, exchange: Exchange, partner: Partner, now: float, fresh: Freshness
) -> Mark | None:
    """Return what stands for the token where it is good and the partner's; raises SoapFault. `security` is the block that bears it.

    `now` is in seconds since 1970.
    """
    if token.digest:
        if not _digest_fits(token, partner.passwords):
            raise refused()
    elif not (partner.plain_text and exchange.secure):
        raise bad_token()
    elif not _text_fits(token.text, partner.passwords):
        raise refused()
    end = expires(security) if len(security) > 1 else None
    if end is not None and end < now:
        raise expired()
    created = token.created
    if created is None:
        return None
    if not now - fresh.ttl <= created <= now + fresh.skew:
        raise expired()
    return (mark_of(token.user, token.nonce), created + fresh.ttl + fresh.skew) if token.nonce else None


def expired() -> SoapFault:
    """Make the refusal of credentials that are good, but too old or dated too far ahead."""
    return SoapFault(MESSAGE_EXPIRED, security=Security.MESSAGE_EXPIRED)


def pretend(token: UsernameToken) -> SoapFault:
    """Spend on a token of nobody what one of somebody costs, and make the same refusal."""
    if token.digest:
        _digest_fits(token, (_NOBODY,))
    else:
        _text_fits(token.text, (_NOBODY,))
    return refused()


def _digest_fits(token: UsernameToken, passwords: tuple[bytes, ...]) -> bool:
    """Compare base64(sha1(nonce + created + password)); all passwords are tried, whichever fits."""
    begun = token.nonce + token.created_text.encode()
    fits = False
    for password in passwords:
        fits |= compare_digest(sha1(begun + password, usedforsecurity=False).digest(), token.digest)
    return fits


def _text_fits(text: str, passwords: tuple[bytes, ...]) -> bool:
    fits = False
    for password in passwords:
        fits |= compare_digest(text.encode(), password)
    return fits
