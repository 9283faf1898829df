"""Makes an environment with the program in it: `make install PREFIX=/opt/vsopgw`, the container image, and the tests of the wheel.

It holds what requirements.lock names, copied from .venv, and our wheel; nothing is downloaded. A directory that is there is refused:
an upgrade is a new directory beside the old one.
"""

from __future__ import annotations

import sys
import tempfile
import venv
from pathlib import Path

from locked import BuildFailed, copy, run, shipped

EXTRAS = ("lab", "postgres", "tls")
"""All that the program can do; the demo's Zeep too."""


def install(prefix: Path, extras: tuple[str, ...] = EXTRAS) -> None:
    """Make the environment; raises BuildFailed with what to do."""
    if prefix.exists():
        raise BuildFailed(f"{prefix} is there already: install beside it, then let the link point there")
    needed = list(shipped(*extras))  # before anything is written
    venv.create(prefix, with_pip=False, symlinks=True)
    site = next((prefix / "lib").glob("python3*/site-packages"))
    for distribution in needed:
        copy(distribution, site)
    with tempfile.TemporaryDirectory() as made:
        run("-m", "hatchling", "build", "-t", "wheel", "-d", made)
        wheel = next(Path(made).glob("*.whl"))
        pip = ("-m", "pip", "--disable-pip-version-check", "--python", str(prefix / "bin" / "python"))
        run(*pip, "install", "--quiet", "--no-index", "--no-deps", "--no-compile", str(wheel))


if __name__ == "__main__":
    try:
        install(Path(sys.argv[1]).absolute())
    except (BuildFailed, OSError) as failed:
        sys.exit(str(failed))
    sys.stdout.write(f"{sys.argv[1]}/bin/vsopgw\n")
