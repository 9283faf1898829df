"""SOAP clients of other languages, as child processes that make one call each; knows nothing of the gateway but ?wsdl addresses."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODE_ROOM = HERE / "node"
ENVELOPES = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
_UNREACHABLE = re.compile(
    r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a client's program got: an answer, a fault of the gateway, or its own client's refusal to send."""

    sent: str | None
    received: str | None
    answer: dict | None = None
    fault: dict | None = None
    refused: str | None = None

    @property
    def violations(self) -> list[dict]:
        """The fault's violations, whether the client gives a single one as itself or as a list."""
        found = self.fault["detail"]["ContractFault"]["Violation"]
        return found if isinstance(found, list) else [found]

    @property
    def broken(self) -> tuple[str, list[str]]:
        """Code of the ContractFault and the fields that it names."""
        return self.fault["detail"]["ContractFault"]["Code"], [violation["Field"] for violation in self.violations]


@dataclass(frozen=True, slots=True)
class ForeignClient:
    """A client of another language in one SOAP version."""

    language: str
    soap: str
    command: tuple[str, ...]

    def call(self, url: str, operation: str, fields: dict) -> Outcome:
        """Let the client read the served contract and make one call; an error of its process fails the test with what it said."""
        wsdl = f"{url}?wsdl" if self.soap == "1.1" else f"{url}?wsdl&soap=1.2"
        request = json.dumps({"wsdl": wsdl, "soap": self.soap, "operation": operation, "fields": fields})
        # The lab is on loopback; a proxy of the machine must not be asked for it.
        environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        done = _run(self.command, input=request, env=environment)
        assert done.returncode == 0, f"{self.language} client ended with {done.returncode}: {done.stderr}"
        return Outcome(**json.loads(done.stdout))


def php_client(soap: str) -> ForeignClient:
    """PHP's SoapClient; skips the test where it cannot be had."""
    php = shutil.which("php")
    if php is None:
        pytest.skip("php is not installed (Debian: php-cli, php-soap)")
    modules = _run([php, "-m"]).stdout.lower().split()
    if "soap" not in modules:
        pytest.skip("php is here without its soap extension (Debian: php-soap)")
    return ForeignClient("php", soap, (php, "-d", "display_errors=stderr", str(HERE / "php/client.php")))


def node_client(soap: str) -> ForeignClient:
    """The node package soap, which `install_node_soap` has put in place; skips the test where it cannot be had."""
    install_node_soap()
    return ForeignClient("node", soap, (shutil.which("node"), str(NODE_ROOM / "client.js")))


def install_node_soap() -> None:
    """Install what package-lock.json names, unless that is what is installed already.

    Skips without node, npm or a registry; any other failure of npm, such as a wrong checksum, is a failure.
    """
    lock = (NODE_ROOM / "package-lock.json").read_text(encoding="utf-8")
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    needed = json.loads(lock)["packages"]["node_modules/soap"]["engines"]["node"]
    version = _run(["node", "--version"]).stdout.strip()
    if _numbers(version) < _numbers(needed):
        pytest.skip(f"node {version} is too old: the package soap needs {needed}")
    stamp = NODE_ROOM / "node_modules/.installed-from"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == lock:
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = _run(command, cwd=NODE_ROOM, timeout=300)
    unreachable = _UNREACHABLE.search(done.stderr)
    if done.returncode != 0 and unreachable:
        pytest.skip(f"npm could not reach its registry ({unreachable[0]})")
    assert done.returncode == 0, f"npm ci ended with {done.returncode}: {done.stderr}"
    stamp.write_text(lock, encoding="utf-8")


def _run(command: Sequence[str], *, timeout: float = 30, **more) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; what its exit code means is for the caller to say."""
    return subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=timeout, **more)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
