"""docs/glossary.md names every field of every contract, and only names of the code that exist."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from examples import CONTRACTS, codec_of

from gateway.contract.schema import ComplexType

TEXT = (Path(__file__).parents[2] / "docs/glossary.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ")]
TERMS = [row for row in ROWS if row[0] != "中文"]
WIRE = {name for row in TERMS for name in re.findall(r"`(\w+)`", row[1])}
CODE = sorted({name for row in TERMS for name in re.findall(r"`([\w.]+)`", row[2])})


def _fields(made: ComplexType) -> set[str]:
    inner = [_fields(field.complex_type) for field in made.fields if field.complex_type is not None]
    return {field.name for field in made.fields}.union(*inner)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_field_of_a_contract_is_explained(contract: str) -> None:
    """A new field needs its line."""
    codec = codec_of(contract)
    found = [_fields(codec.contract.schemas.element_type(element)) for element in codec.by_element]
    assert set().union(*found) - WIRE == set()


def test_no_field_is_explained_that_no_contract_has() -> None:
    """A field that was dropped loses its line."""
    codecs = [codec_of(contract) for contract in CONTRACTS]
    found = [_fields(codec.contract.schemas.element_type(element)) for codec in codecs for element in codec.by_element]
    assert WIRE - set().union(*found) == set()


@pytest.mark.parametrize("name", CODE)
def test_name_of_the_code_exists(name: str) -> None:
    """As a module's name, or a name inside it, below `gateway`, or below `stubs` where that is said."""
    path = "stubs" if name.startswith("stubs.") else "gateway"
    place: Any = importlib.import_module(path)
    for part in name.removeprefix("stubs.").split("."):
        path = f"{path}.{part}"
        place = getattr(place, part) if hasattr(place, part) else importlib.import_module(path)
    assert place is not None


def test_every_line_has_four_cells() -> None:
    """中文, wire, code, meaning; a dash where there is none."""
    assert [row for row in TERMS if len(row) != 4 or not all(row)] == []


def test_no_term_stands_twice() -> None:
    """One meaning for a word, except where two parties share it."""
    terms = [row[0] for row in TERMS]
    assert {term for term in terms if terms.count(term) > 1} == set()
