"""The linter over contracts: ours are clean, as files and as they are served, and each seeded violation is found, alone, where it is."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from examples import CONTRACTS, REFERENCE, WSDL, Script, codec_of

from gateway.contract.lint import RULES, Scope, Unusable, lint_contracts
from gateway.soap.endpoint import Endpoint
from gateway.soap.front import Front
from gateway.soap.http import HttpRequest, HttpResponse

SEEDS = tomllib.loads((Path(__file__).parent / "bad/contracts.toml").read_text())["violation"]


def test_our_contracts_are_clean():
    """Every WSDL file and every schema keeps every rule."""
    files, findings = lint_contracts([WSDL])
    assert (findings, len(files)) == ([], len([*WSDL.rglob("*.wsdl"), *WSDL.rglob("*.xsd")]))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_is_served_is_clean(contract, tmp_path):
    """The documents as `?wsdl` gives them, with the schemas that they name."""
    front = Front([Endpoint(codec_of(contract), Script(contract), reference=lambda: REFERENCE)], public_url="https://vsop.example:8443")

    def get(path: str, query: str) -> bytes:
        answer = front.handle(HttpRequest("GET", f"/services/{path}", query, {}, b"", "192.0.2.1"))
        assert isinstance(answer, HttpResponse)
        return answer.body

    (tmp_path / "xsd").mkdir()
    (tmp_path / f"{contract}.wsdl").write_bytes(get(contract, "wsdl"))
    (tmp_path / f"{contract}.soap12.wsdl").write_bytes(get(contract, "wsdl&soap=1.2"))
    for schema in codec_of(contract).contract.schemas.files:
        (tmp_path / "xsd" / schema.name).write_bytes(get(f"xsd/{schema.name}", ""))
    assert lint_contracts([tmp_path])[1] == []


def seeded(seed: dict[str, Any], directory: Path) -> tuple[Path, int]:
    """Write a contract with the edits of a seed; gives the file to blame and the line to name."""
    contract = seed.get("contract", "smshall")
    blamed = seed.get("file", f"{contract}.wsdl")
    edits = {blamed: seed["edits"], f"{contract}.wsdl": seed.get("wsdl", ()), f"xsd/{contract}.xsd": seed.get("xsd", ()),
             "xsd/vas-types.xsd": seed.get("types", ())}  # fmt: skip
    edits[blamed] = seed["edits"] or edits.get(blamed, ())
    (directory / "xsd").mkdir()
    for name in (f"{contract}.wsdl", f"{contract}.soap12.wsdl", f"xsd/{contract}.xsd", "xsd/vas-types.xsd"):
        shutil.copyfile(WSDL / name, directory / name)
    for name, text in seed.get("new", {}).items():
        (directory / name).write_text(text)
    for name, pairs in edits.items():
        text = (directory / name).read_text()
        for old, new in pairs:
            assert old in text, f"{name} holds no {old}"
            text = text.replace(old, new)
        (directory / name).write_text(text)
    lines = (directory / blamed).read_text().splitlines()
    return directory / blamed, next(n for n, line in enumerate(lines, 1) if seed["at"] in line) + seed.get("shift", 0)


@pytest.mark.parametrize("seed", SEEDS, ids=[f"{n}-{seed['rule']}" for n, seed in enumerate(SEEDS, 1)])
def test_seeded_violation_is_found_where_it_is(seed, tmp_path):
    """By its rule, in its file, at its line; nothing else is found."""
    blamed, line = seeded(seed, tmp_path)
    judged = blamed.name if blamed.suffix == ".wsdl" else f"{seed.get('contract', 'smshall')}.wsdl"
    found = lint_contracts([tmp_path / judged], Scope(seed.get("scope", "all")))[1]
    assert [(f.rule, f.path, f.line) for f in found] == [(seed["rule"], blamed.resolve(), line)]


def test_every_rule_has_a_seed():
    """No rule is there that was never seen to find anything."""
    assert {rule.id for rule in RULES} - {seed["rule"] for seed in SEEDS} == set()


def test_every_rule_says_itself_in_both_languages():
    """And where it comes from."""
    assert [rule.id for rule in RULES if not (rule.en.isascii() and rule.en and not rule.zh.isascii() and rule.source)] == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [("x.wsdl", "<a>", "x.wsdl:1: not well-formed XML"), ("x.wsdl", "<a/>", "x.wsdl:1: neither a WSDL file nor a schema"),
     (None, "", "none.wsdl"), ("x.txt", "", "no WSDL file and no schema in it")],
)  # fmt: skip
def test_input_that_cannot_be_judged(tmp_path, name, text, told):
    """It is told by file, and nothing is judged."""
    path = tmp_path / "none.wsdl"
    if name is not None:
        path = tmp_path / name
        path.write_text(text)
    with pytest.raises(Unusable, match=told):
        lint_contracts([tmp_path if name == "x.txt" else path])


def test_contract_of_the_field_is_held_to_the_profile_alone(tmp_path: Path) -> None:
    """Below a directory `legacy` nothing is ours to design; WS-I holds there too."""
    shutil.copytree(WSDL / "legacy", tmp_path / "legacy")
    shutil.copytree(WSDL / "legacy", tmp_path / "own")
    own = {finding.path.name for finding in lint_contracts([tmp_path])[1]}
    assert own == {finding.path.name for finding in lint_contracts([tmp_path / "own"])[1]} != set()
    assert lint_contracts([tmp_path / "legacy"])[1] == []


def test_schema_that_no_description_reaches(tmp_path: Path) -> None:
    """The profile speaks of schemas of a description; alone, a schema is judged by itself."""
    schema = tmp_path / "documents.xsd"
    schema.write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>')
    assert {finding.rule for finding in lint_contracts([schema], Scope.WSI)[1]} == {"R2105"}
    shutil.copytree(WSDL, tmp_path / "wsdl", ignore=shutil.ignore_patterns("legacy"))
    assert lint_contracts([tmp_path], Scope.WSI)[1] == []
