"""deploy/: units that systemd takes, an image of what the wheel needs, a compose file whose settings the program takes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.config import load_config
from gateway.resources import etc_dir

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy/systemd"
MOST_EXPOSED = 15  # tenths: systemd-analyze gave 1.2 and 1.1
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze here: units are looked at where it is installed")


@pytest.fixture
def units(tmp_path) -> list[Path]:
    """The units with the program at the place where it is here: systemd looks for it."""
    for file in UNITS.iterdir():
        text = file.read_text(encoding="utf-8").replace("/opt/vsopgw/bin", str(Path(sys.executable).parent))
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    return sorted(tmp_path.glob("*.service")) + sorted(tmp_path.glob("*.timer")) + [tmp_path / "vsopgw.target"]


@needs_systemd
def test_units_are_taken(units) -> None:
    """systemd finds nothing to say about any of them."""
    done = subprocess.run([ANALYZE, "verify", "--man=no", *units], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("name", ["vsopgw@.service", "vsopgw-backup@.service"])
def test_units_are_closed(units, name) -> None:
    """Their exposure is what docs/operations.md says, or less than 1.5 of 10."""
    command = [ANALYZE, "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", str(units[0].parent / name)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_commands_of_units_and_image_are_there() -> None:
    """Each `vsopgw COMMAND` that deploy/ starts is one of ours."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "deploy").rglob("*") if path.is_file()]
    starts = re.compile(r'(?:bin/vsopgw |exec vsopgw |(?:command:|CMD) \[")([a-z]+)')
    started = {word for text in texts for word in starts.findall(text)} - {"postgres"}
    assert (started >= {"serve", "store", "stub", "health"}, started - set(main.list_commands(None))) == (True, set())


def test_image_has_what_the_wheel_is_made_of() -> None:
    """Each path that the wheel packs is copied into the stage that builds it."""
    made = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    image = (ROOT / "deploy/Containerfile").read_text(encoding="utf-8")
    copied = {word for line in re.findall(r"^COPY (?!--)(.*) \S+$", image, re.MULTILINE) for word in line.split()}
    assert {*made["packages"], *made.get("force-include", {})} - copied == set()


def test_settings_of_the_compose_file_are_good() -> None:
    """Each gateway's environment is taken with the shipped file that it starts from; each has a database and ports of its own."""
    text = (ROOT / "deploy/compose.yml").read_text(encoding="utf-8")
    services = re.findall(r'^    command: \["serve", "-c", "/opt/vsopgw/etc/(\S+?)"', text, re.MULTILINE)
    blocks = re.findall(r"^    environment:\n((?:      \w+: .*\n)+)    volumes: \[", text, re.MULTILINE)
    found = []
    for file, block in zip(services, blocks, strict=True):
        settings = {key: value.strip('"') for key, value in re.findall(r"(VSOPGW_\w+): (.*)", block)}
        config = load_config(etc_dir() / file, settings, {})
        found.append((config.gateway.port, config.store.url))
    databases = re.findall(r"CREATE DATABASE (\w+)", (ROOT / "deploy/compose-databases.sql").read_text(encoding="utf-8"))
    assert sorted(port for port, _ in found) == [7000, 7001, 7002]
    assert sorted(url.rpartition("/")[2] for _, url in found) == sorted(databases)
