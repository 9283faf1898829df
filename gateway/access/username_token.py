"""Proves a partner by his UsernameToken: password, time, and that the token was not used before, in this order.

The nonce is marked only when the password was right: a stranger cannot fill the memory (safety.md 0.7).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha1
from hmac import compare_digest
from typing import TYPE_CHECKING

from gateway.access.kinds import Freshness, refused
from gateway.access.partner import Partner
from gateway.access.replay import ReplayWindow, mark_of
from gateway.access.token import UsernameToken, bad_token, expires
from gateway.errors import BUSY, MESSAGE_EXPIRED, REPLAYED
from gateway.soap.faults import Security, Side, SoapFault

if TYPE_CHECKING:
    from lxml import etree

    from gateway.soap.endpoint import Exchange

Taken = Callable[[bytes, float], None]
"""Told each mark and when it ends, so that it is kept beyond this process."""

_NOBODY = b"\0" * 20


class TokenProof:
    """Proves tokens; one for a process."""

    def __init__(self, window: ReplayWindow, freshness: Freshness, taken: Taken) -> None:
        self._window = window
        self._freshness = freshness
        self._taken = taken

    def judge(
        self, token: UsernameToken, security: etree._Element, exchange: Exchange, partner: Partner, now: datetime
    ) -> None:
        """Return where the token is good and the partner's, and mark it; raises SoapFault. `security` is the block that bears it."""
        if token.digest:
            if not _digest_fits(token, partner.passwords):
                raise refused()
        elif not (partner.plain_text and exchange.secure):
            raise bad_token()
        elif not _text_fits(token.text, partner.passwords):
            raise refused()
        self._judge_time(token, security, now)

    def _judge_time(self, token: UsernameToken, security: etree._Element, now: datetime) -> None:
        seconds, fresh = now.timestamp(), self._freshness
        end = expires(security) if len(security) > 1 else None
        if end is not None and end.timestamp() < seconds:
            raise expired()
        if token.created is None:
            return
        created = token.created.timestamp()
        if not seconds - fresh.ttl <= created <= seconds + fresh.skew:
            raise expired()
        if token.nonce:
            self._use(mark_of(token.user, token.nonce), created + fresh.ttl + fresh.skew, seconds)

    def _use(self, mark: bytes, until: float, seconds: float) -> None:
        window = self._window
        if window.full:
            window.forget(seconds)
            if window.full:
                raise SoapFault(BUSY, Side.RECEIVER, retry_after=5)
        if not window.take(mark, until):
            raise SoapFault(REPLAYED, security=Security.INVALID_SECURITY)
        self._taken(mark, until)


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
    begun = sha1(token.nonce + token.created_text.encode(), usedforsecurity=False)
    fits = False
    for password in passwords:
        whole = begun.copy()
        whole.update(password)
        fits |= compare_digest(whole.digest(), token.digest)
    return fits


def _text_fits(text: str, passwords: tuple[bytes, ...]) -> bool:
    fits = False
    for password in passwords:
        fits |= compare_digest(text.encode(), password)
    return fits
