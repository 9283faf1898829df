"""Reads a file of applications (TOML) table by table, however long it is: [[product]] and [[offer]] as in a catalogue, and [[state]].

A [[state]] names its object, `product = "ID"` or `offer = "ID"`, and the `status` that it shall have.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.admin.ppm import Application, StateChange
from gateway.cli.datafiles import CODE, DataMistakes, offer_of, product_of
from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import ObjectKind

_HEAD = re.compile(r"\s*\[\[\s*(\w+)\s*\]\]\s*(#.*)?$")
MOST_MISTAKES = 20
"""Told at once; a file of thousands may have the same one in every table."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of the file. `province` is whose PPM it is for; empty where the file does not say."""

    line: int
    what: str
    """For a person: product P1."""
    province: str
    product: Any = None
    offer: Any = None
    state: StateChange | None = None

    def application(self, application_id: str) -> Application:
        """Give it as an application under a number."""
        return Application(application_id, self.product, self.offer, self.state)


def check(path: Path) -> int:
    """Read the whole file once and give how many applications it holds; raises DataMistakes before anything is filed."""
    mistakes: list[str] = []
    count = 0
    for line, name, text in _tables(path):
        try:
            _entry(line, name, text)
        except DataMistakes as mistake:
            mistakes.append(f"{path}:{line}: {mistake}")
            if len(mistakes) == MOST_MISTAKES:
                break
        count += 1
    if mistakes:
        raise DataMistakes("\n".join(mistakes))
    return count


def entries(path: Path) -> Iterator[Entry]:
    """Give the applications in the order of the file, one at a time; raises DataMistakes."""
    return (_entry(line, name, text) for line, name, text in _tables(path))


def _tables(path: Path) -> Iterator[tuple[int, str, str]]:
    """Cut a file at the lines that begin a table; gives the line, the table's name and its text."""
    first, name, lines = 1, "", list[str]()
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                head = _HEAD.match(line)
                if head is None:
                    lines.append(line)
                    continue
                if name or _holds_anything(lines):
                    yield first, name, "".join(lines)
                first, name, lines = number, head[1], []
        if name or _holds_anything(lines):
            yield first, name, "".join(lines)
    except OSError as error:
        raise DataMistakes(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DataMistakes(f"{path}: not UTF-8") from None


def _holds_anything(lines: list[str]) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines)


def _entry(line: int, name: str, text: str) -> Entry:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataMistakes(f"not TOML: {error}, counted from here") from None
    make = {"product": _product, "offer": _offer, "state": _state}.get(name)
    if name == "sp":
        raise DataMistakes("content partners are not filed: load them by `vsopgw catalogue load`")
    if make is None:
        there = f"unknown table [[{name}]]; there are [[product]], [[offer]] and [[state]]"
        raise DataMistakes(there if name else "a key stands before all tables")
    try:
        entry = make(line, table)
    except KeyError as error:
        raise DataMistakes(f"{name} lacks {error.args[0]}") from None
    except (ValueError, TypeError) as error:
        raise DataMistakes(f"{name}: {error}") from None
    if table:
        raise DataMistakes(f"{name} has the unknown key {next(iter(table))}")
    return entry


def _product(line: int, table: dict[str, Any]) -> Entry:
    product = product_of(table)
    return Entry(line, f"product {product.id}", product.province, product=product)


def _offer(line: int, table: dict[str, Any]) -> Entry:
    offer = offer_of(table)
    return Entry(line, f"offer {offer.id}", offer.province, offer=offer)


def _state(line: int, table: dict[str, Any]) -> Entry:
    named = [kind for kind in ObjectKind if kind in table]
    if len(named) != 1:
        raise ValueError("name one product or one offer")
    object_id = table.pop(named[0])
    if not isinstance(object_id, str) or re.fullmatch(CODE, object_id) is None:
        raise ValueError(f"{named[0]} must be of the form {CODE}")
    status = Status(table.pop("status"))
    return Entry(line, f"{named[0]} {object_id} {status}", "", state=StateChange(named[0], object_id, status))
