"""The ways to prove who one is. Each is a function that is given the message and the partner it is to prove, and raises to refuse.

What proves more than one kind (a partner may have to show several) is asked for each. Finding the partner that a message claims to be
from is not done here: see guard.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.access.partner import Kind, Partner, Partners
from gateway.access.replay import Mark
from gateway.errors import NOT_AUTHENTICATED
from gateway.soap.envelope import Envelope
from gateway.soap.faults import Security, SoapFault

if TYPE_CHECKING:
    from lxml import etree

    from gateway.soap.endpoint import Exchange


Prove = Callable[["Envelope", "etree._Element", "Exchange", Partner, datetime], "Mark | None"]
"""(envelope, root, exchange, partner, now): returns where the message is proved to be the partner's, else raises SoapFault.

`root` is the whole message, `envelope.body` the element in its Body. It runs for each message, before its schema is looked at. What it
gives stands for the credentials: a message whose mark was seen before is refused as a replay."""

Kinds = Mapping[Kind, Prove]

Signers = Callable[["etree._Element", Partners], Collection[str]]
"""(security, partners): the names of those whose certificate a Security block says that it was signed with; nothing is proved by it."""


def refused() -> SoapFault:
    """Make the one refusal of failed authentication: never say what was wrong to whom has not proved who he is."""
    return SoapFault(NOT_AUTHENTICATED, security=Security.FAILED_AUTHENTICATION)


def by_certificate(
    envelope: Envelope, root: etree._Element, exchange: Exchange, partner: Partner, now: datetime
) -> Mark | None:
    """Take the certificate that TLS has verified: it must be one of the partner's."""
    if not partner.certificates.intersection(exchange.certificate):
        raise refused()
    return None


def nobody_signs(security: etree._Element, partners: Partners) -> Collection[str]:
    """Find nobody: where signatures cannot be judged, no partner may be asked for one."""
    return ()


def kinds(signature: Prove | None = None) -> Kinds:
    """Give the ways that a partner may be asked for beside a UsernameToken, which username_token.py proves, and his address.

    Without one for signatures, partners who must sign are refused when they are read.
    """
    known: dict[Kind, Prove] = {Kind.MTLS: by_certificate}
    if signature is not None:
        known[Kind.SIGNATURE] = signature
    return known


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old credentials may be, and how far dated ahead, in whole seconds."""

    ttl: int = 300
    skew: int = 60
