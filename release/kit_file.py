"""Builds the partner kit as one file: `make kit` writes dist/vsop-kit-VERSION-pyNNN-PLATFORM.pyz.

What goes into it is what requirements.lock names: .venv was installed from the lock by hash, and each distribution that the program
needs at run time is copied from there, after its version was compared with the lock. Nothing is downloaded.
"""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
import zipfile
from importlib.metadata import version
from pathlib import Path

from locked import OURS, ROOT, BuildFailed, copy, run, shipped

ENTRY = "gateway.cli.kit_file:main"
BUILT_FOR = "built-for.json"  # read by the entry


def fill(site: Path) -> None:
    """Put everything into a directory of packages; raises BuildFailed where .venv is not what the lock says."""
    for distribution in shipped():
        copy(distribution, site)
    wheels = site.parent / "wheel"
    run("-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels))
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        wheel.extractall(site)


def build() -> Path:
    """Build the file and give its path."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    platform = sysconfig.get_platform()
    made = ROOT / "dist" / f"vsop-kit-{version(OURS)}-py{python.replace('.', '')}-{platform}.pyz"
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
