"""Commands, run in this process: what they print, what they write, and the code with which they end."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway.cli.main import COMMANDS, main
from gateway.contract import load_contract
from gateway.resources import contracts_dir, etc_dir

CONTRACTS = sorted(p.stem for p in contracts_dir().glob("*.wsdl") if not p.name.endswith(".soap12.wsdl"))


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Run `vsopgw` with arguments in an empty directory."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, [str(a) for a in arguments])


# ---- wsdl ------------------------------------------------------------------------------------------------------------


def test_export_copies_every_contract(command, tmp_path):
    """Each WSDL, its SOAP 1.2 twin and all schemas, and the old forms, byte for byte as they are served."""
    ended = command("wsdl", "export", "out")
    source = contracts_dir()
    expected = {str(p.relative_to(source)): p.read_bytes() for p in _contract_files(source)}
    written = {str(p.relative_to("out")): p.read_bytes() for p in Path("out").rglob("*") if p.is_file()}
    assert (ended.exit_code, written) == (0, expected)


def _contract_files(source):
    return [path for form in ("*.wsdl", "xsd/*.xsd", "legacy/*.wsdl", "legacy/xsd/*.xsd") for path in source.glob(form)]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_export_can_be_loaded(command, contract):
    """What was exported is a contract again, with the same operations."""
    command("wsdl", "export", "out")
    assert list(load_contract(Path("out") / f"{contract}.wsdl").operations) == list(
        load_contract(contracts_dir() / f"{contract}.wsdl").operations
    )


def test_export_over_itself(command):
    """A second export replaces the first."""
    assert [command("wsdl", "export", "out").exit_code for _ in range(2)] == [0, 0]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_codec_is_python(command, contract):
    """The code that is compiled from a contract can be read, and is code."""
    ended = command("wsdl", "codec", contract)
    assert (ended.exit_code, compile(ended.stdout, contract, "exec") is not None) == (0, True)


def test_codec_of_no_contract(command):
    """A contract that is not there is named, with exit 2."""
    ended = command("wsdl", "codec", "nothing")
    assert (ended.exit_code, "nothing.wsdl:1: contract file does not exist" in ended.stderr) == (2, True)


# ---- config ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["group.toml", "provincial.toml"])
def test_shipped_configuration_is_good(command, name):
    """Both shipped files pass, and the line says which gateway it is."""
    ended = command("config", "check", etc_dir() / name)
    assert (ended.exit_code, ": good. vsop-" in ended.stdout) == (0, True)


def test_configuration_with_an_override(command):
    """--set beats the file."""
    ended = command("config", "check", etc_dir() / "provincial.toml", "--set", "gateway.province=21")
    assert (ended.exit_code, "vsop-21: province 21" in ended.stdout) == (0, True)


def test_configuration_with_mistakes(command, tmp_path):
    """All mistakes at once, each with file and line, exit 2, nothing on standard output."""
    file = tmp_path / "wrong.toml"
    file.write_text('[gateway]\ntier = "province"\nprovince = "99"\nport = 70000\n')
    ended = command("config", "check", file)
    lines = [line.split(": ")[0] for line in ended.stderr.strip().split("\n")]
    assert (ended.exit_code, ended.stdout, {f"{file}:3", f"{file}:4"} <= set(lines)) == (2, "", True)


def test_configuration_that_is_not_there(command):
    """A missing file is named, exit 2."""
    ended = command("config", "check", "nothing.toml")
    assert (ended.exit_code, "nothing.toml" in ended.stderr) == (2, True)


@pytest.mark.parametrize("override", ["gateway", "gateway.port", "port=1"])
def test_override_of_another_form(command, override):
    """--set wants section.key=value."""
    ended = command("config", "check", etc_dir() / "provincial.toml", "--set", override)
    assert (ended.exit_code, "is not section.key=value" in ended.stderr) == (2, True)


# ---- commands that need a gateway ------------------------------------------------------------------------------------

ASKING = {
    "order show": ["order", "show", "W1"],
    "ladder": ["ladder", "W1"],
    "catalogue load": ["catalogue", "load", etc_dir() / "lab/catalogue.toml"],
    "subscribers load": ["subscribers", "load", etc_dir() / "lab/subscribers.toml"],
}


@pytest.mark.parametrize("case", ASKING)
def test_nobody_runs(command, case):
    """Without a running gateway the command ends with exit 3 and says where it looked."""
    ended = command(*ASKING[case])
    assert (ended.exit_code, "is the gateway running" in ended.stderr) == (3, True)


def test_gateway_that_has_gone(command, tmp_path):
    """A token file of a former run does not help: nobody answers at the address, exit 3."""
    (tmp_path / "token").write_text("t")
    config = tmp_path / "one.toml"
    config.write_text(
        f'[gateway]\ntier = "group"\n[admin]\nport = 1\ntoken_file = "{tmp_path}/token"\n'
        f'[numbers]\nplan = "{etc_dir()}/numbers.toml"\n'
    )
    ended = command("order", "show", "W1", "-c", config)
    assert (ended.exit_code, "no answer from http://127.0.0.1:1" in ended.stderr) == (3, True)


def test_order_at_nobody(command):
    """An order that reaches no gateway ends with exit 3."""
    ended = command("order", "place", "--number", "18907910001", "--offer", "1", "--gateway", "http://127.0.0.1:1")
    assert (ended.exit_code, "no answer from http://127.0.0.1:1/services/vsop" in ended.stderr) == (3, True)


@pytest.mark.parametrize("kind", ["catalogue", "subscribers"])
def test_load_of_a_file_with_mistakes(command, tmp_path, kind):
    """A data file that is wrong is told before anybody is asked, exit 2."""
    (tmp_path / "wrong.toml").write_text("[[nothing]]\n")
    ended = command(kind, "load", "wrong.toml")
    assert (ended.exit_code, ended.stderr) == (2, "wrong.toml: unknown table [[nothing]]\n")


def test_demo_without_a_lab_file(command):
    """A lab file that is not there is named, exit 2, and nothing was started."""
    ended = command("demo", "--once", "--lab", "nothing.toml")
    assert (ended.exit_code, "nothing.toml" in ended.stderr) == (2, True)


def test_unknown_stub_set(command):
    """A stub set that the lab does not have is named together with those that it has."""
    ended = command("stub", "up", "--stubs", "nowhere")
    assert (ended.exit_code, "no stub set nowhere; there are jiangxi, guangxi, national" in ended.stderr) == (2, True)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help(command, name):
    """Every command says what it is for."""
    ended = command(name, "--help")
    assert (ended.exit_code, bool(main.get_command(click.Context(main), name).get_short_help_str())) == (0, True)


def test_version(command):
    """The program knows its version."""
    ended = command("--version")
    assert (ended.exit_code, "0.1.0" in ended.stdout) == (0, True)
