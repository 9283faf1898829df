"""A client of the string profile, written by hand: documents by string, the outer message by Zeep from the served WSDL."""

from __future__ import annotations

import re
from functools import cache
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

import zeep
from lxml import etree

SERVICES = {"subscribeToVSOP": ("SubscribeReqSV", "SubscribeToVSOPReq")}
DIALECTS = {"channel": "legacy", "smshall": "legacy", "provisioning": "legacy", "ocs": "legacy", "billing": "legacy", "ismp": "ismp-crm"}


def spoken_old(values: dict[str, Any], stubs: str) -> dict[str, Any]:
    """Give the settings that make a gateway speak old forms with its partners; national platforms are told as partners (SP) are."""
    kinds = {key.removesuffix(".url"): key.split(".")[1] for key in values if key.startswith("partners.") and key.endswith(".url")}
    national = "partners.channel.211.url" not in values
    spoken = {place: DIALECTS[kind] for place, kind in kinds.items() if kind in DIALECTS}
    spoken["partners.xplatform.303"] = "ismp-sp" if national else "legacy"
    return {
        "legacy.serve": "true", **{f"{place}.dialect": dialect for place, dialect in spoken.items()},
        **{f"{place}.url": stubs for place in spoken},
    }  # fmt: skip


@cache
def _zeep(url: str) -> zeep.Client:
    return zeep.Client(url, settings=zeep.Settings(strict=True))


class OldClient:
    """Asks as `zeep.Client` does: `client.service.subscribeToVSOP(**fields)`."""

    def __init__(self, base: str) -> None:
        self._base = base

    @property
    def service(self) -> OldClient:
        return self

    def __getattr__(self, operation: str) -> Any:
        service, request = SERVICES[operation]

        def call(**fields: Any) -> SimpleNamespace:
            document = f"<Request><SessionBody><{request}>{_write(fields)}</{request}></SessionBody></Request>"
            told = getattr(_zeep(f"{self._base}/{service}?wsdl").service, operation)(request=document)
            return _read(told)

        return call


def _write(fields: dict[str, Any]) -> str:
    texts = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            texts.append(f"<{name}>{_write(one) if isinstance(one, dict) else escape(one)}</{name}>")
    return "".join(texts)


def _read(text: str) -> SimpleNamespace:
    """Read an answer; ResultCode is the number that the text names, where it names one, as the typed answer has it."""
    answer = etree.fromstring(text.encode())[0]
    fields = {node.tag: node.text or "" for node in answer if not len(node)}
    number = re.match(r"\[(\d+)\] ", fields["ResultDesc"])
    infos = [SimpleNamespace(**{field.tag: field.text or "" for field in node}) for node in answer if len(node)]
    return SimpleNamespace(
        ResultCode=number[1] if number else fields["ResultCode"], ResultDesc=fields["ResultDesc"], OldCode=fields["ResultCode"],
        StreamingNo=fields["StreamingNo"], ResultInfo=infos,
    )  # fmt: skip
