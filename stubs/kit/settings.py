"""Settings of stub sets, and their [[stubs]] tables in the lab's file; knows nothing of how a set is run."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gateway.resources import contracts_dir
from stubs.faults.reading import read_rules
from stubs.faults.rules import Rule
from stubs.kit.journal import MOST_ENTRIES
from stubs.kit.tables import not_toml
from stubs.roles import ROLES

_TABLES = {"lab", "gateway", "stubs"}
_LAB_KEYS = {"catalogue", "subscribers", "subscriptions", "wsdl"}
_STUB_KEYS = {"name", "province", "port", "gateway", "roles", "legacy", "tls", "trust", "faults"}
_PROVINCE = re.compile("0[1-9]|[12][0-9]|3[0-6]")
_NAME = re.compile("[a-z][a-z0-9-]{0,30}")
_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?")


@dataclass(frozen=True, slots=True)
class StubTls:
    """A further port of a set, over TLS, with the same services."""

    port: int
    certificate: Path
    key: Path
    client_ca: Path | None = None
    """Callers must show a certificate of this CA; None: they need none."""


@dataclass(frozen=True, slots=True)
class StubTrust:
    """How a set calls a gateway whose address is https."""

    ca: Path
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class StubSettings:
    """One stub set."""

    name: str
    """Name of the set in the lab, such as jiangxi."""
    province: str
    """Two digits; 35 is national."""
    port: int
    """Port on loopback; 0 lets the system choose."""
    gateway: str | None
    """Where callbacks, reports and the portal's orders go, such as http://127.0.0.1:7001; None: they wait in vain."""
    roles: tuple[str, ...]
    """Contract names of the partners played."""
    wsdl: Path
    """Directory of the contracts."""
    world: tuple[Path, ...]
    """TOML files of the users that exist, the catalogue, and what users hold from the start."""
    legacy: bool = False
    """Whether it speaks the field's old forms: serves them as well, and calls the gateway in them."""
    tls: StubTls | None = None
    trust: StubTrust | None = None
    calls: Mapping[str, str] = field(default_factory=dict)
    """Addresses of parties that the set does not play, by contract; they go before the set's own and the gateway's."""
    faults: tuple[Rule, ...] = ()
    """Faults that are set from the start, and again by each reset."""
    journal: int = MOST_ENTRIES
    """How many of the newest messages the journal keeps; ledgers keep all."""


class LabError(Exception):
    """The lab's file is wrong; `mistakes` has a line for each, with file and line number."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def read_lab(path: Path) -> list[StubSettings]:
    """Read [lab] and [[stubs]]; paths in the file are relative to it, [lab] wsdl names the shipped contracts unless given.

    Raises LabError with every mistake found. [[gateway]] tables are not looked into.
    """
    return _Reader(path).read()


class _Reader:
    """Collects mistakes while it reads, so that all are told at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text = ""
        self._mistakes: list[str] = []

    def read(self) -> list[StubSettings]:
        try:
            self._text = self._path.read_text("utf-8")
            document = tomllib.loads(self._text)
        except OSError:
            raise LabError([f"{self._path}: cannot be read"]) from None
        except UnicodeError:
            raise LabError([f"{self._path}:1: not UTF-8"]) from None
        except tomllib.TOMLDecodeError as error:
            raise LabError([f"{self._path}:{not_toml(error, self._text)}"]) from None
        for name in document.keys() - _TABLES:
            self._wrong(self._line(name), f"unknown table [{name}]; there are {', '.join(sorted(_TABLES))}")
        wsdl, world = self._lab(document.get("lab"))
        tables = document.get("stubs", [])
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            self._wrong(self._line("stubs"), "write stub sets as [[stubs]] tables")
            tables = []
        made = [self._stubs(table, count, wsdl, world) for count, table in enumerate(tables)]
        self._repeated(tables)
        if self._mistakes:
            raise LabError(self._mistakes)
        return made

    def _lab(self, table: object) -> tuple[Path, tuple[Path, ...]]:
        here = self._path.parent
        line = self._line("lab")
        if not isinstance(table, dict):
            self._wrong(line, "the table [lab] is missing")
            return here, ()
        for name in table.keys() - _LAB_KEYS:
            self._wrong(self._line("lab", 0, name), f"[lab] has no {name}; there are {', '.join(sorted(_LAB_KEYS))}")
        wsdl = table.get("wsdl", str(contracts_dir()))
        if not isinstance(wsdl, str) or not (here / wsdl).is_dir():
            self._wrong(self._line("lab", 0, "wsdl"), "[lab] wsdl names no directory")
        names = ["subscribers", *(name for name in ("catalogue", "subscriptions") if name in table)]
        for name in names:
            if not isinstance(table.get(name), str) or not (here / table[name]).is_file():
                self._wrong(self._line("lab", 0, name), f"[lab] {name} names no file")
        return (here / str(wsdl)).resolve(), tuple((here / str(table.get(name))).resolve() for name in names)

    def _stubs(self, table: Mapping[str, Any], count: int, wsdl: Path, world: tuple[Path, ...]) -> StubSettings:
        def check(name: str, good: bool, expected: str) -> None:
            if not good:
                self._wrong(self._line("stubs", count, name), f"[[stubs]] {count + 1}: {name}: expected {expected}")

        for unknown in table.keys() - _STUB_KEYS:
            check(unknown, False, f"one of {', '.join(sorted(_STUB_KEYS))} instead")
        name, province, port = table.get("name"), table.get("province"), table.get("port")
        gateway, roles = table.get("gateway"), table.get("roles")
        check("name", isinstance(name, str) and bool(_NAME.fullmatch(name)), "a word of a-z, 0-9 and -")
        known = isinstance(province, str) and bool(_PROVINCE.fullmatch(province))
        check("province", known, 'two digits from "01" to "36"')
        check("port", type(port) is int and 0 <= port <= 65535, "a number from 0 to 65535")
        check("gateway", gateway is None or is_base_url(gateway), "an address such as http://127.0.0.1:7001")
        listed = isinstance(roles, list) and bool(roles) and all(isinstance(role, str) for role in roles)
        check("roles", listed, "a list of one role or more")
        legacy = table.get("legacy", False)
        check("legacy", isinstance(legacy, bool), "true or false")
        wanted = [str(role) for role in roles] if isinstance(roles, list) else []
        for role in wanted:
            check("roles", role in ROLES, f"roles among {', '.join(ROLES)}; {role!r} is none")
        check("roles", len(set(wanted)) == len(wanted), "every role once")
        number = port if type(port) is int else 0
        tls, trust = self._tls(table.get("tls"), check), self._trust(table.get("trust"), check)
        faults = self._faults(table.get("faults", []), count, wanted)
        return StubSettings(
            str(name), str(province), number, gateway, tuple(wanted), wsdl, world, legacy is True, tls, trust, faults=faults
        )

    def _faults(self, table: object, count: int, roles: list[str]) -> tuple[Rule, ...]:
        rules, mistakes = read_rules(table, self._text, "stubs", dict.fromkeys(roles, ()), count)
        for line, said in mistakes:
            self._wrong(line, f"[[stubs]] {count + 1}: {said}")
        return tuple(rules)

    def _tls(self, table: object, check: Callable[[str, bool, str], None]) -> StubTls | None:
        if table is None:
            return None
        expected = "a table of port, certificate, key and perhaps client_ca"
        good = isinstance(table, dict) and {"port", "certificate", "key"} <= table.keys() <= {"port", "certificate", "key", "client_ca"}
        check("tls", good, expected)
        if not good or not isinstance(table, dict):
            return None
        port = table.pop("port")
        check("tls", type(port) is int and 0 <= port <= 65535 and self._are_paths(table), expected)
        return StubTls(port, **self._files(table))

    def _trust(self, table: object, check: Callable[[str, bool, str], None]) -> StubTrust | None:
        if table is None:
            return None
        good = isinstance(table, dict) and "ca" in table and table.keys() <= {"ca", "certificate", "key"} and self._are_paths(table)
        check("trust", good and ("certificate" in table) == ("key" in table), "a table of ca, and perhaps certificate and key")  # type: ignore[operator]
        return StubTrust(**self._files(table)) if good and isinstance(table, dict) else None

    def _are_paths(self, table: dict[str, Any]) -> bool:
        return all(isinstance(value, str) and value for value in table.values())

    def _files(self, table: dict[str, Any]) -> dict[str, Path]:
        return {key: self._path.parent / str(value) for key, value in table.items()}

    def _repeated(self, tables: list[dict[str, Any]]) -> None:
        for name in ("name", "port"):
            values = [table.get(name) for table in tables]
            for count, value in enumerate(values):
                if value not in (None, 0) and value in values[:count]:
                    self._wrong(self._line("stubs", count, name), f"[[stubs]] {count + 1}: {name}: another set has it")

    def _wrong(self, line: int, problem: str) -> None:
        self._mistakes.append(f"{self._path}:{line}: {problem}")

    def _line(self, table: str, count: int = 0, key: str | None = None) -> int:
        """Find where a table, or a key of it, stands; the table's line if the key is missing, 1 if the table is."""
        found, seen, inside = 1, -1, False
        for number, text in enumerate(self._text.splitlines(), 1):
            header = _HEADER.match(text)
            if header is not None:
                seen += header[1] == table
                inside = header[1] == table and seen == count
                found = number if inside else found
            elif inside and key is not None and re.match(rf"\s*{re.escape(key)}\s*=", text):
                return number
        return found


def is_base_url(value: object) -> bool:
    """Say whether a value is an http address without path, as `gateway` must be."""
    if not isinstance(value, str):
        return False
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and parts.path in ("", "/") and not parts.query
