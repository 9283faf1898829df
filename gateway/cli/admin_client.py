"""Speaks to the admin API of a running gateway, found through its configuration."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

    def get(self, path: str) -> Any:
        """Read a resource; None if there is none."""
        return self._call("GET", path, None)

    def post(self, path: str, body: bytes) -> Any:
        """Send a resource."""
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: bytes | None) -> Any:
        if not self.token_file.is_file():
            raise Unreachable(
                f"{self.name}: no token at {self.token_file}; is the gateway running, from this directory?"
            )
        headers = {"Authorization": f"Bearer {self.token_file.read_text().strip()}"}
        request = urllib.request.Request(f"{self.url}/v1/{path}", data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self.deadline) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = json.loads(error.read() or b"{}").get("error", "no reason given")
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
