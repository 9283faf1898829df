"""What the README shows is run as it stands there, against the lab's gateway."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def block(language: str, mark: str) -> str:
    """The code block of a language that holds a mark."""
    return next(text for text in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if mark in text)


def example(lab, language: str, mark: str) -> str:
    return block(language, mark).replace("127.0.0.1:7001", f"127.0.0.1:{lab.ports['jiangxi']}")


def run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def test_curl_example_is_accepted(lab):
    """The curl example gets ResultCode 0, and its order is completed."""
    said = run("bash", "-c", example(lab, "sh", "curl"))
    assert (">0<" in said, lab.settled("jiangxi", "README-1")[0]["state"]) == (True, "10F")


def test_zeep_example_is_accepted(lab):
    """The Zeep example prints success, and its order is completed on both tiers."""
    said = run(sys.executable, "-c", example(lab, "python", "zeep"))
    states = [leg["state"] for leg in lab.settled("jiangxi", "README-2")]
    assert (said.split()[0], states) == ("0", ["10F", "10F"])


def test_ladder_of_the_readme_has_the_steps_of_its_section():
    """The ladder printed in the README shows the numbers of section 4.1.3."""
    from gateway.flows.sections import SECTIONS  # noqa: PLC0415

    shown = re.findall(r"^  \((\S+)\)", block("text", "4.1.3 portal order"), re.MULTILINE)
    assert shown == list(SECTIONS["4.1.3"].numbers)


def test_commands_of_the_table_exist():
    """Each command in the README's table answers --help."""
    commands = {c.split(" [")[0] for c in re.findall(r"^\| `vsopgw ([a-z ]+)", README, re.MULTILINE)}
    codes = {
        c: subprocess.run(
            [sys.executable, "-m", "gateway", *c.split(), "--help"], check=False, capture_output=True
        ).returncode
        for c in commands
    }
    assert (len(codes) >= 6, set(codes.values())) == (True, {0})
