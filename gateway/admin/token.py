"""The token that callers of the admin API must show."""

from __future__ import annotations

import secrets
from pathlib import Path


def make_token(path: Path) -> str:
    """Read the admin token, or make one: a file that only its owner can read, never seen half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    token = path.read_text().strip() if path.exists() else ""
    if not token:
        token = secrets.token_urlsafe(24)
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(token)
        fresh.replace(path)
    return token
