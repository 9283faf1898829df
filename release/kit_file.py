"""Builds the partner kit as one file: `make kit` writes dist/vsop-kit-VERSION-pyNNN-PLATFORM.pyz.

What goes into it is what requirements.lock names: .venv was installed from the lock by hash, and each distribution that the program
needs at run time is copied from there, after its version was compared with the lock. Nothing is downloaded.
"""

from __future__ import annotations

import importlib.metadata as installed
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
OURS = "vsop-gateway"
ENTRY = "gateway.cli.kit_file:main"
BUILT_FOR = "built-for.json"  # read by the entry
LEFT_OUT = {"__pycache__", "test", "tests"}
"""Directories of a distribution that nobody imports at run time; a third of the file's size."""


class BuildFailed(Exception):
    """The file cannot be made; the text says what to do."""


def locked() -> dict[str, str]:
    """Read the versions of requirements.lock by canonical name."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pinned = (re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", line) for line in lines)
    return {canonicalize_name(each[1]): each[2] for each in pinned if each}


def needed(name: str, seen: set[str]) -> Iterator[installed.Distribution]:
    """Give all that a distribution needs at run time, itself not; raises BuildFailed for one that is not there."""
    for text in installed.requires(name) or []:
        wanted = Requirement(text)
        key = canonicalize_name(wanted.name)
        if key in seen or (wanted.marker is not None and not wanted.marker.evaluate({"extra": ""})):
            continue
        seen.add(key)
        try:
            yield installed.distribution(wanted.name)
        except installed.PackageNotFoundError:
            raise BuildFailed(f"{wanted.name} is not installed: make .venv/.ready") from None
        yield from needed(wanted.name, seen)


def copy(distribution: installed.Distribution, site: Path) -> None:
    """Copy what a distribution installed, without scripts and tests."""
    for file in distribution.files or []:
        if ".." in file.parts or LEFT_OUT & set(file.parts):
            continue
        target = site / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(file.locate()), target)


def fill(site: Path) -> None:
    """Put everything into a directory of packages; raises BuildFailed where .venv is not what the lock says."""
    versions = locked()
    for distribution in needed(OURS, {OURS}):
        name = canonicalize_name(distribution.metadata["Name"])
        if versions.get(name) != distribution.version:
            there = versions.get(name, "nothing")
            raise BuildFailed(f"{name} {distribution.version} is installed, requirements.lock says {there}: make .venv/.ready")
        copy(distribution, site)
    wheels = site.parent / "wheel"
    run("-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels))
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        wheel.extractall(site)


def run(*command: str) -> None:
    """Run this Python; raises BuildFailed with what it said."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailed(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")


def build() -> Path:
    """Build the file and give its path."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    platform = sysconfig.get_platform()
    made = ROOT / "dist" / f"vsop-kit-{installed.version(OURS)}-py{python.replace('.', '')}-{platform}.pyz"
    work = ROOT / "build" / "kit"
    shutil.rmtree(work, ignore_errors=True)
    site = work / "site"
    site.mkdir(parents=True)
    fill(site)
    (site / "gateway" / "_data" / BUILT_FOR).write_text(json.dumps({"python": python, "platform": platform}), encoding="utf-8")
    made.parent.mkdir(exist_ok=True)
    run(
        "-m", "shiv", "--site-packages", str(site), "-e", ENTRY, "-o", str(made), "-p", f"/usr/bin/env python{python}",
        "--compressed", "--reproducible",
    )  # fmt: skip
    shutil.rmtree(work)
    return made


if __name__ == "__main__":
    try:
        path = build()
    except BuildFailed as failed:
        sys.exit(str(failed))
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")
