"""Speaks to the admin API of a running gateway, found through its configuration."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from gateway.cli.errors import CommandFailed, Unreachable
from gateway.config import Config


@dataclass(frozen=True, slots=True)
class AdminClient:
    """One gateway's admin API; `deadline` in seconds."""

    name: str
    url: str
    token_file: Path
    deadline: float = 10.0

    @classmethod
    def of(cls, config: Config) -> AdminClient:
        """Find the API of the gateway that runs with this configuration."""
        return cls(config.gateway.name, f"http://{config.admin.host}:{config.admin.port}", config.admin.token_file)

    def get(self, path: str, **query: object) -> Any:
        """Read a resource; None if there is none. The path is given as it is read: quoting is done here."""
        return self._call("GET", path, None, query)

    def post(self, path: str, body: bytes) -> Any:
        """Send a resource."""
        return self._call("POST", path, body, {})

    def _call(self, method: str, path: str, body: bytes | None, query: dict[str, object]) -> Any:
        if not self.token_file.is_file():
            raise Unreachable(
                f"{self.name}: no token at {self.token_file}; is the gateway running, from this directory?"
            )
        headers = {"Authorization": f"Bearer {self.token_file.read_text().strip()}"}
        url = f"{self.url}/v1/{quote(path)}{f'?{urlencode(query)}' if query else ''}"
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self.deadline) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = _reason(error)
            if error.code == 404 and method == "GET":
                return None
            if error.code == 401:
                text = f"{self.url} does not take the token of {self.token_file}: it runs with another state; name its file with -c"
            if error.code in (502, 503):  # it could not ask, or could not store
                raise Unreachable(f"{self.name}: {text}") from None
            raise CommandFailed(f"{self.name}: {text}", 1) from None
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise Unreachable(f"{self.name}: no answer from {self.url} ({reason})") from None
        except (http.client.HTTPException, ValueError):
            raise Unreachable(f"{self.name}: what answers at {self.url} is no admin API") from None


def _reason(error: urllib.error.HTTPError) -> str:
    """Give the reason that an error bears; another kind of server may stand there, which says nothing in our form."""
    try:
        return str(json.load(error)["error"])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return f"HTTP {error.code}, no reason given"
