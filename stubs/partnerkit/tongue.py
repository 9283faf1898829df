"""How a role's messages are written and read: by the contract as it stands, or in a tongue that a role brings along."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.soap.faults import SOAP11
from gateway.soap.peer import Seal
from stubs.partnerkit.exchange import Answer, Exchange, read_answer

CONTENT_TYPE = "text/xml; charset=utf-8"


class Tongue(Protocol):
    """A form of the messages of one contract."""

    def write(self, operation: str, message: Message, blocks: str = "") -> str:
        """Give the whole envelope; `blocks` are header blocks."""

    def headers(self, operation: str) -> dict[str, str]:
        """Give the HTTP headers that belong to an operation."""

    def read(self, operation: str, exchange: Exchange) -> Answer:
        """Read what came back."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The contract as it stands: document/literal in SOAP 1.1. A `seal` adds credentials."""

    codec: Codec
    seal: Seal | None = None
    wsdl: Path | None = None
    """Not needed: the codec has read the contract."""

    def write(self, operation: str, message: Message, blocks: str = "") -> str:
        """Give the whole envelope, as gateway.soap.peer writes it."""
        opening = f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{SOAP11}"{self.codec.namespace_declarations()}>'
        content = self.codec.by_element[self.codec.contract.operations[operation].request].encode(message)
        if self.seal is not None:
            return self.seal(opening, blocks, content)
        header = blocks and f"<s:Header>{blocks}</s:Header>"
        return f"{opening}{header}<s:Body>{content}</s:Body></s:Envelope>"

    def headers(self, operation: str) -> dict[str, str]:
        """Give media type and SOAPAction."""
        return {"Content-Type": CONTENT_TYPE, "SOAPAction": f'"{self.codec.contract.operations[operation].action}"'}

    def read(self, operation: str, exchange: Exchange) -> Answer:
        """Read an answer by the contract."""
        return read_answer(self.codec, operation, exchange)
