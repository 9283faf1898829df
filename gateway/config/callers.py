"""The file of partners (`access.partners`): what stands in the section of one. docs/configuration.md shows them.

Must not know how a partner is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from gateway.config.forms import FLAG, choice, codes, number, text, texts, whole
from gateway.domain.party import PROVINCES

EVERYWHERE = "*"
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""Of a partner."""


class CallerState(StrEnum):
    """Whether a partner is served at first."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    ISOLATED = "isolated"


class QuotaMode(StrEnum):
    """What becomes of a message above a quota."""

    REPORT = "report"
    ENFORCE = "enforce"


_KINDS = ("none", "username-token", "signature", "mtls")
_SYSTEMS = frozenset(f"{code:03d}" for code in range(1000))
_CERTIFICATES = texts("a list of sha256:HEX, uri:NAME, dns:NAME or cn:NAME", r"sha256:[0-9a-f]{64}|(uri|dns|cn):.{1,255}")
_FILE = text('"" or a file', r"[^\0]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerConfig:
    """One partner that may call this gateway, under a name of its own: `[portal]`, `[x303]`."""

    systems: Annotated[frozenset[str], codes("a list of SystemIds of three digits", _SYSTEMS)]
    """SystemIds that it may put into its messages."""
    authentication: Annotated[frozenset[str], codes("a list of none, username-token, signature and mtls", _KINDS)]
    """How it shows who it is; with several it must show all of them. `none` stands alone: its address is all that tells it."""
    operations: Annotated[tuple[str, ...], texts('a list such as ["vsop/subscribeToVSOP", "ocs/*"]', r"\*|[a-z]+/(\*|[A-Za-z]+)")]
    """What it may call, as CONTRACT/OPERATION; `ocs/*` is all of a contract, `*` everything."""
    provinces: Annotated[tuple[str, ...], texts('a list of province ids, or ["*"]', r"\*|\d\d")]
    """Whose numbers its messages may be about; `*` is all. A number that the number plan does not know is the flow's to refuse."""
    state: Annotated[CallerState, choice(CallerState)] = CallerState.RUNNING
    """`suspended`: refused, and told so; calls to it go on. `isolated`: refused like a stranger, and not called either. What
    `vsopgw partner` has changed goes before."""
    user: Annotated[str, text('"" or at most 64 characters', r"[^\0-\x1f]{0,64}")] = ""
    """Username of its token; the partner's name, unless given."""
    password_file: Annotated[str, _FILE] = ""
    """File whose one line is the password; relative to this file. Others than its owner and group must not be able to read it."""
    previous_password_file: Annotated[str, _FILE] = ""
    """The former password, good as well while the partner changes over."""
    plain_text: Annotated[bool, FLAG] = False
    """Whether it may send the password itself instead of a digest; over TLS only."""
    certificates: Annotated[tuple[str, ...], _CERTIFICATES] = ()
    """Names of its TLS certificates, each beside what kind of name it is. `cn:` and `dns:` are as good as the authorities of [tls]."""
    certificate_file: Annotated[str, _FILE] = ""
    """Its certificate or certificates, PEM, relative to this file: by them it signs, and TLS knows it."""
    networks: Annotated[tuple[str, ...], texts('a list such as ["10.20.0.0/16", "2001:db8::/32"]', r"[0-9A-Fa-f.:/]{2,50}")] = ()
    """Where it may call from; empty is anywhere, which `none` does not take."""
    gateway: Annotated[bool, FLAG] = False
    """Whether it is a gateway of the other tier: its messages may bear the Routing header block, and SystemIds of whom it passes on."""
    calls: Annotated[tuple[str, ...], texts('a list such as ["xplatform.303"]', r"[a-z]+(\.\d{2,3})?")] = ()
    """The [partners.*] sections of the gateway's configuration by which it is called: they are not called while it is isolated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRate:
    """Its messages in a second: `[portal.rate]`."""

    per_second: Annotated[float, number(0.001, 1_000_000)]
    """In the long run. Of N workers each lets in a Nth."""
    burst: Annotated[int, whole(1, 1_000_000)]
    """At once, after a pause."""
    mode: Annotated[QuotaMode, choice(QuotaMode)] = QuotaMode.ENFORCE
    """`report`: what is above is counted and noted in the audit log; `enforce`: it is refused with code 9002, and may come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerDay:
    """Its messages in a day of China Standard Time, counted from a restart on: `[portal.day]`."""

    requests: Annotated[int, whole(1, 1_000_000_000)]
    """Of N workers each lets in a Nth."""
    mode: Annotated[QuotaMode, choice(QuotaMode)] = QuotaMode.ENFORCE
    """As above; the code is 9003."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerConnections:
    """Its connections at a time: `[portal.connections]`. One counts for whose message it brought last."""

    most: Annotated[int, whole(1, 60_000)]
    """Of N workers each lets in a Nth, at least one."""
    mode: Annotated[QuotaMode, choice(QuotaMode)] = QuotaMode.ENFORCE
    """As above; the code is 9004, and the connection is closed after it."""


CALLER_SECTIONS: Mapping[str, type] = {
    "NAME": CallerConfig, "NAME.rate": CallerRate, "NAME.day": CallerDay, "NAME.connections": CallerConnections,
}  # fmt: skip
PROVINCE_IDS = frozenset(PROVINCES)
