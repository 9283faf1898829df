"""The world of a stub set is read from TOML, and every mistake in it is told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from stubs.kit.goods import Partner
from stubs.kit.tables import FileMistakes
from stubs.kit.world import Seed, Subscriber
from stubs.kit.world_file import read_world

USER = '[[subscriber]]\nnumber = "18907910001"\nspec = "003"\npay = "prepaid"\nbalance = 50\n'
PRODUCT = """[[product]]
id = "P1"
name_zh = "铃音"
name_en = "Tone"
sp = "S1"
owner = "200"
platform = "303"
scope = "provincial"
province = "15"
"""
OFFER = '[[offer]]\nid = "F1"\nname_zh = "铃音"\nname_en = "Tone"\nproducts = ["P1"]\n'
HELD = '[[subscription]]\nnumber = "18907910001"\nproduct = "P1"\n'


def read(tmp_path: Path, *texts: str) -> Seed:
    paths = []
    for count, text in enumerate(texts):
        paths.append(tmp_path / f"w{count}.toml")
        paths[-1].write_text(text)
    return read_world(paths)


def mistakes(tmp_path: Path, *texts: str) -> list[str]:
    with pytest.raises(FileMistakes) as raised:
        read(tmp_path, *texts)
    return [line.removeprefix(f"{tmp_path}/") for line in raised.value.mistakes]


def test_the_labs_files_are_a_world(root: Path) -> None:
    """Users with pay type and balance, products with their platform."""
    seed = read_world([root / "etc/lab/subscribers.toml", root / "etc/lab/catalogue.toml", root / "etc/lab/parties.toml"])
    assert seed.subscribers["18907910001"] == Subscriber("18907910001", "003", True, 5000)
    assert {held.content["PlatForm"] for held in seed.goods.products.values()} == {"203", "204", "205", "303"}


def test_several_files_are_one_world(tmp_path: Path) -> None:
    """What one file names may stand in another, before or after."""
    seed = read(tmp_path, HELD + OFFER, PRODUCT + USER)
    held = seed.subscriptions[0]
    assert (held.number, held.product, held.offer, held.suspended) == ("18907910001", "P1", "F1", False)


def test_a_partner_has_a_name_and_a_state(tmp_path: Path) -> None:
    """Only a normal one sells."""
    seed = read(tmp_path, '[[sp]]\nid = "S1"\nname_zh = "铃"\nname_en = "Tone"\nstatus = "suspended"\n')
    assert seed.goods.partners == {"S1": Partner("铃", "2")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[subscriber]", "w0.toml:1: not TOML: "),
        ("a = 1\n\n[[user]]\n", "w0.toml:3: user: expected [[tables]] named subscriber, sp, product, offer, subscription"),
        ('[[subscriber]]\nspec = "003"\npay = "prepaid"\n', "w0.toml:1: [[subscriber]] number: is missing"),
        (USER.replace("prepaid", "later"), "w0.toml:4: [[subscriber]] pay: expected prepaid, postpaid"),
        (USER.replace("50", '"50"'), "w0.toml:5: [[subscriber]] balance: expected a whole number"),
        (USER + "colour = 1\n", "w0.toml:6: [[subscriber]] colour: unknown; there are balance, "),
        (USER + USER, "w0.toml:7: [[subscriber]] number: 18907910001 stands twice"),
        (PRODUCT + OFFER.replace("P1", "P2"), "w0.toml:14: [[offer]] products: P2 stands in no table of this world"),
        (PRODUCT.replace("303", "X"), "w0.toml:7: [[product]] platform: expected a text of the form [1-9][0-9]{2}"),
        (PRODUCT + HELD, "w0.toml:11: [[subscription]] number: 18907910001 stands in no table of this world"),
        (PRODUCT + USER + HELD + 'since = "20261399000000"\n', "w0.toml:18: [[subscription]] since: expected a time such as"),
        (PRODUCT + USER + HELD + HELD, "w0.toml:18: [[subscription]] this user has this product already"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_file_and_line(tmp_path: Path, text: str, told: str) -> None:
    """The line of the key, or of its table where the key is missing."""
    found = mistakes(tmp_path, text)
    assert any(line.startswith(told) for line in found), found


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """In all files."""
    found = mistakes(tmp_path, USER.replace("prepaid", "later"), PRODUCT.replace("provincial", "here"))
    assert [line.partition(" ")[0] for line in found] == ["w0.toml:4:", "w1.toml:8:"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Said by name."""
    with pytest.raises(FileMistakes, match=r"nowhere.toml:1: cannot be read: No such file"):
        read_world([tmp_path / "nowhere.toml"])
