"""What requirements.lock names, as it stands in .venv: what all that is built and listed for a release is made of.

.venv was installed from the lock by hash; a distribution of another version than the lock's ends a build.
"""

from __future__ import annotations

import importlib.metadata as installed
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
OURS = "vsop-gateway"
LEFT_OUT = {"__pycache__", "test", "tests"}
"""Directories of a distribution that nobody imports at run time; a third of its size."""


class BuildFailed(Exception):
    """It cannot be made; the text says what to do."""


def locked() -> dict[str, str]:
    """Read the versions of requirements.lock by canonical name."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pinned = (re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", line) for line in lines)
    return {canonicalize_name(each[1]): each[2] for each in pinned if each}


def needed(name: str, extras: tuple[str, ...] = (), seen: set[str] | None = None) -> Iterator[installed.Distribution]:
    """Give all that a distribution with its extras needs at run time, itself not; raises BuildFailed for one that is not there."""
    seen = {name} if seen is None else seen
    for text in installed.requires(name) or []:
        wanted = Requirement(text)
        key = canonicalize_name(wanted.name)
        asked = wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras))
        if key in seen or not asked:
            continue
        seen.add(key)
        try:
            yield installed.distribution(wanted.name)
        except installed.PackageNotFoundError:
            raise BuildFailed(f"{wanted.name} is not installed: make .venv/.ready") from None
        yield from needed(wanted.name, tuple(wanted.extras), seen)


def shipped(*extras: str) -> Iterator[installed.Distribution]:
    """Give all that our wheel with these extras needs; raises BuildFailed where .venv is not what the lock says."""
    versions = locked()
    for distribution in needed(OURS, extras):
        name = canonicalize_name(distribution.metadata["Name"])
        if versions.get(name) != distribution.version:
            there = versions.get(name, "nothing")
            raise BuildFailed(f"{name} {distribution.version} is installed, requirements.lock says {there}: make .venv/.ready")
        yield distribution


def copy(distribution: installed.Distribution, site: Path) -> None:
    """Copy what a distribution installed, without scripts and tests."""
    for file in distribution.files or []:
        if ".." in file.parts or LEFT_OUT & set(file.parts):
            continue
        target = site / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(file.locate()), target)


def run(*command: str) -> None:
    """Run this Python; raises BuildFailed with what it said."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailed(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
