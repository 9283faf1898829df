"""The file of those who may log in: a line for each, name and scrypt hash. Must not know sessions or HTTP."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

N, R, P = 2**14, 8, 1
"""scrypt with 16 MiB: OWASP's least for a machine that is not a server of logins; about 40 ms."""
_MOST_N = 2**17
NAME = re.compile(r"[A-Za-z0-9._-]{1,32}")
SHORTEST = 10
"""Characters of a password."""
LONGEST = 256


class PasswordFileUnfit(Exception):
    """The file cannot be used; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How a password is kept."""

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    def matches(self, password: str) -> bool:
        """Whether this is the password."""
        return hmac.compare_digest(_digest(password, self.salt, self.n, self.r, self.p), self.digest)


def _digest(password: str, salt: bytes, n: int = N, r: int = R, p: int = P) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r * p + (1 << 20), dklen=32)


NOBODY = Kept(N, R, P, b"nobody", bytes(32))
"""Who logs in under a name that is not there waits as long as anybody."""


def line(name: str, password: str, salt: bytes) -> str:
    """Write a line of the file; raises ValueError with what is wrong."""
    if not NAME.fullmatch(name):
        raise ValueError("a name has 1 to 32 letters, digits, dots, dashes or underscores")
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters")
    return f"{name}:scrypt:{N}:{R}:{P}:{b64encode(salt).decode()}:{b64encode(_digest(password, salt)).decode()}"


def read(path: Path) -> dict[str, Kept]:
    """Read the file; raises PasswordFileUnfit with file and line."""
    try:
        mode = path.stat().st_mode
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise PasswordFileUnfit(f"{path}: {reason}; make one with `vsopgw console passwd NAME`") from None
    if mode & 0o077:
        raise PasswordFileUnfit(f"{path}: others can read it; chmod 600 {path}")
    kept = dict(_read(path, number, text) for number, text in enumerate(lines, 1) if text.strip())
    if not kept:
        raise PasswordFileUnfit(f"{path}: nobody may log in; add one with `vsopgw console passwd NAME`")
    return kept


def _read(path: Path, number: int, text: str) -> tuple[str, Kept]:
    try:
        name, kind, n, r, p, salt, digest = text.split(":")
        kept = Kept(int(n), int(r), int(p), b64decode(salt, validate=True), b64decode(digest, validate=True))
    except ValueError:
        raise PasswordFileUnfit(f"{path}:{number}: not of the form name:scrypt:N:r:p:salt:hash") from None
    costly = not 2 <= kept.n <= _MOST_N or kept.n & (kept.n - 1) or not 1 <= kept.r <= 16 or not 1 <= kept.p <= 4
    if kind != "scrypt" or not NAME.fullmatch(name) or costly or len(kept.digest) != 32:
        raise PasswordFileUnfit(f"{path}:{number}: not a line that `vsopgw console passwd` writes")
    return name, kept
