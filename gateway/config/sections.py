"""All settings: one class per TOML section, with unit and effect under each field; docs/configuration.md shows them.

Must not know where a value came from. What is read (contracts, number plan) is relative to the configuration file,
what is written (state, store, token) to the current directory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from gateway.config.capturing import CaptureConfig
from gateway.config.dialects import DialectName, LegacyConfig
from gateway.config.forms import (
    FLAG,
    HOST,
    PATH,
    PORT,
    choice,
    codes,
    days,
    fraction,
    known,
    milliseconds,
    numbers,
    seconds,
    table,
    text,
    url,
    whole,
)
from gateway.config.limits import LimitsConfig
from gateway.config.security import Showing, TlsConfig, Trust
from gateway.domain.authorisation import Replacement
from gateway.domain.numbers import NumberPlan
from gateway.domain.party import CHANNEL_SYSTEMS, PROVINCES, Address
from gateway.domain.routing import Tier

POSTGRES_URL = text(
    "an address such as postgresql://user@host:5432/database, without a password",
    r"postgres(ql)?://(?!\S*[?&](ssl)?password=)([^:/?@\s]+@)?[^@\s]*",
)


class StoreKind(StrEnum):
    """What keeps orders and runs."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    MEMORY = "memory"


class Audit(StrEnum):
    """Who audits applications."""

    AUTOMATIC = "automatic"
    HELD = "held"


class LogFormat(StrEnum):
    """How a log line looks."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """From which events on a line is written."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    """Which gateway this is and where it listens."""

    tier: Annotated[Tier, choice(Tier)]
    """A province takes orders of its own numbers; the group takes orders of national products from provinces."""
    province: Annotated[str, known("a province id of two digits, such as 15", PROVINCES)]
    """Province id; stands in our StreamingNos and order ids, so it must not change while orders are under way."""
    name: Annotated[str, text("a name of letters, digits, dot and hyphen", r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")]
    """Name in logs, and of the state directory. On a shared database each gateway needs one of its own: a second one of the same
    name takes over from the first, which ends with exit 1."""
    host: Annotated[str, HOST] = "127.0.0.1"
    """Address to listen on. Any but loopback opens the gateway to the network: it needs [tls] and [access] then, or refuses to start."""
    port: Annotated[int, PORT] = 7001
    """Port of the SOAP services; 0 takes any free one, told in the ready line."""
    public_url: Annotated[str, url("http", "https", base=True)]
    """Address that partners use, published in `?wsdl` with each path. Set it behind a proxy and with port 0."""
    state_dir: Annotated[Path, PATH]
    """Directory of what this gateway writes; made at start. Two gateways must not share one."""
    contracts: Annotated[Path, PATH]
    """Directory of the WSDL files that are served and called."""
    older: Annotated[str, text('"" or a directory', r"[^\0]*")] = ""
    """Directory of older versions of contracts that are served beside the present ones, each with what became of its fields: see
    docs/versions.md. Relative to this file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminConfig:
    """The admin API that the command line speaks to."""

    host: Annotated[str, HOST] = "127.0.0.1"
    """Address to listen on; leave it on loopback."""
    port: Annotated[int, PORT]
    """Port of the admin API; 0 takes any free one."""
    token_file: Annotated[Path, PATH]
    """File of the token that callers must show; made with mode 0600 if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfig:
    """Where orders, runs and relations are kept."""

    kind: Annotated[StoreKind, choice(StoreKind)] = StoreKind.SQLITE
    """`sqlite`: one process, one machine. `postgres`: any number of gateways share a database. `memory` forgets everything at the
    end of the process: for tests only."""
    path: Annotated[Path, PATH]
    """The database file of kind `sqlite`; made at start if there is none."""
    url: Annotated[str, POSTGRES_URL] = "postgresql:///vsop"
    """The database of kind `postgres`, which must exist; tables are made at start if it is empty. The password stands in a file that
    `?passfile=` or the variable PGPASSFILE names, one line `host:port:database:user:password`; never here."""
    lease: Annotated[timedelta, seconds(1, 3600, suffix="_s")] = timedelta(seconds=10)
    """Of kind `postgres`: how long after a gateway's last sign of life others take over its orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveConfig:
    """How long what has ended is kept, and where: see docs/backup.md. Zero is for ever."""

    after: Annotated[timedelta, days(0, 36_500)] = timedelta(days=90)
    """From the end of an order: then it moves, with its journal, to the archive of the same database. Queries find it there."""
    requests: Annotated[timedelta, days(0, 36_500)] = timedelta(days=400)
    """How long a request is known: sent again within it, it gets its first answer and does nothing twice. Not below after_days."""
    keep: Annotated[timedelta, days(0, 36_500)] = timedelta(0)
    """From the end of an order: then it is deleted from the archive for good. Not below after_days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersConfig:
    """Which province a subscriber number belongs to."""

    plan: Annotated[Path, PATH] = Path("numbers.toml")
    """File of the tables [mobile] (by first 7 digits), [fixed] (by area code) and [ported] (by whole number)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryConfig:
    """When a step whose outcome is unknown is tried again, always under the same StreamingNo."""

    base: Annotated[timedelta, milliseconds(1, 3_600_000)] = timedelta(milliseconds=500)
    """Pause after the first failure; it doubles with each further one, and half of it is random."""
    cap: Annotated[timedelta, seconds(0.001, 86_400)] = timedelta(seconds=60)
    """Longest pause; not below base."""
    attempts: Annotated[int, whole(1, 1_000_000)] = 1000
    """Attempts of one step after which its order is parked for a person: see `vsopgw fallout`. It keeps its place and loses nothing."""
    give_up_after: Annotated[timedelta, seconds(1, 31_536_000)] = timedelta(days=1)
    """From a step's first attempt: then, too, its order is parked."""
    result_within: Annotated[timedelta, seconds(0.01, 604_800)] = timedelta(seconds=300)
    """How long a result may follow "accepted" before the request is sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallConfig(Trust):
    """Calls to partners."""

    deadline: Annotated[timedelta, seconds(0.01, 600)] = timedelta(seconds=10)
    """From the start of a call to the last byte of its answer; then it is unknown what became of it: see [retry]."""
    connections_per_partner: Annotated[int, whole(1, 1024)] = 32
    """Most calls to one host and port at a time; more wait in order, within their deadline."""
    waiting_per_partner: Annotated[int, whole(0, 100_000)] = 256
    """Most calls that wait so; beyond them a step is put off, which is no attempt. It keeps a slow partner from holding all orders that
    may be worked on at once."""
    connect: Annotated[timedelta, seconds(0.01, 60)] = timedelta(seconds=3)
    """Longest time for one connection to be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerConfig:
    """When an operation of a partner is called no more for a while. What it refuses counts as well answered."""

    window: Annotated[int, whole(1, 10_000)] = 50
    """Last calls that are looked at."""
    minimum: Annotated[int, whole(1, 10_000)] = 20
    """Fewer calls than these never open it; not above window."""
    share: Annotated[float, fraction(0.01, 1)] = 0.5
    """It opens when so great a part of them failed."""
    open: Annotated[timedelta, seconds(0.01, 3600)] = timedelta(seconds=10)
    """First pause; it doubles while the partner stays away. Orders wait on disk meanwhile, and none of their attempts is used up."""
    open_cap: Annotated[timedelta, seconds(0.01, 86_400)] = timedelta(seconds=60)
    """Longest pause; not below open."""
    probes: Annotated[int, whole(1, 1000)] = 3
    """Calls after a pause, by which it is judged anew: it closes unless so great a share of them fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelsConfig:
    """Who may place orders."""

    allowed: Annotated[frozenset[str], codes("a list of system codes of channels", CHANNEL_SYSTEMS)] = CHANNEL_SYSTEMS
    """Who may call subscribeToVSOP: 211 portal, 212 seat, 213 IVR, 214 SMS hall, 215 WAP hall. Others are refused."""


_RULES = numbers("a list of rule numbers from 1 to 12, each once", range(1, 13))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyConfig:
    """How orders are authorised; the rules are 1 product, 2 partner, 3 user, 4 capability, 5 fee, 6 exclusion, 7 dependency,
    8 replacement, 9 depended on, 10 bundle, 11 duplicate, 12 network. Each list is applied in its order."""

    subscribe_rules: Annotated[tuple[int, ...], _RULES] = (1, 2, 3, 4, 6, 7, 8, 11, 12)
    """For subscriptions from channels. Their fee check is a step of its own, after acceptance."""
    unsubscribe_rules: Annotated[tuple[int, ...], _RULES] = (1, 9, 10, 11)
    """For what channels end, suspend or resume."""
    counter_rules: Annotated[tuple[int, ...], _RULES] = (1, 2, 3, 4, 5, 6, 7, 8, 11, 12)
    """For what CRM asks before it sells a bundle; rule 5 asks OCS for the balance of a prepaid user."""
    counter_unsubscribe_rules: Annotated[tuple[int, ...], _RULES] = (1,)
    """For what CRM asks before it ends products."""
    replacement: Annotated[Replacement, choice(Replacement)] = Replacement.REPLACE
    """`replace`: a held product that the new one replaces is ended with the order, and CRM's user is asked; `refuse`: rule 8 refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationConfig:
    """Second confirmation by SMS, for channels that do not ask the user twice themselves."""

    channels: Annotated[frozenset[str], codes("a list of system codes of channels", CHANNEL_SYSTEMS)] = frozenset()
    """Whose subscriptions wait until the user answers an SMS. The portal asks by itself, so it is not among them."""
    within: Annotated[timedelta, seconds(0.01, 604_800)] = timedelta(hours=24)
    """How long the user may take; then the order fails, and a later answer is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PpmConfig:
    """Product management (PPM), served by this gateway for its tier."""

    serve: Annotated[bool, FLAG] = False
    """Whether this gateway is the PPM of its tier. It tells the catalogue to the ocs, crm, billing and xplatform partners that there are,
    and to VSOPs: to that of this gateway at gateway.port, unless `[partners.vsop.PROVINCE]` names another address."""
    audit: Annotated[Audit, choice(Audit)] = Audit.AUTOMATIC
    """`automatic`: what the rules admit is approved; `held`: a person decides with `vsopgw ppm audit approve` or `reject`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerConfig(Showing):
    """One partner: ocs, billing, smshall, crm, provisioning, ismp.CODE, xplatform.CODE, channel.CODE or vsop.PROVINCE.

    There is one such section for each; a step whose partner has none fails for good.
    """

    url: Annotated[str, url("http", "https")]
    """Address of its service."""
    dialect: Annotated[DialectName, choice(DialectName)] = DialectName.TYPED
    """How it is spoken to: `typed` by its contract; `legacy` by documents in strings; `ismp-sp` and `ismp-crm` by the ISMP engines. For
    the old ones `url` is where its services stand, such as http://10.0.0.9/VsopWeb/services: the service's name is put after it."""
    deadline: Annotated[timedelta, seconds(0.01, 600)]
    """As in [call], for this partner alone."""
    deadlines: Annotated[
        Mapping[str, timedelta], table("a section of operations with seconds each", seconds(0.01, 600, suffix=""))
    ] = field(default_factory=dict)
    """The same for single operations, in seconds: `feeCheck = 2.5` in `[partners.ocs.deadlines]`."""
    trace: Annotated[bool, FLAG]
    """Whether the Routing header block (trace id, origin, hop count) is sent along; not every partner takes it. What is passed on to
    a VSOP bears it in any case: its hop count ends loops."""
    user_state: Annotated[bool, FLAG]
    """Whether it wants to hear of every user of the province; one where the user holds something hears in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconConfig:
    """Reconciliation with other systems (对账)."""

    settle: Annotated[timedelta, seconds(0, 86_400)] = timedelta(minutes=15)
    """What an order touched within this time is neither told as a difference nor repaired: its messages may be on their way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessConfig:
    """Who may call this gateway: see docs/access.md. Without a file of partners everybody may, which is for loopback alone."""

    partners: Annotated[str, text('"" or a file', r"[^\0]*")] = ""
    """File of the partners that may call; relative to this one. SIGHUP reads it again; one with a mistake never replaces a good one."""
    ttl: Annotated[timedelta, seconds(1, 3600)] = timedelta(seconds=300)
    """How old the credentials of a message may be. Each is remembered as long, so that it is taken once."""
    skew: Annotated[timedelta, seconds(0, 600)] = timedelta(seconds=60)
    """How far they may be dated ahead, as clocks differ."""
    share: Annotated[float, fraction(0.001, 1)] = 1.0
    """The part of each partner's quotas that this process lets in; `serve --workers` sets it."""
    insecure: Annotated[bool, FLAG] = False
    """Whether this gateway may listen outside loopback without TLS, or without partners who must show who they are. Anybody in the
    network can then read every message, or place orders in anybody's name: only behind a proxy that sees to both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfig:
    """The log, on standard error: one line per event; subscriber numbers are masked."""

    format: Annotated[LogFormat, choice(LogFormat)] = LogFormat.TEXT
    """`text` for people, `json` for collectors; the same events and fields."""
    level: Annotated[LogLevel, choice(LogLevel)] = LogLevel.INFO
    """Events below it are not written. An order writes some six lines at `info`, and at `warn` only what failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailpointConfig:
    """For tests only: ends the process as a power cut would."""

    kill: Annotated[str, text('"" or "MOMENT:STEP:COUNT"', r"|[a-z-]+:[^\s]+:[1-9][0-9]*")] = ""
    """Such as `after-effect:fee-check:1`: kill -9 when that step has reached that moment so many times. Moments are
    before- and after- accept, effect and result, and commit, where the step is the first row of a commit that belongs to none."""
    dir: Annotated[str, text('"" or a directory', r"[^\0]*")] = ""
    """Each edge that is reached becomes a line of its file `reached`; its file `kill`, while there is one, asks for the next kill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings of one gateway, whole and valid."""

    gateway: GatewayConfig
    tls: TlsConfig
    admin: AdminConfig
    store: StoreConfig
    archive: ArchiveConfig
    numbers: NumberPlan = field(repr=False)
    """The tables that [numbers] names; ported numbers are subscribers' numbers and stay out of `repr`."""
    limits: LimitsConfig
    retry: RetryConfig
    call: CallConfig
    breaker: BreakerConfig
    channels: frozenset[str]
    """System codes that may place orders."""
    policy: PolicyConfig
    confirmation: ConfirmationConfig
    ppm: PpmConfig
    recon: ReconConfig
    access: AccessConfig
    legacy: LegacyConfig
    partners: Mapping[Address, PartnerConfig]
    capture: CaptureConfig
    log: LogConfig
    failpoint: FailpointConfig


SECTIONS: Mapping[str, type] = {
    "gateway": GatewayConfig,
    "tls": TlsConfig,
    "admin": AdminConfig,
    "store": StoreConfig,
    "archive": ArchiveConfig,
    "numbers": NumbersConfig,
    "limits": LimitsConfig,
    "retry": RetryConfig,
    "call": CallConfig,
    "breaker": BreakerConfig,
    "channels": ChannelsConfig,
    "policy": PolicyConfig,
    "confirmation": ConfirmationConfig,
    "ppm": PpmConfig,
    "recon": ReconConfig,
    "access": AccessConfig,
    "legacy": LegacyConfig,
    "capture": CaptureConfig,
    "log": LogConfig,
    "failpoint": FailpointConfig,
}
"""In the order in which they are read: a default may be made of what stands before it."""

PARTNERS = "partners"
