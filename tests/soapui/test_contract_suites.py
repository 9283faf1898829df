"""The contract suites of vsop, ismp, ppm and ocs: as cases of pytest, and as SoapUI projects, with the same verdicts."""

from __future__ import annotations

import pytest
from examples import codec_of
from suite_rig import ALL, CASES, HERE, SPOILS, accepts_all, good, judged_by_runner, judged_directly, spoiled

from gateway.resources import contracts_dir
from stubs.soapui.export import project_of
from stubs.soapui.reading import read_project
from stubs.soapui.suites import SUITES, ContractCase

BROKEN = {**{name: spoiled(name) for name in SPOILS}, "accepts all": accepts_all}


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.contract}/{case.name}")
def test_contract_is_kept(case: ContractCase) -> None:
    """Our endpoint answers a good message in full, and refuses a bad one by the fault and code that the contract promises."""
    assert [name for name, holds in judged_directly(case, good).items() if not holds] == []


@pytest.mark.parametrize("contract", SUITES)
def test_exported_project_gives_the_same_verdicts(contract: str) -> None:
    """Case by case and assertion by assertion, the SoapUI project says of a sound server what the direct judge says."""
    assert [judged_by_runner(case, good) for case in CASES[contract]] == [judged_directly(case, good) for case in CASES[contract]]


@pytest.mark.parametrize("broken", BROKEN)
def test_failing_verdicts_agree_too(broken: str) -> None:
    """Of a server that is broken on purpose both say the same, assertion by assertion."""
    server = BROKEN[broken]
    runner = {f"{case.contract}/{case.name}": judged_by_runner(case, server) for case in ALL}
    direct = {f"{case.contract}/{case.name}": judged_directly(case, server) for case in ALL}
    assert {name: (runner[name], direct[name]) for name in runner if runner[name] != direct[name]} == {}


@pytest.mark.parametrize("broken", BROKEN)
def test_each_broken_server_is_found(broken: str) -> None:
    """None of them passes: somewhere something does not hold."""
    assert [case for case in ALL if not all(judged_directly(case, BROKEN[broken]).values())] != []


@pytest.mark.parametrize("contract", SUITES)
def test_committed_project_is_the_export(contract: str) -> None:
    """What is kept in tests/soapui is what `vsopgw soapui export --out tests/soapui --definitions ../../wsdl` writes today."""
    definition = f"${{projectDir}}/../../wsdl/{contract}.wsdl"
    written = project_of(codec_of(contract).contract, CASES[contract], definition=definition)
    assert (HERE / f"{contract}-soapui-project.xml").read_bytes() == written


@pytest.mark.parametrize("contract", SUITES)
def test_project_holds_every_case_and_no_other(contract: str) -> None:
    """The exported project has the cases of the list, in their order."""
    project = read_project(HERE / f"{contract}-soapui-project.xml")
    assert [(suite.name, case.name) for suite in project.suites for case in suite.cases] == [(c.suite, c.name) for c in CASES[contract]]


def test_every_example_is_a_case_but_those_about_bytes() -> None:
    """Each bad message of the four contracts is in a suite; only one is about its encoding, which a text cannot hold."""
    there = {path.stem for path in (contracts_dir() / "examples/bad").glob("*.xml") if path.name.split(".")[0] in SUITES}
    assert there - {case.name for case in ALL} == {"vsop.encoding-lie"}
