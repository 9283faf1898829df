"""Catalogue and subscriber files: what is read, and that every mistake is told at once with the line of its table."""

from __future__ import annotations

import pytest

from gateway.cli.datafiles import DataMistakes, read_catalogue, read_subscribers
from gateway.domain.catalogue import Offer, OfferType, Product, Scope, Status
from gateway.domain.numbers import Number
from gateway.domain.subscriber import PayType, Subscriber, UserState
from gateway.resources import etc_dir

PRODUCT = """
[[product]]
id = "A"
name_zh = "甲"
name_en = "Alpha"
sp = "SP1"
owner = "200"
platform = "303"
scope = "provincial"
province = "15"
"""
PARTNER = """
[[sp]]
id = "SP1"
name_zh = "伙"
name_en = "Partner"
"""
OFFER = """
[[offer]]
id = "O"
name_zh = "甲"
name_en = "Alpha"
products = ["A"]
"""
SUBSCRIBER = """
[[subscriber]]
number = "18907910001"
spec = "003"
pay = "prepaid"
"""


@pytest.fixture
def file(tmp_path):
    """Write a data file."""

    def write(text):
        path = tmp_path / "data.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def mistakes(read, path) -> list[str]:
    """What is told about a file, without its directory."""
    with pytest.raises(DataMistakes) as told:
        read(path)
    return str(told.value).replace(str(path), "data.toml").split("\n")


# ---- what is read ----------------------------------------------------------------------------------------------------


def test_product_and_offer(file):
    """What is not said has its default: normal, pure, excluding and requiring nothing."""
    upload = read_catalogue(file(PRODUCT + OFFER + PARTNER))
    assert (upload.products, upload.offers) == (
        [Product("A", "甲", "Alpha", "SP1", "200", "303", Scope.PROVINCIAL, "15", Status.NORMAL)],
        [Offer("O", "甲", "Alpha", ("A",), OfferType.PURE, Status.NORMAL)],
    )


def test_subscriber(file):
    """A user is active unless the file says otherwise; the balance is the OCS stub's and is passed over."""
    users = read_subscribers(file(SUBSCRIBER + "balance = 5000\n"))
    assert users == [Subscriber(Number("18907910001"), "003", PayType.PREPAID, UserState.ACTIVE)]


def test_empty_file(file):
    """Nothing to load is no mistake."""
    assert read_subscribers(file("")) == []


@pytest.mark.parametrize(("name", "read"), [("catalogue", read_catalogue), ("subscribers", read_subscribers)])
def test_shipped_file(name, read):
    """The lab's own files are good."""
    assert read(etc_dir() / "lab" / f"{name}.toml")


# ---- mistakes --------------------------------------------------------------------------------------------------------

WRONG_CATALOGUES = {
    "product of an unknown partner": (PRODUCT.replace("SP1", "SP2"), ["data.toml: product A names the unknown partner SP2"]),
    "missing key": (PRODUCT.replace('sp = "SP1"\n', ""), ["data.toml:2: product lacks sp"]),
    "unknown key": (PRODUCT + "colour = 1\nsize = 2\n", [f"data.toml:2: product has the unknown key {k}" for k in ("colour", "size")]),
    "unknown value": (PRODUCT.replace("provincial", "local"), ["data.toml:2: product: 'local' is not a valid Scope"]),
    "code of another form": (PRODUCT.replace('"200"', '"20"'), ["data.toml:2: product: owner must be of the form [1-9][0-9]{2}"]),
    "code that is a number": (PRODUCT.replace('"200"', "200"), ["data.toml:2: product: owner must be of the form [1-9][0-9]{2}"]),
    "unknown province": (PRODUCT.replace('"15"', '"99"'), ["data.toml:2: product: unknown province 99"]),
    "national product of a province": (
        PRODUCT.replace("provincial", "national"), ["data.toml:2: product: province 35 and scope national belong together"],
    ),
    "list that is none": (PRODUCT + 'excludes = "B"\n', ["data.toml:2: product: excludes must be a list of codes"]),
    "product that stands twice": (PRODUCT + PRODUCT, ["data.toml:12: product A stands twice"]),
    "offer without products": (PRODUCT + OFFER.replace('"A"', ""), ["data.toml:12: offer: an offer needs products"]),
    "offer of an unknown product": (PRODUCT + OFFER.replace('"A"', '"Z"'), ["data.toml: offer O names the unknown product Z"]),
    "exclusion of an unknown product": (PRODUCT + 'excludes = ["Z"]\n', ["data.toml: product A excludes the unknown product Z"]),
    "unknown table": ("[[produkt]]\n" + PRODUCT, ["data.toml: unknown table [[produkt]]"]),
    "one table instead of many": (PRODUCT.replace("[[product]]", "[product]"), [
        "data.toml: each product must begin with a line of its own: [[product]]"
    ]),
    "tables in a list": ('product = [{ id = "A" }]', ["data.toml: each product must begin with a line of its own: [[product]]"]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_CATALOGUES)
def test_wrong_catalogue(file, case):
    """Each mistake is told with its table's line and its key; nothing is passed over in silence."""
    text, expected = WRONG_CATALOGUES[case]
    assert mistakes(read_catalogue, file(text + PARTNER)) == expected


WRONG_PARTNERS = {
    "unknown": (PRODUCT, ["data.toml: product A names the unknown partner SP1"]),
    "without a name": (PARTNER.replace('name_en = "Partner"\n', ""), ["data.toml:2: sp lacks name_en"]),
    "that stands twice": (PARTNER + PARTNER, ["data.toml:7: sp SP1 stands twice"]),
    "of an unknown state": (PARTNER + 'status = "gone"\n', ["data.toml:2: sp: 'gone' is not a valid Status"]),
}


@pytest.mark.parametrize("case", WRONG_PARTNERS)
def test_wrong_content_partner(file, case):
    """The same for content partners."""
    text, expected = WRONG_PARTNERS[case]
    assert mistakes(read_catalogue, file(text)) == expected


WRONG_SUBSCRIBERS = {
    "no number": (SUBSCRIBER.replace("18907910001", "42"), ["data.toml:2: subscriber: not a subscriber number"]),
    "unknown pay type": (
        SUBSCRIBER.replace("prepaid", "later"),
        ["data.toml:2: subscriber: 'later' is not a valid PayType"],
    ),
    "unknown state": (SUBSCRIBER + 'state = "gone"\n', ["data.toml:2: subscriber: 'gone' is not a valid UserState"]),
    "missing spec": (SUBSCRIBER.replace('spec = "003"\n', ""), ["data.toml:2: subscriber lacks spec"]),
    "catalogue instead": (PRODUCT, ["data.toml: unknown table [[product]]"]),
}


@pytest.mark.parametrize("case", WRONG_SUBSCRIBERS)
def test_wrong_subscribers(file, case):
    """The same for subscribers."""
    text, expected = WRONG_SUBSCRIBERS[case]
    assert mistakes(read_subscribers, file(text)) == expected


@pytest.mark.parametrize("again", ["18907910001", "8618907910001", "+8618907910001"])
def test_subscriber_that_stands_twice(file, again):
    """The second one is told with its line, whichever form its number has, and the number is masked."""
    text = SUBSCRIBER + SUBSCRIBER.replace("18907910001", again)
    assert mistakes(read_subscribers, file(text)) == ["data.toml:7: subscriber 189****0001 stands twice"]


def test_all_mistakes_at_once(file):
    """A person mends a file in one go."""
    text = (
        PRODUCT.replace('"200"', '"2"')
        + PRODUCT.replace('name_zh = "甲"\n', "").replace('"A"', '"B"')
        + OFFER.replace('"A"', "")
    )
    assert mistakes(read_catalogue, file(text)) == [
        "data.toml:2: product: owner must be of the form [1-9][0-9]{2}",
        "data.toml:12: product lacks name_zh",
        "data.toml:21: offer: an offer needs products",
    ]


def test_lines_are_counted_with_comments(file):
    """The line is the file's, not the table's number."""
    text = "# a comment\n\n  [[ product ]]  # another\n" + PRODUCT.removeprefix("\n[[product]]\n").replace(
        'sp = "SP1"\n', ""
    )
    assert mistakes(read_catalogue, file(text)) == ["data.toml:3: product lacks sp"]


@pytest.mark.parametrize("text", ["[[product", "a = 1\na = 2\n"])
def test_broken_toml(file, text):
    """What TOML itself finds is told with the file."""
    (line,) = mistakes(read_catalogue, file(text))
    assert line.startswith("data.toml: ")


def test_missing_file(tmp_path):
    """A file that is not there is a mistake like any other."""
    path = tmp_path / "data.toml"
    (line,) = mistakes(read_catalogue, path)
    assert line.startswith("data.toml: ")


def test_file_that_is_not_utf8(tmp_path):
    """So is one in another encoding."""
    path = tmp_path / "data.toml"
    path.write_bytes(PRODUCT.encode("gbk"))
    (line,) = mistakes(read_catalogue, path)
    assert line.startswith("data.toml: ")


# ---- what PPM needs ----------------------------------------------------------------------------------------------------


def test_product_with_all_its_keys(file):
    """Replaced products, capabilities and access products are lists like the others."""
    more = 'replaces = ["A0"]\ncapabilities = ["1", "8"]\nspecs = ["003"]\n'
    old = PRODUCT.replace('"A"', '"A0"')
    product = next(p for p in read_catalogue(file(old + PRODUCT + more + PARTNER)).products if p.id == "A")
    assert (product.replaces, product.capabilities, product.specs) == (("A0",), ("1", "8"), ("003",))


OFFER_KEYS = {
    "nothing said": ("", (False, Scope.PROVINCIAL, "")),
    "partial": ("partial = true\n", (True, Scope.PROVINCIAL, "")),
    "province": ('province = "15"\n', (False, Scope.PROVINCIAL, "15")),
    "national": ('province = "35"\n', (False, Scope.NATIONAL, "35")),
    "national, in words": ('scope = "national"\nprovince = "35"\n', (False, Scope.NATIONAL, "35")),
}


@pytest.mark.parametrize("case", OFFER_KEYS)
def test_offer_with_all_its_keys(file, case):
    """An offer may say where it is sold, and that it may be done in part."""
    keys, expected = OFFER_KEYS[case]
    (offer,) = read_catalogue(file(PRODUCT + OFFER + keys + PARTNER)).offers
    assert (offer.partial, offer.scope, offer.province) == expected


WRONG_OFFER_KEYS = {
    "partial in words": ('partial = "yes"\n', "partial must be true or false"),
    "unknown province": ('province = "99"\n', "unknown province 99"),
    "scope and province at odds": ('scope = "national"\nprovince = "15"\n', "province 35 and scope national belong together"),
    "national without a province": ('scope = "national"\n', "province 35 and scope national belong together"),
}


@pytest.mark.parametrize("case", WRONG_OFFER_KEYS)
def test_offer_with_a_wrong_key(file, case):
    """Each is told with the table's line."""
    keys, expected = WRONG_OFFER_KEYS[case]
    assert mistakes(read_catalogue, file(PRODUCT + OFFER + keys + PARTNER)) == [f"data.toml:12: offer: {expected}"]


def test_product_that_replaces_an_unknown_one(file):
    """References are looked up as the others are."""
    told = mistakes(read_catalogue, file(PRODUCT + 'replaces = ["Z"]\n' + PARTNER))
    assert told == ["data.toml: product A replaces the unknown product Z"]
