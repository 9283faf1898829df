"""Reads catalogue and subscriber files (TOML) into the domain; every mistake at once, with the line of its table."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from gateway.admin.api import CatalogueUpload
from gateway.domain.catalogue import Catalogue, ContentPartner, Offer, OfferType, Product, Scope, Status
from gateway.domain.numbers import Number
from gateway.domain.party import NATIONAL, PROVINCES
from gateway.domain.subscriber import PayType, Subscriber, UserState

T = TypeVar("T")


class DataMistakes(Exception):
    """What is wrong with a data file, a line for each mistake."""


def read_catalogue(path: Path) -> CatalogueUpload:
    """Read [[sp]], [[product]] and [[offer]] tables."""
    tables = _Tables(path, {"sp", "product", "offer"})
    products = tables.each("product", product_of)
    offers = tables.each("offer", offer_of)
    partners = tables.each("sp", _partner)
    whole = Catalogue({p.id: p for p in products}, {o.id: o for o in offers}, {p.id: p for p in partners})
    tables.mistakes += [f"{path}: {mistake}" for mistake in whole.mistakes()]
    tables.finish()
    return CatalogueUpload(products, offers, partners)


def read_subscribers(path: Path) -> list[Subscriber]:
    """Read [[subscriber]] tables; `balance` is the OCS stub's and is passed over here."""
    tables = _Tables(path, {"subscriber"})
    subscribers = tables.each("subscriber", _subscriber)
    tables.finish()
    return subscribers


class _Tables:
    def __init__(self, path: Path, known: set[str]) -> None:
        self.path = path
        self.mistakes: list[str] = []
        try:
            text = path.read_text(encoding="utf-8")
            self._parsed = tomllib.loads(text)
        except OSError as error:
            raise DataMistakes(f"{path}: cannot be read: {error.strerror}") from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise DataMistakes(f"{path}: {error}") from None
        self._lines = text.splitlines()
        self.mistakes += [f"{path}: unknown table [[{name}]]" for name in self._parsed if name not in known]

    def each(self, name: str, make: Callable[[dict[str, Any]], T]) -> list[T]:
        lines = [i for i, line in enumerate(self._lines, 1) if re.match(rf"\s*\[\[\s*{name}\s*\]\]", line)]
        tables = self._parsed.get(name, [])
        if not isinstance(tables, list) or len(tables) != len(lines):
            self.mistakes.append(f"{self.path}: each {name} must begin with a line of its own: [[{name}]]")
            return []
        made: list[T] = []
        seen: set[object] = set()
        for line, table in zip(lines, tables, strict=True):
            left = dict(table)
            try:
                made.append(make(left))
            except KeyError as error:
                self.mistakes.append(f"{self.path}:{line}: {name} lacks {error.args[0]}")
                continue
            except (ValueError, TypeError) as error:
                self.mistakes.append(f"{self.path}:{line}: {name}: {error}")
                continue
            self.mistakes += [f"{self.path}:{line}: {name} has the unknown key {key}" for key in left]
            key = getattr(made[-1], "id", None) or getattr(
                made[-1], "number", None
            )  # a number in any form, and masked as text
            if key in seen:
                self.mistakes.append(f"{self.path}:{line}: {name} {key} stands twice")
            seen.add(key)
        return made

    def finish(self) -> None:
        if self.mistakes:
            raise DataMistakes("\n".join(self.mistakes))


def _code(table: dict[str, Any], key: str, form: str) -> str:
    value = table.pop(key)
    if not isinstance(value, str) or re.fullmatch(form, value) is None:
        raise ValueError(f"{key} must be of the form {form}")
    return value


def _codes(table: dict[str, Any], key: str) -> tuple[str, ...]:
    values = table.pop(key, [])
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise ValueError(f"{key} must be a list of codes")
    return tuple(values)


def _flag(table: dict[str, Any], key: str) -> bool:
    value = table.pop(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{key} must be true or false")
    return value


CODE, _SYSTEM = r"[0-9A-Za-z._-]{1,25}", r"[1-9][0-9]{2}"


def product_of(table: dict[str, Any]) -> Product:
    """Take a product's keys out of its table; raises KeyError, ValueError or TypeError."""
    product = Product(
        id=_code(table, "id", CODE), name_zh=str(table.pop("name_zh")), name_en=str(table.pop("name_en")),
        sp=_code(table, "sp", "[0-9A-Za-z]{1,10}"), owner=_code(table, "owner", _SYSTEM), platform=_code(table, "platform", _SYSTEM),
        scope=Scope(table.pop("scope")), province=_province(table), status=Status(table.pop("status", Status.NORMAL)),
        excludes=_codes(table, "excludes"), requires=_codes(table, "requires"), replaces=_codes(table, "replaces"),
        capabilities=_codes(table, "capabilities"), specs=_codes(table, "specs"),
    )  # fmt: skip
    if (product.province == NATIONAL) != (product.scope is Scope.NATIONAL):
        raise ValueError("province 35 and scope national belong together")
    return product


def _province(table: dict[str, Any]) -> str:
    province = _code(table, "province", "[0-9]{2}")
    if province not in PROVINCES:
        raise ValueError(f"unknown province {province}")
    return province


def _partner(table: dict[str, Any]) -> ContentPartner:
    return ContentPartner(
        id=_code(table, "id", "[0-9A-Za-z]{1,10}"),
        name_zh=str(table.pop("name_zh")),
        name_en=str(table.pop("name_en")),
        status=Status(table.pop("status", Status.NORMAL)),
    )


def offer_of(table: dict[str, Any]) -> Offer:
    """Take an offer's keys out of its table; raises KeyError, ValueError or TypeError."""
    province = _province(table) if "province" in table else ""
    offer = Offer(
        id=_code(table, "id", CODE), name_zh=str(table.pop("name_zh")), name_en=str(table.pop("name_en")),
        products=_codes(table, "products"), type=OfferType(table.pop("type", OfferType.PURE)),
        status=Status(table.pop("status", Status.NORMAL)), partial=_flag(table, "partial"),
        scope=Scope(table.pop("scope", Scope.NATIONAL if province == NATIONAL else Scope.PROVINCIAL)), province=province,
    )  # fmt: skip
    if not offer.products:
        raise ValueError("an offer needs products")
    if (offer.province == NATIONAL) != (offer.scope is Scope.NATIONAL):
        raise ValueError("province 35 and scope national belong together")
    return offer


def _subscriber(table: dict[str, Any]) -> Subscriber:
    table.pop("balance", None)
    return Subscriber(
        Number.parse(str(table.pop("number"))), _code(table, "spec", "[0-9A-Za-z]{1,25}"), PayType(table.pop("pay")),
        UserState(table.pop("state", UserState.ACTIVE)),
    )  # fmt: skip
