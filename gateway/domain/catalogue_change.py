"""Changes of the catalogue that PPM looks after (seed 2.1 to 2.3 and the first 3.1), and their delivery to one target."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gateway.domain.catalogue import Offer, Product, Status
from gateway.domain.numbers import Number
from gateway.domain.party import Address


class ObjectKind(StrEnum):
    """Kind of an object of the catalogue; the wire's digits are 0 and 1 in this order."""

    PRODUCT = "product"
    OFFER = "offer"


class ChangeKind(StrEnum):
    """What is done to an object; the wire's OPFlag is 1, 2 and 3 in this order."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class CatalogueObject:
    """A product or an offer, whichever it is; exactly one is there."""

    product: Product | None = None
    offer: Offer | None = None

    @property
    def whole(self) -> Product | Offer:
        """The object itself."""
        found = self.product or self.offer
        assert found is not None
        return found

    @property
    def kind(self) -> ObjectKind:
        """Which of the two it is."""
        return ObjectKind.OFFER if self.product is None else ObjectKind.PRODUCT

    @property
    def id(self) -> str:
        """Its code."""
        return self.whole.id

    @property
    def status(self) -> Status:
        """Its state in the life cycle."""
        return self.whole.status

    @property
    def version(self) -> int:
        """Which of its published states this is."""
        return self.whole.version

    def at(self, status: Status, version: int) -> CatalogueObject:
        """Give the same object in another state and version."""
        if self.product is not None:
            return CatalogueObject(product=replace(self.product, status=status, version=version))
        assert self.offer is not None
        return CatalogueObject(offer=replace(self.offer, status=status, version=version))


@dataclass(frozen=True, slots=True)
class CatalogueChange:
    """An application or a notice of ISMP, as PPM accepted it; never changes."""

    id: str
    trace_id: str
    section: str
    """2.1, 2.2, 3.1, 2.2b or 2.3."""
    change: ChangeKind
    is_state_change: bool
    """A change of state has steps of its own: 5 and 6 of 2.1, 2 of 2.2b."""
    channel: str
    channel_order_id: str
    streaming_no: str
    entry: str
    """The operation by which it came."""
    object: CatalogueObject
    """As it shall be in the end: status and version are those of the publication."""
    held: bool
    """A person audits it; otherwise the rules have."""
    testers: tuple[Address, ...]
    """Who hears of it in test state first; empty where there is no test phase."""
    targets: tuple[Address, ...]
    """Who hears of the publication."""
    accepted_at: datetime
    hops: int = 0
    objection: int = 0
    """Code of the rule that objects to it, 0 if none does: that decides, or is told to the person who audits."""
    objects_to: str = ""
    """What that rule found."""

    @property
    def number(self) -> Number | None:
        """The catalogue is nobody's number."""
        return None

    @property
    def locks(self) -> tuple[tuple[str, str], ...]:
        """One change of an object at a time."""
        return ((self.object.kind, self.object.id),)

    @property
    def action(self) -> str:
        """In a word."""
        return f"{self.object.kind} {self.object.status if self.is_state_change else self.change}"

    @property
    def prepaid(self) -> bool:
        """No balance decides."""
        return False

    @property
    def tested(self) -> CatalogueObject:
        """The object as the testers get it: one version before the publication."""
        return self.object.at(Status.TEST, self.object.version - 1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One version of one object on its way to one target: a cell of the delivery ledger."""

    id: str
    trace_id: str
    section: str
    number_of_step: str
    """The seed's number of the message."""
    change: ChangeKind
    channel: str
    channel_order_id: str
    object: CatalogueObject
    target: Address
    accepted_at: datetime
    hops: int = 0
    streaming_no: str = ""
    entry: str = ""

    @property
    def number(self) -> Number | None:
        """The catalogue is nobody's number."""
        return None

    @property
    def locks(self) -> tuple[tuple[str, str], ...]:
        """Versions decide which delivery counts: none keeps another from leaving."""
        return ()

    @property
    def action(self) -> str:
        """In a word."""
        return f"{self.object.kind} to {self.target}"

    @property
    def prepaid(self) -> bool:
        """No balance decides."""
        return False


class DeliveryState(StrEnum):
    """What became of a delivery; the wire's digits are 0, 1, 2, 3 in this order."""

    PENDING = "pending"
    DELIVERED = "delivered"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the delivery ledger: object x target x version x state."""

    kind: ObjectKind
    object_id: str
    target: str
    version: int
    status: Status
    state: DeliveryState
    code: int
    at: datetime
    run_id: str
