"""What is logged: every event with its level, fields and meaning, and how a line of it looks.

One line per event, text or JSON, at China time; subscriber numbers are masked by their type, control characters
escaped. Must not know who sends an event.
"""

from __future__ import annotations

import json
import re
import time
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast

import structlog

from gateway.domain.numbers import Number

if TYPE_CHECKING:
    from twisted.logger import ILogObserver, LogBeginner, LogEvent

CHINA = timezone(timedelta(hours=8))
"""Asia/Shanghai; no summer time since 1991."""


class Level(StrEnum):
    """How much an event matters, in rising order."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event; `fields` are all that it may bear."""

    level: Level
    fields: frozenset[str]
    meaning: str


def _event(level: Level, fields: str, meaning: str) -> Event:
    return Event(level, frozenset(fields.split()), meaning)


EVENTS: Mapping[str, Event] = {
    "contract.old": _event(
        Level.INFO, "contract version operation system peer", "A caller uses an older version of a contract; told once a day for each."
    ),
    "message.refused": _event(
        Level.INFO, "contract operation code reference caller",
        "A message was answered by a fault; `reference` stands in it, `caller` is whom it claimed to be from.",
    ),
    "order.accepted": _event(Level.INFO, "run section streaming_no number", "An order is stored and begun."),
    "order.refused": _event(Level.INFO, "system streaming_no code number", "A request was refused; nothing is stored."),
    "request.repeated": _event(
        Level.INFO, "system streaming_no", "A known request came again and got its answer again."
    ),
    "step.done": _event(
        Level.INFO, "run step number party streaming_no code attempts", "A step has its reply; `number` is the seed's."
    ),
    "step.failed": _event(Level.WARN, "run step attempt reason", "A call gave no business answer; it is tried again."),
    "step.postponed": _event(
        Level.DEBUG, "run step reason", "A step waits for its partner, which is not called now; no attempt is used up."
    ),
    "step.refused": _event(Level.WARN, "run step reason", "A partner refused the message itself: no further try."),
    "run.ended": _event(Level.INFO, "run section code", "An order has ended; 0 is success, else a code of the result table."),
    "run.stuck": _event(Level.ERROR, "run error", "An order met an error of ours and waits for a person."),
    "run.parked": _event(Level.ERROR, "run section attempts reason", "A step was tried as long as is configured; a person must look."),
    "run.resumed": _event(Level.WARN, "run act", "A parked order goes on: by the act of a person, or because its result has come."),
    "runs.resumed": _event(Level.WARN, "runs", "So many parked orders go on, by a bulk retry."),
    "run.forced": _event(
        Level.ERROR, "run who", "A person ended an order whose flow could not go on; reconciliation must see what its platform holds."
    ),
    "fallout.passed": _event(Level.INFO, "run reason", "A bulk retry left this order out: somebody else had acted on it."),
    "result.late": _event(
        Level.WARN, "run step code", "A result came for a step that had its reply already; it changes nothing, reconciliation compares."
    ),
    "run.fenced": _event(Level.WARN, "run", "Another process has taken the order over; this one has dropped it."),
    "runs.taken": _event(Level.WARN, "runs", "Orders of a process whose lease is over go on here."),
    "lease.lost": _event(Level.ERROR, "owner", "Another process has taken this one's name: this one ends."),
    "lease.failed": _event(Level.ERROR, "owner error", "The life sign could not be written; others may take over the orders."),
    "run.delayed": _event(Level.ERROR, "run error", "The store failed under an order; it is taken up again in seconds."),
    "runs.archived": _event(Level.INFO, "runs", "So many orders that ended long ago have moved to the archive."),
    "housekeeping.failed": _event(
        Level.WARN, "run error", "The store failed under the archiving of old orders, or of the one that is named; it is tried again."
    ),
    "store.failed": _event(Level.ERROR, "error", "The store failed under a request; the caller was told to retry."),
    "signal.arrived": _event(Level.INFO, "run step", "A result or report that a step waits for has come."),
    "relation.changed": _event(
        Level.INFO, "run system streaming_no number product change", "ISMP reported a subscription relation."
    ),
    "repair.begun": _event(
        Level.INFO, "run plan line right number product action by why", "A repair of a reconciliation is stored and begun."
    ),
    "repair.refused": _event(Level.WARN, "plan line number product code by", "A repair of a reconciliation was not begun."),
    "object.synced": _event(Level.INFO, "system kind object version status", "PPM told an object of the catalogue, and it is kept."),
    "test.noticed": _event(Level.INFO, "system kind object version", "PPM asked that an object in test state be tried."),
    "port.forwarded": _event(
        Level.INFO, "contract operation party streaming_no code hops",
        "A request was passed on to another system and has its answer; `hops` counts the gateways that it has passed.",
    ),
    "partner.failed": _event(
        Level.WARN, "party streaming_no reason", "A partner that was asked for a caller gave no answer; the caller was told so."
    ),
    "partners.reloaded": _event(Level.INFO, "outcome", "The file of partners was read again and holds."),
    "partners.refused": _event(Level.ERROR, "outcome", "The file of partners has a mistake; what held before holds on."),
    "partner.unchanged": _event(
        Level.ERROR, "partner what reason", "A change of a partner cannot be had here, such as a password whose file is elsewhere."
    ),
    "audit.lost": _event(Level.ERROR, "act subject error", "The store failed under a line of the audit log."),
    "breaker.opened": _event(
        Level.WARN, "party operation pause", "Most of the last calls failed: an operation is not called for `pause` seconds."
    ),
    "breaker.probing": _event(Level.INFO, "party operation", "The pause is over: a few calls show whether the partner is back."),
    "breaker.closed": _event(Level.INFO, "party operation", "The partner is back: the operation is called as before."),
    "overload.began": _event(Level.WARN, "places", "New work is refused by HTTP 503 from here on; so much may be under way."),
    "overload.ended": _event(Level.WARN, "refused", "Nothing was refused for a second; so many requests were."),
    "capture.started": _event(Level.WARN, "file", "What passes is recorded from here on."),
    "capture.stopped": _event(
        Level.WARN, "file written lost", "The recording ended; so many exchanges were dropped because the disk did not keep up."
    ),
    "capture.failed": _event(
        Level.ERROR, "file written lost error", "The file could not be written, or made: the recording ended, and nothing else."
    ),
    "tls.refused": _event(
        Level.WARN, "address reason clients",
        "TLS ended connections of so many callers; `reason` is OpenSSL's name for it. The first is told at once.",
    ),
    "certificate.renewed": _event(Level.INFO, "use", "Certificate, key or CA files have changed; new connections use them."),
    "certificate.refused": _event(
        Level.ERROR, "use error", "Changed files cannot be used; what was in use before them still is."
    ),
    "certificate.expires": _event(
        Level.WARN, "file at days", "A certificate of ours expires in so many days; below zero it has. Told once a day."
    ),
    "gateway.started": _event(
        Level.INFO, "name tier province url port admin_port", "The gateway listens and takes requests."
    ),
    "gateway.privileged": _event(
        Level.WARN, "name", "The process runs as root, which it never needs. Give it a user of its own."
    ),
    "gateway.recovered": _event(Level.INFO, "runs", "So many orders of a former process are taken up again."),
    "gateway.stopping": _event(Level.INFO, "name active", "The gateway drains; so many orders are being worked on."),
    "twisted.debugged": _event(Level.DEBUG, "source text error", "Details that a room told through twisted.logger."),
    "twisted.noted": _event(Level.INFO, "source text error", "A note that came through twisted.logger."),
    "twisted.warned": _event(Level.WARN, "source text error", "A warning that came through twisted.logger."),
    "twisted.failed": _event(Level.ERROR, "source text error", "An error that came through twisted.logger."),
}


class LogSettings(Protocol):
    """The part of the configuration that is used here."""

    @property
    def format(self) -> str:
        """Either text or json."""

    @property
    def level(self) -> str:
        """One of the levels."""


class Telemetry:
    """Writes events: `events("step.done", run=..., step=...)`. One below the level costs a look into a table."""

    __slots__ = ("_stranger", "_strict", "_writers")

    def __init__(
        self, log: LogSettings, stream: TextIO, *, strict: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        """Write to `stream`; `strict`, for tests, raises ValueError for an event or field that EVENTS does not have."""
        logger = structlog.wrap_logger(
            structlog.WriteLogger(stream),
            processors=[_Line(clock), _as_json if log.format == "json" else _as_text],
            wrapper_class=structlog.BoundLogger,
        ).bind()
        order = list(Level)
        enabled = order[order.index(Level(log.level)) :]
        self._writers: dict[str, Callable[..., object] | None] = {
            name: getattr(logger, event.level) if event.level in enabled else None for name, event in EVENTS.items()
        }
        self._stranger = logger.warn
        self._strict = strict

    def __call__(self, event: str, /, **fields: object) -> None:
        """Write one event, if its level is on."""
        if self._strict:
            _check(event, fields)
        write = self._writers.get(event, self._stranger)
        if write is not None:
            try:
                write(event, **fields)
            except (OSError, ValueError):  # a full disk or a closed stream: orders go on, and there is nobody to tell
                return

    def writes(self, event: str) -> bool:
        """Whether an event's level is on: ask where its fields are costly to make."""
        return self._writers.get(event, self._stranger) is not None


def _check(event: str, fields: Mapping[str, object]) -> None:
    if event not in EVENTS:
        raise ValueError(f"unknown event {event}")
    strange = fields.keys() - EVENTS[event].fields
    if strange:
        raise ValueError(f"{event} has no field {', '.join(sorted(strange))}")


# ---- a line --------------------------------------------------------------------------------------------------------

_DIGITS = re.compile(r"(?<![0-9])(?:\+?86)?(1[0-9]{10}|0[0-9]{9,11})(?![0-9])")
# Of a subscriber's card: China's country code, network, number. Then what WS-Security calls a secret, or makes one guessable.
_IMSI = re.compile(r"(?<![0-9])(460[0-9]{2})[0-9]{6}([0-9]{4})(?![0-9])")
_SECRETS = re.compile(r"(<(?:[\w.-]+:)?(?:Password|Nonce|BinarySecurityToken|SignatureValue)\b[^<>]*>)[^<]+")
_LONGEST = 8000
"""Characters of a text that is not ours; a message that a caller sent may be within."""


class _Line:
    """Makes the pairs of a line from an event: time, level and event first, plain values only."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def __call__(self, _: object, level: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
        now = datetime.fromtimestamp(self._clock(), CHINA)
        line: dict[str, Any] = {
            "time": now.isoformat(timespec="milliseconds"),
            "level": level,
            "event": event.pop("event"),
        }
        for name, value in event.items():
            if not isinstance(value, BaseException):
                line[name] = _plain(value)
                continue
            line[name] = type(value).__name__
            if level == Level.ERROR:
                line["traceback"] = masked("".join(traceback.format_exception(value)))[-_LONGEST:]
        return line


def masked(text: str) -> str:
    """Mask what looks like a subscriber's number or card, or a secret of WS-Security, in a text that is not ours: a traceback, a
    library's words."""
    text = _SECRETS.sub(r"\1***", _IMSI.sub(r"\1******\2", text))
    return _DIGITS.sub(lambda found: str(Number(found[1])), text)


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return str(value)


def _as_json(_: object, __: str, line: MutableMapping[str, Any]) -> str:
    return json.dumps(line)  # ASCII only: no character can break the line or the terminal


def _as_text(_: object, __: str, line: MutableMapping[str, Any]) -> str:
    """Write `time level event key=value ...`; a value that could be misread is quoted as Python would."""
    moment, level, event = line.pop("time"), line.pop("level"), line.pop("event")
    return " ".join([moment, f"{level:<5}", _word(event), *(f"{key}={_word(value)}" for key, value in line.items())])


_WORD = re.compile(r"""[^\s"'=\\]+""")


def _word(value: object) -> str:
    text = str(value)
    return text if _WORD.fullmatch(text) and text.isprintable() else repr(text)


# ---- Twisted's own log ---------------------------------------------------------------------------------------------


def capture_twisted_logs(telemetry: Telemetry, beginner: LogBeginner | None = None) -> None:
    """Write what is logged through twisted.logger, too: all of our own rooms, of all others from `warn` on.

    The level decides as for other events. Call once, before the reactor runs: it also takes what was logged until now,
    and Python's warnings.
    """
    from twisted.logger import globalLogBeginner  # noqa: PLC0415  only a process with a reactor has use for it

    observer = cast("ILogObserver", _observer(telemetry))  # zope's interfaces are no types without a plugin
    (beginner or globalLogBeginner).beginLoggingTo([observer], redirectStandardIO=False)


_OURS = ("gateway.", "stubs.")


def _observer(telemetry: Telemetry) -> Callable[[LogEvent], None]:
    from twisted.logger import LogLevel, formatEvent  # noqa: PLC0415

    names = {
        LogLevel.debug: "twisted.debugged",
        LogLevel.info: "twisted.noted",
        LogLevel.warn: "twisted.warned",
        LogLevel.error: "twisted.failed",
        LogLevel.critical: "twisted.failed",
    }

    def observe(event: LogEvent) -> None:
        level, source = event.get("log_level", LogLevel.info), str(event.get("log_namespace", ""))
        told = str(event.get("log_format", "")).partition(" ")[0]
        if f"{source}.".startswith(_OURS) and told in EVENTS:  # an event of ours, told by a room that may not know this one
            telemetry(told, **{name: event[name] for name in EVENTS[told].fields & event.keys()})
            return
        least = LogLevel.debug if f"{source}.".startswith(_OURS) else LogLevel.warn
        name = names[level]
        if level < least or not telemetry.writes(name):
            return
        fields: dict[str, object] = {"source": source, "text": masked(formatEvent(event))[:_LONGEST]}
        failure = event.get("log_failure")
        if failure is not None:
            fields["error"] = failure.value.with_traceback(failure.getTracebackObject() or failure.value.__traceback__)
        telemetry(name, **fields)

    return observe
