"""The partner's own test data: numbers and products that his system knows, from options or a TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from stubs.kit.tables import not_toml

_WORDS = {"number", "other_number", "unknown_number", "foreign_number"}
_NUMBER = re.compile(r"(\+?86)?(1[0-9]{10}|0[0-9]{9,11})")
_CODE = re.compile(r"[0-9A-Za-z._-]{1,25}")


class DataError(Exception):
    """Test data that cannot be used; the text says file, line and what was expected."""


@dataclass(frozen=True, slots=True)
class TestData:
    """What requests are made of. The defaults are what the stubs of this project know."""

    __test__ = False  # not a class of tests, whatever its name says to pytest

    number: str = "18907910001"
    """A user that the partner knows, in service, prepaid with a balance above zero. The kit orders and ends things for him."""
    other_number: str = "18907910009"
    """A second user, or a number that nobody has: `number` becomes it and comes back where numbers change."""
    unknown_number: str = "18900009998"
    """A number that the partner has never heard of."""
    foreign_number: str = "18907710001"
    """A number of another province, for a VSOP."""
    product: str = "115000000000000000101"
    other_product: str = "115000000000000000102"
    """A second product that the partner knows."""
    ismp_product: str = "115000000000000000201"
    """A product whose relations belong to ISMP, for a VSOP."""
    offer: str = "115000000000000000101"
    sp: str = "15000001"
    spec: str = "003"
    """ProdSpecCode: 003 is mobile."""
    province: str = "15"
    """Of the number, as messages name it."""
    system: str = ""
    """The partner's own SystemId; empty: whatever it says is taken."""


def read_data(file: Path) -> dict[str, str]:
    """Read a TOML file of test data; raises DataError."""
    try:
        text = file.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        raise DataError(f"{file}: {(error.strerror or 'cannot be read').lower()}") from None
    except UnicodeDecodeError:
        raise DataError(f"{file}:1: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{file}:{not_toml(error, text)}") from None
    known = [each.name for each in fields(TestData)]
    for key, value in table.items():
        line = next((n for n, row in enumerate(text.splitlines(), 1) if re.match(rf"\s*{re.escape(key)}\s*=", row)), 1)
        if key not in known:
            raise DataError(f"{file}:{line}: {key}: unknown; there are {', '.join(known)}")
        if not isinstance(value, str):
            raise DataError(f'{file}:{line}: {key}: expected text in quotes, such as "{getattr(TestData(), key)}"')
        problem = _problem(key, value)
        if problem:
            raise DataError(f"{file}:{line}: {key}: {problem}")
    return table


def make_data(values: Mapping[str, str]) -> TestData:
    """Make test data of what was given over the defaults; raises DataError."""
    for key, value in values.items():
        problem = _problem(key, value)
        if problem:
            raise DataError(f"--{key.replace('_', '-')}: {problem}")
    return replace(TestData(), **values)


def _problem(key: str, value: str) -> str:
    if key in _WORDS and _NUMBER.fullmatch(value) is None:
        return "expected a number such as 18907910001, or with area code such as 07916660001"
    if key not in _WORDS and value and _CODE.fullmatch(value) is None:
        return "expected 1 to 25 letters, digits, dots, dashes"
    return "" if value or key == "system" else "must not be empty"
