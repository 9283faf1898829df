"""Portals, clerks and operators who are patient: whoever gets no answer asks again, the same under the same numbers.

A gateway that was killed comes back; what its callers are told in the end is what counts. Knows nothing of what is asked.
"""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

import requests
import zeep.exceptions

from gateway.cli.admin_client import AdminClient
from gateway.cli.errors import Unreachable
from gateway.cli.play import Player

PATIENCE = 20.0
"""Seconds."""

NOT_READY = 503


class PatientPlayer(Player):
    """A player whose messages are repeated until they are answered."""

    def client(self, base: str, contract: str) -> Any:
        """Give a client of a contract."""
        client = super().client(base, contract)
        return client if isinstance(client, _PatientClient) else self._keep(base, contract, client)

    def _keep(self, base: str, contract: str, client: Any) -> Any:
        patient = self._clients[f"{base}/services/{contract}?wsdl"] = _PatientClient(client)
        return patient


class _PatientClient:
    def __init__(self, client: Any) -> None:
        self._client = client
        self.service = self

    def __getitem__(self, operation: str) -> Any:
        def ask(**fields: Any) -> Any:
            until = time.monotonic() + PATIENCE
            while True:
                try:
                    return self._client.service[operation](**fields)
                except (requests.RequestException, zeep.exceptions.TransportError) as error:
                    refused = isinstance(error, zeep.exceptions.TransportError) and error.status_code != NOT_READY
                    if refused or time.monotonic() > until:
                        raise
                    time.sleep(0.02)

        return ask


class PatientAdmin(AdminClient):
    """An operator's client of a gateway that may be starting anew."""

    def _call(self, *asked: Any) -> Any:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return AdminClient._call(self, *asked)
            except (Unreachable, OSError, http.client.HTTPException, json.JSONDecodeError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
