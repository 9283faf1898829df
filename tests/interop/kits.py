"""How each client is installed, built and started; what cannot be had skips its tests with the reason.

Generated clients are built once for the contracts that they are made of: tests/interop/.built/ keeps them by the hash of both.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from gateway.resources import contracts_dir

HERE = Path(__file__).parent
NODE_ROOM = HERE / "node"
INSTALL = "tests/interop/install.sh installs it"
_UNREACHABLE = re.compile(
    r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b"
)
Command = tuple[str, ...]
_JARS = Path("/usr/share/java")
# What wsimport and its runtime need of Debian's jars, without the versions in their names.
_JAXWS = (
    "jaxws-tools", "jaxws-rt", "jaxws-ri-runtime", "jaxws-api", "jws-api", "jaxb-api", "jaxb-core", "jaxb-impl", "jaxb-xjc",
    "javax.activation", "saaj-impl", "javax.xml.soap-api", "stax-ex", "streambuffer", "metro-policy", "mimepull", "gmbal", "txw2",
    "istack-commons-runtime", "istack-commons-tools", "codemodel", "xsom", "rngom", "relaxngDatatype", "dtd-parser", "xml-resolver",
    "stax2-api", "woodstox-core", "FastInfoset", "geronimo-annotation-1.3-spec", "gson",
)  # fmt: skip


def zeep() -> Command:
    """Zeep, in strict mode."""
    return sys.executable, str(HERE / "python/zeep_client.py")


def suds() -> Command:
    """suds-community."""
    return sys.executable, str(HERE / "python/suds_client.py")


def php() -> Command:
    """PHP's SoapClient."""
    program = needed("php")
    if "soap" not in run([program, "-m"]).stdout.lower().split():
        pytest.skip(f"php is here without its soap extension: {INSTALL}")
    return program, "-d", "display_errors=stderr", str(HERE / "php/client.php")


def node() -> Command:
    """The node package soap; it is installed here as package-lock.json says, unless that is what is installed already.

    Skips without node, npm or a registry; any other failure of npm, such as a wrong checksum, is a failure.
    """
    program = needed("node")
    lock = (NODE_ROOM / "package-lock.json").read_text(encoding="utf-8")
    oldest = json.loads(lock)["packages"]["node_modules/soap"]["engines"]["node"]
    version = run([program, "--version"]).stdout.strip()
    if _numbers(version) < _numbers(oldest):
        pytest.skip(f"node {version} is too old: the package soap needs {oldest}")
    stamp = NODE_ROOM / "node_modules/.installed-from"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != lock:
        done = run([needed("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=NODE_ROOM, timeout=300)
        unreachable = _UNREACHABLE.search(done.stderr)
        if done.returncode != 0 and unreachable:
            pytest.skip(f"npm could not reach its registry ({unreachable[0]})")
        assert done.returncode == 0, f"npm ci ended with {done.returncode}: {done.stderr}"
        stamp.write_text(lock, encoding="utf-8")
    return program, str(NODE_ROOM / "client.js")


def gsoap() -> Command:
    """A C++ client that wsdl2h and soapcpp2 make of the contracts."""
    for program in ("wsdl2h", "soapcpp2", "g++"):
        needed(program)
    if not Path("/usr/include/rapidjson/document.h").exists():
        pytest.skip(f"rapidjson is not installed: {INSTALL}")
    build = ["bash", str(HERE / "gsoap/build.sh"), str(HERE / "gsoap"), str(contracts_dir())]
    return (str(built("gsoap", lambda out: [*build, out]) / "client"),)


def jaxws() -> Command:
    """A Java client that wsimport makes of the contracts: JAX-WS RI 2.3, which JDK 11 and later no longer hold."""
    needed("javac")
    path = jars()
    build = ["java", "-cp", path, str(HERE / "jaxws/Build.java"), str(HERE / "jaxws"), str(contracts_dir())]
    classes = built("jaxws", lambda out: [*build, out]) / "classes"
    # Short lives: compile lightly, collect in one thread.
    return "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp", f"{path}:{classes}", "Client"


def jars() -> str:
    """The class path of wsimport and its runtime; skips the test where a jar is missing."""
    found = [_JARS / f"{name}.jar" for name in _JAXWS]
    missing = [jar.name for jar in found if not jar.exists()]
    if missing:
        pytest.skip(f"{missing[0]} is not in {_JARS}: {INSTALL}")
    return ":".join(map(str, found))


KITS: dict[str, tuple[Callable[[], Command], tuple[str, ...]]] = {
    "zeep": (zeep, ("1.1", "1.2")),
    "suds": (suds, ("1.1",)),  # suds knows no SOAP 1.2
    "php": (php, ("1.1", "1.2")),
    "node": (node, ("1.1", "1.2")),
    "gsoap": (gsoap, ("1.1", "1.2")),
    "jaxws": (jaxws, ("1.1", "1.2")),
}
CLIENTS = [f"{name}-{soap}" for name, (_, versions) in KITS.items() for soap in versions]


@cache
def command_of(language: str) -> Command:
    """Install and build a client, once; gives the command that starts it."""
    return KITS[language][0]()


def built(name: str, command: Callable[[str], list[str]]) -> Path:
    """Build a client of the present contracts, unless it is built already; gives its directory."""
    sources = sorted([*contracts_dir().glob("*.wsdl"), *contracts_dir().glob("xsd/*.xsd"), *(HERE / name).iterdir()])
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    room = HERE / ".built" / f"{name}-{digest.hexdigest()[:16]}"
    if not (room / "done").exists():
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(parents=True)
        done = run(command(str(room.resolve())), timeout=300)
        assert done.returncode == 0, f"the {name} client cannot be built: {done.stdout}{done.stderr}"
        (room / "done").touch()
    return room


def needed(program: str) -> str:
    """The path of a program; skips the test where it is not installed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed: {INSTALL}")
    return found


def run(command: Sequence[str], *, timeout: float = 30, **more) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; what its exit code means is for the caller to say."""
    return subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=timeout, **more)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
