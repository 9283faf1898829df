"""Toolkits that generate code read every contract of wsdl/, the partners' side too, as a newcomer runs them: without options."""

from __future__ import annotations

import pytest
from kits import HERE, jars, needed, run

from gateway.resources import contracts_dir

pytestmark = pytest.mark.interop
CONTRACTS = sorted(path for path in contracts_dir().glob("*.wsdl") if ".soap12" not in path.name)


def test_wsimport_reads_every_contract(tmp_path) -> None:
    """vsop.wsdl asks for one class a message: unwrapped, two parameters of subscribeAuth would have one name, and wsimport would refuse."""
    needed("javac")
    done = run(["java", "-cp", jars(), str(HERE / "jaxws/Every.java"), str(contracts_dir()), str(tmp_path)], timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, str(len(CONTRACTS))), done.stderr


@pytest.mark.parametrize("path", sorted(contracts_dir().glob("*.wsdl")), ids=lambda path: path.name)
def test_wsdl2h_and_soapcpp2_read_every_contract(path, tmp_path) -> None:
    """gSOAP makes code of each document, of either version of SOAP."""
    needed("soapcpp2")
    for command in (["wsdl2h", "-o", "all.h", str(path)], ["soapcpp2", "-C", "-j", "-x", "-I/usr/share/gsoap/import", "all.h"]):
        done = run(command, cwd=tmp_path)
        assert (done.returncode, "syntax error" in done.stderr.lower()) == (0, False), done.stderr
