"""The partner kit as one file: built from the lock, run by a bare Python in an empty directory."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from testlab import free_ports

from gateway.cli import kit_file
from gateway.cli.lab import start

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
PYTHON = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="module")
def kit() -> Path:
    """The file that `make kit` writes."""
    done = subprocess.run([sys.executable, "release/kit_file.py"], cwd=ROOT, check=True, capture_output=True, text=True, timeout=120)
    return ROOT / done.stdout.strip()


@pytest.fixture(scope="module")
def run(kit, tmp_path_factory):
    """Run the file by the Python outside of every virtual environment, isolated, in a directory of its own."""
    home = tmp_path_factory.mktemp("kit")

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PYTHON), "-I", str(kit), *arguments], check=False, cwd=home, capture_output=True, text=True, timeout=60,
            env={"SHIV_ROOT": str(home / "unpacked"), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip

    command.home = home
    return command


def test_it_says_what_it_is_for(kit) -> None:
    """Its name has version, Python and platform; it holds the contracts, and no test of anybody."""
    names = zipfile.ZipFile(kit).namelist()
    assert (
        kit.name.startswith("vsop-kit-") and f"-py{sys.version_info.major}{sys.version_info.minor}-" in kit.name,
        any(name.endswith("gateway/_data/wsdl/xplatform.wsdl") for name in names),
        [name for name in names if "/tests/" in name or name.startswith("site-packages/pytest")],
    ) == (True, True, [])


def test_it_plays_a_role(run) -> None:
    """`run` against a stub ends with exit 0 and grade A."""
    (port,) = free_ports(1)
    stub = start("stub", ["stub", "up", "portal", "--port", str(port)])
    try:
        done = run("run", "--role", "portal", "--url", f"http://127.0.0.1:{port}/services/portal", "--out", "out")
    finally:
        stub.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((run.home / "out" / "results.json").read_text())["grade"] == "A"


def test_wrong_python_is_told(monkeypatch, capsys, tmp_path) -> None:
    """Another Python or platform ends with exit 2 and the one that is needed, before anything compiled is imported."""
    built_for = tmp_path / "built-for.json"
    built_for.write_text('{"python": "3.99", "platform": "plan9"}')
    monkeypatch.setattr(kit_file, "_BUILT_FOR", built_for)
    with pytest.raises(SystemExit) as ended:
        kit_file.main()
    assert (ended.value.code, "3.99 on plan9" in capsys.readouterr().err) == (2, True)
