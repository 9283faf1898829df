"""Reads the world of a stub set from TOML: users, catalogue, and what users hold from the start. docs: stubs/README.md, "The world"."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from stubs.kit.goods import EXCLUDES, NORMAL, OFFER, PRODUCT, REPLACES, REQUIRES, SUSPENDED, Goods, Held, Partner
from stubs.kit.tables import FileMistakes, Table, read_tables
from stubs.kit.times import SHANGHAI
from stubs.kit.world import Seed, Subscriber, Subscription, plain_number

TABLES = ("subscriber", "sp", "product", "offer", "subscription")
STATUS = {"normal": NORMAL, "applied": "1", "suspended": SUSPENDED, "pre-cancelled": "3", "cancelled": "4", "test": "5"}
SCOPE = {"national": "0", "provincial": "1"}
OFFER_TYPE = {"pure": "0", "vas-bundle": "1", "traditional-bundle": "2"}
USER_STATE = {"active": "00A", "stopped": "00B", "arrears": "00C", "torn-down": "00X"}
_PAY = {"prepaid": "1", "postpaid": "0"}
_HELD = {"active": "0", "suspended": SUSPENDED}
_NUMBER, _ID, _NAME = r"\+?[0-9]{5,20}", r"[0-9A-Za-z._-]{1,25}", r".{1,64}"
_SYSTEM, _PROVINCE, _TIME = r"[1-9][0-9]{2}", r"0[1-9]|[12][0-9]|3[0-6]", r"[0-9]{14}"


def read_world(paths: Iterable[Path]) -> Seed:
    """Read files, which may hold any of the tables; together they are one world. Raises FileMistakes with every mistake found."""
    reader = _Reader()
    tables = [table for path in paths for table in read_tables(path, TABLES, reader.mistakes)]
    for name in TABLES:  # an offer may stand before its products, and in another file
        make = getattr(reader, name)
        for table in tables:
            if table.name == name:
                reader.one(make, table)
    reader.check()
    if reader.mistakes:
        raise FileMistakes(reader.mistakes)
    return Seed(reader.subscribers, reader.goods, tuple(reader.subscriptions))


@dataclass(slots=True)
class _Reader:
    mistakes: list[str] = field(default_factory=list)
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    goods: Goods = field(default_factory=Goods)
    subscriptions: list[Subscription] = field(default_factory=list)
    _references: list[tuple[Table, str, str, Any]] = field(default_factory=list)
    """What must be there when all is read: table, key, what is meant, and the ids there are."""

    def one(self, make: Callable[[Table], None], table: Table) -> None:
        make(table)
        table.finish()

    def check(self) -> None:
        for table, key, wanted, among in self._references:
            if wanted and wanted not in among:
                table.wrong(f"{wanted} stands in no table of this world", key)

    def subscriber(self, table: Table) -> None:
        number = plain_number(table.text("number", _NUMBER))
        spec, pay = table.text("spec", r"[0-9A-Za-z]{1,25}"), table.word("pay", _PAY)
        balance, state = table.whole("balance", default=0), table.word("state", USER_STATE, default="active")
        self._once(table, "number", number, self.subscribers)
        self.subscribers[number] = Subscriber(number, spec, pay == "1", balance, state, tuple(table.texts("capabilities")))

    def sp(self, table: Table) -> None:
        identity = table.text("id", r"[0-9A-Za-z]{1,10}")
        self._once(table, "id", identity, self.goods.partners)
        names = table.text("name_zh", _NAME), table.text("name_en", _NAME)
        self.goods.partners[identity] = Partner(names[0], table.word("status", STATUS, default="normal"))

    def product(self, table: Table) -> None:
        identity = table.text("id", _ID)
        self._once(table, "id", identity, self.goods.products)
        relations = [
            {"RelationType": code, "RProductID": other}
            for key, code in (("excludes", EXCLUDES), ("requires", REQUIRES), ("replaces", REPLACES))
            for other in table.texts(key)
        ]
        self._references += [(table, "excludes, requires, replaces", one["RProductID"], self.goods.products) for one in relations]
        content: dict[str, Any] = {
            "ProductID": identity, "SPID": table.text("sp", r"[0-9A-Za-z]{1,10}"),
            "PNameCN": table.text("name_zh", _NAME), "PNameEN": table.text("name_en", _NAME),
            "ProductHost": table.text("owner", _SYSTEM), "PlatForm": table.text("platform", _SYSTEM),
            "Scope": table.word("scope", SCOPE), "ProvinceID": table.text("province", _PROVINCE),
            "Status": table.word("status", STATUS, default="normal"),
            "ServiceCapabilityID": table.texts("capabilities"), "ProdSpecCode": table.texts("specs"), "ProdRelation": relations,
        }  # fmt: skip
        if self.goods.partners:
            self._references.append((table, "sp", content["SPID"], self.goods.partners))
        self.goods.products[identity] = Held(0, content["Status"], content)

    def offer(self, table: Table) -> None:
        identity, products = table.text("id", _ID), table.texts("products", needed=True)
        self._once(table, "id", identity, self.goods.offers)
        self._references += [(table, "products", one, self.goods.products) for one in products]
        first = self.goods.find(PRODUCT, products[0]) if products else None
        home = {"Scope": "1", "ProvinceID": ""} if first is None else first.content
        content: dict[str, Any] = {
            "ProductOfferType": table.word("type", OFFER_TYPE, default="pure"), "ProductOfferID": identity,
            "PNameCN": table.text("name_zh", _NAME), "PNameEN": table.text("name_en", _NAME),
            "Scope": table.word("scope", SCOPE, default=next(word for word, code in SCOPE.items() if code == home["Scope"])),
            "ProvinceID": table.text("province", _PROVINCE, default=home["ProvinceID"]),
            "Status": table.word("status", STATUS, default="normal"), "PartialAllowed": table.flag("partial"), "ProductID": products,
        }  # fmt: skip
        self.goods.offers[identity] = Held(0, content["Status"], content)

    def subscription(self, table: Table) -> None:
        number, product = plain_number(table.text("number", _NUMBER)), table.text("product", _ID)
        offer = table.text("offer", _ID, default="")
        since = table.text("since", _TIME, default="20260101000000")
        try:
            begun = datetime.strptime(since, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI).timestamp() if since else 0.0
        except ValueError:
            table.wrong("expected a time such as 20260101000000", "since")
            begun = 0.0
        self._references += [
            (table, "number", number, self.subscribers), (table, "product", product, self.goods.products),
            (table, "offer", offer, self.goods.offers),
        ]  # fmt: skip
        if any((one.number, one.product) == (number, product) for one in self.subscriptions):
            table.wrong("this user has this product already")
        suspended = table.word("state", _HELD, default="active") == SUSPENDED
        self.subscriptions.append(Subscription(number, product, offer or self._sold_as(product), begun, suspended))

    def _sold_as(self, product: str) -> str | None:
        """Give the offer of one product that has it, the pure one of the same id first."""
        if self.goods.find(OFFER, product) is not None:
            return product
        return next((key for key, held in self.goods.offers.items() if held.content["ProductID"] == [product]), None)

    def _once(self, table: Table, key: str, value: str, among: Any) -> None:
        if value and value in among:
            table.wrong(f"{value} stands twice", key)
