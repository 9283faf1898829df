"""The messages of IsmpSpEngine, which a content partner (SP) serves: typed activations written as relation notices, and read back.

Must not know what a case wants.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.legacy.dialect import Dialect
from gateway.legacy.mapping import text_of
from gateway.legacy.profile import ISMP_SP, dialects
from gateway.legacy.table import Known, Mapped
from gateway.legacy.wires import envelope, opening
from gateway.soap.envelope import parse_envelope, parse_xml
from gateway.soap.faults import SoapFault, Version
from gateway.soap.peer import ANSWER_LIMITS, Seal
from stubs.partnerkit.exchange import Answer, Exchange, read_answer
from stubs.partnerkit.texts import Text
from stubs.partnerkit.tongue import CONTENT_TYPE

ACTION = "serverAction"
"""The typed operation that a notice stands for."""


@dataclass(frozen=True, slots=True)
class SpTongue:
    """Document/literal bare, as the engine's WSDL says."""

    codec: Codec
    seal: Seal | None
    wsdl: Path
    dialect: Dialect = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dialect", dialects(self.wsdl)[ISMP_SP])

    @property
    def mapped(self) -> Mapped:
        """The table that leads from the typed operation to the notice and back."""
        return self.dialect.calls(self.codec.contract.name, ACTION)[0]

    def write(self, operation: str, message: Message, blocks: str = "") -> str:
        """Give the notice of one product; raises SoapFault for what it cannot say."""
        typed = self.codec.by_element[self.codec.contract.operations[operation].request].encode(message)
        tree = parse_xml(f"<m{self.codec.namespace_declarations()}>{typed}</m>".encode(), "utf-8")[0]
        content, _ = self.dialect.wire.write_request(self.mapped, self.dialect.old_request(self.mapped, tree))
        if self.seal is not None:
            return self.seal(opening(Version.V11), blocks, content)
        return envelope(Version.V11, content, blocks).decode()

    def headers(self, operation: str) -> dict[str, str]:
        """Give media type and the empty SOAPAction."""
        return {"Content-Type": CONTENT_TYPE, "SOAPAction": '""'}

    def read(self, operation: str, exchange: Exchange) -> Answer:
        """Read an answer, bare or in the rpc form; faults and what is no SOAP are read as of every partner."""
        if exchange.trouble is not None or exchange.status != 200:
            return read_answer(self.codec, operation, exchange)
        charset = (exchange.answer_headers or {}).get("content-type", "").lower().partition("charset=")[2].split(";")[0].strip(" \"'")
        try:
            body = parse_envelope(exchange.answer, charset or None, frozenset(), ANSWER_LIMITS, Version.V11).body
            old = self.dialect.wire.answer(body, self.mapped)
            typed = self.dialect.typed_answer(self.mapped, old, self.codec.contract, _nothing)
        except SoapFault as fault:
            what = "orderRelationUpdateNotifyReturn"
            return _problem(exchange, operation, f"应答不是{what}: {fault.text('zh')}", f"no {what}: {fault.text('en')}")
        number = text_of(typed, "StreamingNo")
        if not self.codec.contract.validator.validate(typed):
            what = f"streamingNo {number[:60]}, resultCode {text_of(typed, 'ResultCode')}"
            return _problem(exchange, operation, f"应答的字段不符合规定: {what}", f"fields of the answer are not of their form: {what}")
        element = self.codec.contract.operations[operation].response
        return Answer(exchange, operation, message=self.codec.by_element[element].decode(typed))


def _problem(exchange: Exchange, operation: str, zh: str, en: str) -> Answer:
    return Answer(exchange, operation, problem=Text(zh, en), places=("resultCode", "streamingNo"))


def _nothing(known: Known) -> str:
    """Answers carry everything themselves."""
    raise LookupError(known)
