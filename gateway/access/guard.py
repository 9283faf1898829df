"""Judges each message in order: who sent it, from where, whether he is served, what he may, and how much of it.

The cheap comes first, and what tells something about a partner only after it is proved that he asks: until then every refusal reads
alike. Nothing of a message that is refused is kept, but a line or a count in the audit log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from gateway.access.connections import Lines
from gateway.access.kinds import Freshness, Kinds, Signers, nobody_signs, refused
from gateway.access.partner import Kind, Partner, Partners, State
from gateway.access.quota import Above, Quotas
from gateway.access.refusals import Refusals
from gateway.access.replay import Mark
from gateway.access.token import SECURITY, UsernameToken, username_token
from gateway.access.used import Used
from gateway.access.username_token import pretend, prove_token
from gateway.contract.codec import Message
from gateway.contract.document import ROUTING
from gateway.domain.numbers import Number, NumberPlan
from gateway.errors import (
    CALLER_SUSPENDED,
    NETWORK_NOT_ALLOWED,
    NO_CREDENTIALS,
    NOT_A_GATEWAY,
    NOT_CALLERS_SYSTEM,
    OPERATION_NOT_ALLOWED,
    PROVINCE_NOT_ALLOWED,
    Result,
)
from gateway.soap.envelope import Envelope
from gateway.soap.faults import Security, Side, SoapFault

if TYPE_CHECKING:
    from lxml import etree

    from gateway.soap.endpoint import Exchange

NUMBER_FIELDS: Final = ("ProductNo", "OldProductNo", "DA", "OA", "FA", "UserID")
"""Where a message has numbers: of its user, of the user before, and of who pays for whom. A partner may act for all of them or for none."""
_FIRST_FIELDS: Final = 8
"""SystemId is among the first fields of every request of the contracts."""
_PLACES: Final = 10_000
"""Addresses that are remembered: who comes from another each time must not fill the memory."""
_TOKEN, _NONE, _ISOLATED = Kind.USERNAME_TOKEN, Kind.NONE, State.ISOLATED  # to look a member up costs as much as to compare it
_WSSE_KINDS: Final = (Kind.USERNAME_TOKEN, Kind.SIGNATURE)


class Gatekeeper:
    """The guard of a gateway's endpoints; `partners` may be replaced at any time."""

    def __init__(
        self, *, kinds: Kinds, fresh: Freshness, used: Used, quotas: Quotas, lines: Lines, refusals: Refusals, plan: NumberPlan,
        seconds: Callable[[], float], signers: Signers = nobody_signs,
    ) -> None:  # fmt: skip
        """`seconds` gives the time of day, in seconds since 1970."""
        self._kinds = kinds
        self._signers = signers
        self._fresh = fresh
        self._used = used
        self._quotas = quotas
        self._lines = lines
        self._refusals = refusals
        self._seconds = seconds
        self._plan = plan
        self._partners = Partners()
        self._places: dict[tuple[str, str], bool] = {}
        """Partner and address, and whether it is in his networks."""
        self._rights: dict[tuple[str, str, str, str], Result | None] = {}
        """Partner, address, contract and operation, and why that is refused."""
        self._understood = frozenset({ROUTING})

    @property
    def partners(self) -> Partners:
        """Everybody who is known."""
        return self._partners

    @partners.setter
    def partners(self, partners: Partners) -> None:
        """Judge by others, from the next message on."""
        self._partners = partners
        self._places.clear()
        self._rights.clear()
        asked = {kind for partner in partners.all.values() for kind in partner.authentication}
        self._understood = frozenset({ROUTING, SECURITY} if asked.intersection(_WSSE_KINDS) else {ROUTING})

    @property
    def understood(self) -> frozenset[str]:
        """Return the header blocks that are processed: Security only where somebody is asked for it."""
        return self._understood

    def admit(self, envelope: Envelope, exchange: Exchange, contract: str) -> None:
        """Prove the sender, and judge what needs no schema; raises SoapFault."""
        exchange.contract = contract
        try:
            now = self._seconds()
            partner, marks = self._proved(envelope, exchange, now)
            for mark in marks:
                self._used.take(mark, now)
            self._judge(partner, envelope, exchange, contract, now)
        except SoapFault as fault:
            self._refusals.note("call.refused", exchange.caller, f"{contract}/{exchange.operation}", exchange.peer, fault.result)
            raise
        exchange.marks = marks

    def judge(self, request: Message, exchange: Exchange) -> Awaitable[None] | None:
        """Judge in whose name and about whose number the message is, then have written what the sender showed; raises SoapFault."""
        partner = self._partners.all[exchange.caller]
        # What another gateway passes on is of whom that one has judged.
        if request.SystemId not in partner.systems and exchange.routing is None:
            raise self._refused(NOT_CALLERS_SYSTEM, exchange)
        if partner.provinces is not None and not partner.provinces.issuperset(self._provinces(request)):
            raise self._refused(PROVINCE_NOT_ALLOWED, exchange)
        return self._used.keep(exchange.marks) if exchange.marks else None

    def _refused(self, result: Result, exchange: Exchange) -> SoapFault:
        self._refusals.note("call.refused", exchange.caller, f"{exchange.contract}/{exchange.operation}", exchange.peer, result)
        return SoapFault(result)

    # ---- who it is ---------------------------------------------------------------------------------------------------

    def _proved(self, envelope: Envelope, exchange: Exchange, now: float) -> tuple[Partner, list[Mark]]:
        """Give the partner that sent the message, and what stands for what he showed; raises SoapFault.

        Puts into `exchange.caller` whom it claims to be from, for the audit log.
        """
        security = envelope.headers.get(SECURITY)
        token = None if security is None else username_token(security)
        partner = self._claimed(security, token, envelope, exchange)
        if partner is None:
            if token is not None:
                raise pretend(token)
            if security is None:
                raise SoapFault(NO_CREDENTIALS, security=Security.FAILED_AUTHENTICATION)
            raise refused()
        exchange.caller = partner.name
        marks: list[Mark] = []
        for kind in partner.authentication:
            mark = None
            if kind is _TOKEN:
                if token is None or security is None:
                    raise refused()
                mark = prove_token(token, security, exchange, partner, now, self._fresh)
            elif kind is not _NONE:
                mark = self._kinds[kind](envelope, _root(envelope), exchange, partner, datetime.fromtimestamp(now, UTC))
            if mark is not None:
                marks.append(mark)
        if partner.state is _ISOLATED:
            raise refused()
        return partner, marks

    def _claimed(
        self, security: etree._Element | None, token: UsernameToken | None, envelope: Envelope, exchange: Exchange
    ) -> Partner | None:
        """Find whom a message claims to be from: all that it shows must name one partner."""
        known = self._partners
        if token is not None and not exchange.certificate and not known.by_signer:  # nearly always
            return known.by_user.get(token.user)
        found = set[str]()
        if token is not None:
            partner = known.by_user.get(token.user)
            if partner is None:
                return None
            found.add(partner.name)
        found.update(known.by_certificate[name].name for name in exchange.certificate if name in known.by_certificate)
        if security is not None and known.by_signer:
            found.update(self._signers(security, known))
        if not found:
            return self._by_address(envelope, exchange) if security is None else None
        return known.all[found.pop()] if len(found) == 1 else None

    def _by_address(self, envelope: Envelope, exchange: Exchange) -> Partner | None:
        """Find the one who shows nothing but his address; of several at one address, SystemId tells which."""
        here = [partner for partner in self._partners.by_address if self._may_come_from(partner, exchange.peer)]
        if not here:
            return None
        system = _system(envelope)
        return next((partner for partner in here if system in partner.systems), here[0])

    # ---- what he may -------------------------------------------------------------------------------------------------

    def _judge(self, partner: Partner, envelope: Envelope, exchange: Exchange, contract: str, now: float) -> None:
        asked = partner.name, exchange.peer, contract, exchange.operation
        if asked not in self._rights:
            if len(self._rights) >= _PLACES:
                self._rights.clear()
            self._rights[asked] = self._refusal(partner, exchange.peer, contract, exchange.operation)
        refusal = self._rights[asked]
        if refusal is not None:  # a retryable one says nothing against the message
            raise SoapFault(refusal, Side.RECEIVER if refusal.retryable else Side.SENDER)
        if ROUTING in envelope.headers and not partner.gateway:
            raise SoapFault(NOT_A_GATEWAY)
        if partner.connections is not None:
            self._hold(partner, self._lines.count(partner, exchange.line), exchange)
        self._hold(partner, self._quotas.count(partner, now), exchange)

    def _hold(self, partner: Partner, above: Above | None, exchange: Exchange) -> None:
        if above is None:
            return
        if above.refused:
            raise SoapFault(above.result, Side.RECEIVER, retry_after=above.retry_after)
        self._refusals.note("quota.exceeded", partner.name, f"{exchange.contract}/{exchange.operation}", exchange.peer, above.result)

    def _refusal(self, partner: Partner, address: str, contract: str, operation: str) -> Result | None:
        """Say why a partner may not call an operation from an address. It is asked once: partners ask the same over and over."""
        if not partner.may_come_from(address):
            return NETWORK_NOT_ALLOWED
        if partner.state is State.SUSPENDED:
            return CALLER_SUSPENDED
        return None if partner.may_call(contract, operation) else OPERATION_NOT_ALLOWED

    def _may_come_from(self, partner: Partner, address: str) -> bool:
        """Whether an address is in a partner's networks; a partner calls from few, and to read one costs as much as the whole token."""
        place = partner.name, address
        good = self._places.get(place)
        if good is None:
            if len(self._places) >= _PLACES:
                self._places.clear()
            good = self._places[place] = partner.may_come_from(address)
        return good

    def _provinces(self, request: Message) -> Iterator[str]:
        """Give the provinces of the numbers in a message; of one that nobody knows the flow says so."""
        for name in NUMBER_FIELDS:
            text = getattr(request, name) if name in request.field_names else None
            if text:
                with suppress(ValueError):  # UserID may name a user otherwise
                    province = self._plan.province(Number.parse(text))
                    if province is not None:
                        yield province


def _root(envelope: Envelope) -> etree._Element:
    body = envelope.body.getparent()
    assert body is not None
    root = body.getparent()
    assert root is not None
    return root


def _system(envelope: Envelope) -> str | None:
    """Give the SystemId of a message that no schema has judged yet; None where it is not among the first fields."""
    for field in envelope.body[:_FIRST_FIELDS]:
        if str(field.tag).endswith("}SystemId") or field.tag == "SystemId":
            return field.text
    return None
