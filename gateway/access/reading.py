"""Reads the file of partners, with the files that it names: all of it, or all its mistakes with file and line.

Passwords and certificates stand in files of their own: nothing secret in the configuration, on a command line or in a message.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

from gateway.access.partner import Connections, Day, Kind, Mode, Network, Partner, Partners, Rate, State
from gateway.config.callers import (
    EVERYWHERE,
    NAME,
    PROVINCE_IDS,
    CallerConfig,
    CallerConnections,
    CallerDay,
    CallerRate,
)
from gateway.config.forms import Unfit
from gateway.config.reading import Reading
from gateway.config.sources import ConfigMistakes, Document, Settings

SHORTEST: Final = 8
"""Bytes of a password: a digest can be guessed at by who has seen one."""
LONGEST: Final = 1024
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_PARTS: Final = {"rate": CallerRate, "day": CallerDay, "connections": CallerConnections}


def read_partners(path: Path, placeholders: Mapping[str, str], kinds: frozenset[Kind]) -> Partners:
    """Read the file; raises ConfigMistakes with every mistake.

    `placeholders` are those of the gateway's configuration, such as province; `kinds` are the ways that this process can judge.
    """
    settings = Settings(Document(path))
    reading = Reading(settings)
    reading.values.update({f"gateway.{name}": value for name, value in placeholders.items()})
    found: dict[str, Partner] = {}
    for name, value in settings.table.items():
        table = reading.table((name,), value)
        if not re.fullmatch(NAME, name):
            settings.blame((name,), f"{name!r} is no name: letters, digits, dot, hyphen and underscore, at most 64")
        elif table is not None:
            partner = _partner(reading, name, table, path.parent, kinds)
            if partner is not None:
                found[name] = partner
    _shared_names(settings, found)
    if settings.mistakes:
        raise ConfigMistakes(settings.mistakes)
    return Partners.of(found)


def read_password(path: Path) -> bytes:
    """Read the one line of a file of a password; raises Unfit."""
    try:
        if path.stat().st_mode & 0o007:
            raise Unfit(f"names a file that everybody can read or change: chmod o= {path}")
        password = path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise Unfit(f"names a file that cannot be read: {path}: {error.strerror}") from None
    if not SHORTEST <= len(password) <= LONGEST or b"\n" in password:
        raise Unfit(f"must name a file of one line of {SHORTEST} to {LONGEST} bytes: {path}")
    return password


def _partner(reading: Reading, name: str, table: Mapping[str, Any], beside: Path, kinds: frozenset[Kind]) -> Partner | None:
    before = len(reading.settings.mistakes)
    own = {key: value for key, value in table.items() if key not in _PARTS}
    fields = dict(reading.fields((name,), own, "caller", CallerConfig))
    parts = {part: _part(reading, (name, part), table[part], kind) for part, kind in _PARTS.items() if part in table}
    if len(reading.settings.mistakes) > before:
        return None
    described = CallerConfig(**fields)
    made: Partner | None = None
    try:
        made = _made(name, described, parts, beside, kinds)
    except _Blamed as blamed:
        reading.settings.blame((name, blamed.key), f"{name}.{blamed.key} {blamed.text}")
    return made


def _part(reading: Reading, place: tuple[str, ...], value: object, kind: type) -> Any:
    table = reading.table(place, value)
    before = len(reading.settings.mistakes)
    fields = dict(reading.fields(place, table or {}, f"caller.{place[-1]}", kind))
    return None if table is None or len(reading.settings.mistakes) > before else kind(**fields)


class _Blamed(Exception):
    """What is wrong with a partner whose fields are good each by itself."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key
        self.text = text


def _made(name: str, caller: CallerConfig, parts: Mapping[str, Any], beside: Path, kinds: frozenset[Kind]) -> Partner:
    shown = frozenset(Kind(kind) for kind in caller.authentication)
    ders = _certificates(beside, caller.certificate_file) if caller.certificate_file else ()
    prints = frozenset(f"sha256:{sha256(der).hexdigest()}" for der in ders)
    passwords = tuple(_passwords(caller, beside))
    _judge_credentials(shown, kinds, caller, passwords, prints)
    if Kind.SIGNATURE in shown:
        _judge_signer(ders)
    provinces = frozenset(caller.provinces)
    strange = sorted(provinces - PROVINCE_IDS - {EVERYWHERE})
    if strange:
        raise _Blamed("provinces", f"must be province ids of two digits; unknown: {', '.join(strange)}")
    rate, day, connections = (parts.get(part) for part in _PARTS)
    return Partner(
        name=name, systems=caller.systems, authentication=shown, operations=frozenset(caller.operations),
        provinces=None if EVERYWHERE in provinces else provinces, state=State(caller.state), user=caller.user or name,
        passwords=passwords, plain_text=caller.plain_text, certificates=frozenset(caller.certificates) | prints,
        certificate_der=ders, networks=tuple(_networks(caller)), gateway=caller.gateway,
        calls=frozenset(each.replace(".", ":") for each in caller.calls),
        rate=None if rate is None else Rate(rate.per_second, rate.burst, Mode(rate.mode)),
        day=None if day is None else Day(day.requests, Mode(day.mode)),
        connections=None if connections is None else Connections(connections.most, Mode(connections.mode)),
    )  # fmt: skip


def _judge_credentials(
    shown: frozenset[Kind], known: frozenset[Kind], caller: CallerConfig, passwords: tuple[bytes, ...], prints: frozenset[str]
) -> None:
    """Who must show something needs what it is compared with."""
    if not shown:
        raise _Blamed("authentication", "is empty: write none where its address is all that tells it")
    if Kind.NONE in shown and len(shown) > 1:
        raise _Blamed("authentication", "cannot have none beside others")
    if Kind.NONE in shown and not caller.networks:
        raise _Blamed("networks", "is missing: with authentication none its address is all that tells it")
    lacking = sorted(shown - known - {Kind.NONE, Kind.USERNAME_TOKEN})
    if lacking:
        raise _Blamed("authentication", f"cannot be {' or '.join(lacking)} here: see the extras in docs/access.md")
    if Kind.USERNAME_TOKEN in shown and not passwords:
        raise _Blamed("password_file", "is missing: username-token needs it")
    if Kind.MTLS in shown and not (caller.certificates or prints):
        raise _Blamed("certificates", "is missing: mtls needs it, or certificate_file")
    if Kind.SIGNATURE in shown and not prints:
        raise _Blamed("certificate_file", "is missing: signature needs it")


def _judge_signer(ders: tuple[bytes, ...]) -> None:
    """A certificate by which messages are judged must be one, with a key of a kind that is taken."""
    from gateway.access.signature_key import pinned  # noqa: PLC0415  it needs an extra, which is there where Kind.SIGNATURE is known

    try:
        useless = [der for der in ders if pinned(der).key is None]
    except ValueError:
        raise _Blamed("certificate_file", "names a file that holds no X.509 certificate") from None
    if useless:
        raise _Blamed("certificate_file", "holds a key by which nothing is proved: RSA of 2048 bits and more, or the curve P-256")


def _passwords(caller: CallerConfig, beside: Path) -> Iterator[bytes]:
    for key in ("password_file", "previous_password_file"):
        file = getattr(caller, key)
        if file:
            try:
                yield read_password(beside / file)
            except Unfit as problem:
                raise _Blamed(key, str(problem)) from None


def _certificates(beside: Path, file: str) -> tuple[bytes, ...]:
    try:
        text = (beside / file).read_text(encoding="ascii")
        ders = tuple(ssl.PEM_cert_to_DER_cert(pem + "\n") for pem in _PEM.findall(text))
    except OSError as error:
        raise _Blamed("certificate_file", f"names a file that cannot be read: {beside / file}: {error.strerror}") from None
    except ValueError:
        raise _Blamed("certificate_file", f"names a file that is not PEM: {beside / file}") from None
    if not ders:
        raise _Blamed("certificate_file", f"names a file without a certificate: {beside / file}")
    return ders


def _networks(caller: CallerConfig) -> Iterator[Network]:
    for text in caller.networks:
        try:
            yield ip_network(text)
        except ValueError as problem:  # ours: it is the operator's own text
            raise _Blamed("networks", f"has no network {text}: {problem}") from None


def _shared_names(settings: Settings, found: Mapping[str, Partner]) -> None:
    """Two partners must not show the same: nobody could tell them apart."""
    seen: dict[tuple[str, str], str] = {}
    for name, partner in found.items():
        names = [("user", partner.user)] if Kind.USERNAME_TOKEN in partner.authentication else []
        if partner.authentication & {Kind.MTLS, Kind.SIGNATURE}:
            names += [("certificates", each) for each in partner.certificates]
        for key, value in names:
            other = seen.setdefault((key, value), name)
            if other != name:
                settings.blame((name, key), f"{name}.{key} is that of {other} too")


