"""Test data of a partner: options and TOML files, and what is said of those that cannot be used."""

from __future__ import annotations

import pytest

from stubs.partnerkit.data import DataError, TestData, make_data, read_data


def test_what_is_given_goes_before_defaults():
    """Only what the partner names differs from the data that the stubs know."""
    made = make_data({"number": "13800000000"})
    assert (made.number, made.product) == ("13800000000", TestData().product)


def test_file_gives_values(tmp_path):
    """A TOML file holds any of them."""
    file = tmp_path / "data.toml"
    file.write_text('number = "13800000000"\noffer = "OFFER-1"\n')
    assert read_data(file) == {"number": "13800000000", "offer": "OFFER-1"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('\nnumbr = "1"\n', ":2: numbr: unknown; there are number, "),
        ("number = 13800000000\n", ":1: number: expected text in quotes"),
        ('offer = "O"\nnumber = "abc"\n', ":2: number: expected a number such as"),
        ('product = ""\n', ":1: product: must not be empty"),
        ("number = \n", ":1: not TOML: "),
    ],
    ids=["unknown", "bare", "letters", "empty", "broken"],
)
def test_mistake_is_told_by_line(tmp_path, text, said):
    """File, line, field and what was expected."""
    file = tmp_path / "data.toml"
    file.write_text(text)
    with pytest.raises(DataError) as caught:
        read_data(file)
    assert str(caught.value).startswith(f"{file}{said}")


def test_file_in_another_charset(tmp_path):
    """A file that is no UTF-8 is said to be so."""
    file = tmp_path / "data.toml"
    file.write_bytes('sp = "七"'.encode("gbk"))
    with pytest.raises(DataError, match="not UTF-8"):
        read_data(file)
