"""A partner as the rules see him: who he is, how he shows it, and what he may do. Knows no file and no message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


class State(StrEnum):
    """Whether a partner is served."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    """He is refused, and told so; calls to him go on."""
    ISOLATED = "isolated"
    """He is refused as a stranger would be, and not called either."""


class Kind(StrEnum):
    """How a partner shows who he is."""

    NONE = "none"
    """By his address alone."""
    USERNAME_TOKEN = "username-token"  # noqa: S105  a word of the configuration
    SIGNATURE = "signature"
    MTLS = "mtls"


class Mode(StrEnum):
    """What becomes of a message above a quota."""

    REPORT = "report"
    """It is counted and let in."""
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages per second in the long run, and how many may come at once."""

    per_second: float
    burst: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class Day:
    """Messages in one day of China Standard Time."""

    requests: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class Connections:
    """Connections at a time."""

    most: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class Partner:
    """One partner. What is empty forbids, but for `networks`: any."""

    name: str
    systems: frozenset[str]
    """SystemIds that he may use."""
    authentication: frozenset[Kind]
    """What he must show, all of it."""
    operations: frozenset[str]
    """[contract]/[operation], or [contract]/* for all of a contract, or * for all."""
    provinces: frozenset[str] | None
    """Province ids of numbers that he may act for; None is all."""
    state: State = State.RUNNING
    user: str = ""
    """Username of his token."""
    passwords: tuple[bytes, ...] = field(default=(), repr=False)
    """Each of them is good: the new one and, while he changes over, the old one."""
    plain_text: bool = False
    """Whether he may send the password itself, over TLS."""
    certificates: frozenset[str] = frozenset()
    """Names of his certificates, as `Exchange.certificate` has them; of signatures `sha256:` alone."""
    certificate_der: tuple[bytes, ...] = field(default=(), repr=False)
    """Certificates whose signatures are his."""
    networks: tuple[Network, ...] = ()
    """Where he may call from."""
    gateway: bool = False
    """Whether he is another gateway: then messages may bear the Routing block, and the SystemIds of whom he passes on."""
    calls: frozenset[str] = frozenset()
    """The [partners.*] sections by which we call him, such as xplatform:303."""
    rate: Rate | None = None
    day: Day | None = None
    connections: Connections | None = None

    def may_come_from(self, address: str) -> bool:
        """Whether an address is in his networks."""
        if not self.networks:
            return True
        try:
            place = ip_address(address)
        except ValueError:  # no address: a socket of the machine itself, or a test's
            return False
        return any(place.version == network.version and place in network for network in self.networks)

    def may_call(self, contract: str, operation: str) -> bool:
        """Whether he may call an operation."""
        allowed = self.operations
        return f"{contract}/{operation}" in allowed or f"{contract}/*" in allowed or "*" in allowed


@dataclass(frozen=True, slots=True)
class Partners:
    """All partners of a gateway, and who is who by what he shows."""

    all: Mapping[str, Partner] = field(default_factory=dict)
    by_user: Mapping[str, Partner] = field(default_factory=dict)
    by_certificate: Mapping[str, Partner] = field(default_factory=dict)
    """Of those who authenticate by TLS."""
    by_signer: Mapping[str, Partner] = field(default_factory=dict)
    """Of those who sign, by `sha256:` and the fingerprint of the certificate."""
    by_address: tuple[Partner, ...] = ()
    """Of those who show nothing else."""

    @classmethod
    def of(cls, partners: Mapping[str, Partner]) -> Partners:
        """Make the indexes; names that two partners share are the reader's to refuse."""
        every = tuple(partners.values())
        return cls(
            partners,
            {p.user: p for p in every if Kind.USERNAME_TOKEN in p.authentication},
            {name: p for p in every if Kind.MTLS in p.authentication for name in p.certificates},
            {name: p for p in every if Kind.SIGNATURE in p.authentication for name in p.certificates},
            tuple(p for p in every if Kind.NONE in p.authentication),
        )
