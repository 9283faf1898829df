"""The directory that `--out` names: made before a run, so that nobody waits for reports that cannot be written."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.cli.errors import UsageFailed


def make_reports_dir(out: Path) -> None:
    """Make the directory if it is not there; exit 2 where that cannot be done, or where nothing can be written in it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageFailed(f"--out {out}: cannot be made: {(error.strerror or 'unknown reason').lower()}") from None
    if not os.access(out, os.W_OK | os.X_OK):
        raise UsageFailed(f"--out {out}: may not be written")
