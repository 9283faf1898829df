"""The wheel in an empty environment: what it needs is declared, what it reads is in it, and the lab runs from an empty directory."""

from __future__ import annotations

import json
import subprocess
import urllib.request

import pytest
import sbom
from installed import free_hundred, moved
from testlab import free_ports

pytestmark = pytest.mark.e2e


def test_what_it_needs_is_declared(installed) -> None:
    """pip finds every requirement of every distribution there, at a version that fits."""
    assert installed.pip("check").strip() == "No broken requirements found."


COMMANDS = """
import gateway
from gateway.cli.main import COMMANDS, main
for name in COMMANDS:
    main.get_command(None, name)
for line in '''
wsdl export contracts
wsdl lint contracts
kit list
docs build pages
docs write docs
samples list
soapui export vsop --out projects
sim --seeds 1
'''.strip().splitlines():
    main(line.split(), standalone_mode=False)
print(gateway.__file__)
"""


def test_shipped_files_are_found(installed) -> None:
    """Each command is imported without what only developers have; contracts, roles, pages and documents come from the wheel alone."""
    command = [str(installed.bin / "python"), "-I", "-c", COMMANDS]
    done = subprocess.run(command, cwd=installed.work, capture_output=True, text=True, check=False, timeout=120)
    home = done.stdout.strip().rpartition("\n")[2]
    assert (done.returncode, home.startswith(str(installed.bin.parent))) == (0, True), done.stderr


def test_a_stub_comes_up(installed) -> None:
    """`vsopgw stub up` serves its contract."""
    (port,) = free_ports(1)
    stub = installed.start("stub", "up", "ocs", "--port", str(port))
    try:
        assert json.loads(stub.stdout.readline())["ready"] is True
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/services/ocs?wsdl", timeout=10) as answer:
            assert b"feeCheck" in answer.read()
    finally:
        stub.terminate()
        stub.communicate(timeout=20)


def test_the_demo_passes(installed) -> None:
    """`vsopgw demo --once` ends with exit 0; the lab's files are the shipped ones, at ports that are free here."""
    installed.vsopgw("config", "init", "lab", "--lab")
    hundred = free_hundred()
    for file in (installed.work / "lab").glob("*.toml"):
        file.write_text(moved(file.read_text(encoding="utf-8"), hundred), encoding="utf-8")
    said = installed.vsopgw("demo", "--lab", "lab/lab.toml", "--once")
    assert said.count("completed 竣工") >= 4


def test_what_is_shipped_is_listed() -> None:
    """The bill of materials names what the wheel needs, each with the hashes of the lock; not what only developers have."""
    parts = {part["name"]: part for part in sbom.bom()["components"]}
    without = [name for name, part in parts.items() if not part["externalReferences"] or not part["licenses"]]
    assert ("twisted" in parts, "pytest" in parts, parts["psycopg"]["scope"], without) == (True, False, "optional", [])
