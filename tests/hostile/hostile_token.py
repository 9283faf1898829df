"""The credentials of a caller: a UsernameToken, good or with one thing wrong (OASIS UsernameToken Profile 1.1)."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from xml.sax.saxutils import escape

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
WSSE = f"{_OASIS}-wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}-wssecurity-utility-1.0.xsd"
PROFILE = f"{_OASIS}-username-token-profile-1.0"
BASE64 = f"{_OASIS}-soap-message-security-1.0#Base64Binary"


@dataclass(frozen=True, slots=True)
class Caller:
    """A name and its password."""

    user: str
    password: str

    def header(
        self, *, user: str | None = None, password: str | None = None, nonce: bytes | None = None, created: str | None = None,
        digest: bool = True, kind: str = "", drop: tuple[str, ...] = (), demanded: bool = True, extra: str = "",
    ) -> str:  # fmt: skip
        """Write the Security block; fresh, and good but for what is given."""
        user, password = self.user if user is None else user, self.password if password is None else password
        raw = os.urandom(16) if nonce is None else nonce
        created = created or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        shown = b64encode(sha1(raw + created.encode() + password.encode()).digest()).decode() if digest else password
        kind = kind or PROFILE + ("#PasswordDigest" if digest else "#PasswordText")
        parts = {
            "Username": f"<wsse:Username>{escape(user)}</wsse:Username>",
            "Password": f'<wsse:Password Type="{kind}">{escape(shown)}</wsse:Password>',
            "Nonce": f'<wsse:Nonce EncodingType="{BASE64}">{b64encode(raw).decode()}</wsse:Nonce>',
            "Created": f"<wsu:Created>{created}</wsu:Created>",
        }
        inner = "".join(text for name, text in parts.items() if name not in drop)
        must = ' s:mustUnderstand="1"' if demanded else ""
        token = f"<wsse:UsernameToken>{inner}</wsse:UsernameToken>"
        return f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"{must}>{token}{extra}</wsse:Security>'
