"""A gateway without wire that is asked through its admin API, as `vsopgw recon` asks it, without sockets."""

from __future__ import annotations

import io
import json

import msgspec
from office import GROUP, JIANGXI, Office
from twisted.web.test.requesthelper import DummyRequest
from wires import Wire

from gateway.admin.api import AdminApi
from gateway.cli.errors import CommandFailed, Unreachable
from gateway.contract import Codec, load_contract
from gateway.domain.party import Address, Party
from gateway.errors import Temporary
from gateway.resources import contracts_dir

ISMP_CODEC = Codec(load_contract(contracts_dir() / "ismp.wsdl"))
ISMP_M = Address(Party.ISMP, "204")


class LocalClient:
    """Stands in for AdminClient: the same answers, the same failures."""

    name = "here"

    def __init__(self, desk) -> None:
        self._api = AdminApi(desk, "t", dict)

    def ask(self, method, path, body=b""):
        """Give status and answer."""
        request = DummyRequest([])
        request.method, request.path, request._disconnected = method.encode(), f"/v1/{path}".encode(), False
        request.content = io.BytesIO(body)
        request.requestHeaders.addRawHeader(b"authorization", b"Bearer t")
        self._api.render(request)
        assert request.finished == 1
        return request.responseCode, json.loads(b"".join(request.written))

    def get(self, path):
        status, answer = self.ask("GET", path)
        return self._judged(status, answer) if status != 404 else None

    def post(self, path, body):
        return self._judged(*self.ask("POST", path, body))

    def _judged(self, status, answer):
        if status in (502, 503):
            raise Unreachable(answer["error"])
        if status != 200:
            raise CommandFailed(answer["error"], 1)
        return answer


class ReconOffice(Office):
    """A gateway with its client; `at_ismp` is what ISMP holds, by number: rows of (product, status), or an error."""

    def __init__(self, place=JIANGXI, **more) -> None:
        super().__init__(place, **more)
        self.client = LocalClient(self.desk)
        self.at_ismp: dict[str, list[tuple[str, str]] | Temporary] = {}
        self.lines[ISMP_M, "ismp"] = self.ismp = Wire(ISMP_CODEC, self._answer)

    async def _answer(self, operation, request, routing):
        held = self.at_ismp.get(request.UserID, [])
        if isinstance(held, Temporary):
            raise held
        infos = [ISMP_CODEC["SubInfo"](ProductID=p, Status=s, SubscribeTime="20261001120000") for p, s in held]
        return ISMP_CODEC["getSubscriptionResponse"](
            StreamingNo=request.StreamingNo, ResultCode="0", ResultDesc="ok", SubInfo=infos
        )

    def post(self, path, value):
        """Give status and answer of a POST."""
        return self.client.ask("POST", path, msgspec.json.encode(value))


def province(**more) -> ReconOffice:
    """Jiangxi."""
    return ReconOffice(JIANGXI, **more)


def group() -> ReconOffice:
    """The group."""
    return ReconOffice(GROUP)
