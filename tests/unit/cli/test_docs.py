"""Documents that are made from the code: none is stale."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gateway.cli.docs import DOCUMENTS
from gateway.cli.main import main
from gateway.domain.rules import KEPT, REPLACES, RULES
from gateway.errors import RESULTS
from gateway.resources import data_root

DOCS = data_root() / "docs"


@pytest.mark.skipif(not DOCS.is_dir(), reason="a wheel has no docs/")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_is_fresh(name):
    """docs/ holds what the code says; `vsopgw docs write` makes it so."""
    assert (DOCS / name).read_text(encoding="utf-8") == DOCUMENTS[name]()


@pytest.mark.parametrize("result", RESULTS.values(), ids=lambda r: str(r.code))
def test_every_result_has_its_row(result):
    """docs/errors.md explains each code that a caller can see."""
    retry = "yes" if result.retryable else "no"
    assert f"| {result.code} | {result.kind} | {retry} | {result.zh} | {result.en} |" in DOCUMENTS["errors.md"]().split(
        "\n"
    )


def test_every_rule_has_its_row():
    """docs/errors.md explains each OPResult of the authorisation."""
    numbers = {*(number for rules in RULES.values() for number in rules), KEPT, REPLACES}
    lines = DOCUMENTS["errors.md"]().split("\n")
    assert [n for n in sorted(numbers) if not any(line.startswith(f"| {n} | ") for line in lines)] == []


def test_write(tmp_path):
    """The command writes each document, into a directory that it makes if there is none."""
    ended = CliRunner().invoke(main, ["docs", "write", str(tmp_path / "docs")])
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "docs").iterdir()}
    assert (ended.exit_code, written) == (0, {name: make() for name, make in DOCUMENTS.items()})
