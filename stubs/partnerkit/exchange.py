"""One message and its answer as they travelled, and what the answer means by the contract.

Must not know how messages travel, or what a case wants of an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.contract.document import CONTRACT_FAULT, ROUTING, TYPES_NAMESPACE
from gateway.errors import CONTRACT_BROKEN
from gateway.soap.envelope import parse_envelope
from gateway.soap.faults import SOAP11, Side, SoapFault, Version
from gateway.soap.http_client import Reason
from gateway.soap.peer import ANSWER_LIMITS
from gateway.soap.violations import violations
from stubs.partnerkit.texts import Text


@dataclass(slots=True)
class Exchange:
    """What went out and what came back; of a callback, what came in and what the kit said."""

    title: str
    """The operation, or what it was."""
    target: str
    """Method and path."""
    headers: dict[str, str]
    request: bytes
    at: str = ""
    """ISO 8601."""
    status: int | None = None
    answer_headers: dict[str, str] | None = None
    answer: bytes = b""
    trouble: Reason | None = None
    """Why there is no answer."""
    seconds: float = 0.0
    incoming: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault: its code without prefix (Client, Server ...), its text, and the number of our own detail if it has one."""

    code: str
    text: str
    number: str
    """Empty if there is no ContractFault."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was read: exactly one of `message`, `fault` and `problem` is there."""

    exchange: Exchange
    operation: str
    message: Message | None = None
    fault: Fault | None = None
    problem: Text | None = None
    """Why it is neither a message of the contract nor a fault."""
    places: tuple[str, ...] = ()
    """Elements in which it breaks its contract."""

    @property
    def name(self) -> str:
        """What it answers: the operation, and in which form it was sent if that was not the usual one."""
        title = self.exchange.title
        return self.operation if title == self.operation else f"{self.operation} ({title})"

    @property
    def code(self) -> str:
        """ResultCode; empty if there is no message."""
        return "" if self.message is None else str(self.message.ResultCode)

    @property
    def refused(self) -> bool:
        """Whether it is a fault, or a ResultCode other than 0."""
        return self.fault is not None or self.code not in ("", "0")


def read_answer(codec: Codec, operation: str, exchange: Exchange) -> Answer:
    """Read an answer as the gateway reads it (gateway.soap.peer), but say what is wrong with it."""
    described = codec.contract.operations[operation]
    if exchange.trouble is not None:
        return Answer(exchange, operation, problem=no_answer(exchange))
    content_type = (exchange.answer_headers or {}).get("content-type", "").lower()
    if "xml" not in content_type:
        return _problem(
            exchange, operation,
            f"应答不是SOAP: HTTP {exchange.status}, Content-Type为 {content_type[:60] or '空'}, 应为 text/xml",
            f"the answer is not SOAP: HTTP {exchange.status}, Content-Type is {content_type[:60] or 'missing'}, expected text/xml",
        )  # fmt: skip
    charset = content_type.partition("charset=")[2].split(";")[0].strip(" \"'")
    try:
        envelope = parse_envelope(exchange.answer, charset or None, frozenset({ROUTING}), ANSWER_LIMITS, Version.V11)
    except SoapFault as fault:
        return _problem(exchange, operation, f"应答无法读取: {fault.text('zh')}", f"the answer cannot be read: {fault.text('en')}")
    body = envelope.body
    if body.tag == f"{{{SOAP11}}}Fault":
        number = body.findtext(f"detail/{CONTRACT_FAULT}/{{{TYPES_NAMESPACE}}}Code") or ""
        code = (body.findtext("faultcode") or "").strip().rpartition(":")[2]
        return Answer(exchange, operation, fault=Fault(code, body.findtext("faultstring") or "", number))
    if exchange.status != 200:
        return _problem(
            exchange, operation,
            f"HTTP状态是 {exchange.status}; 普通应答应为200, 500只用于fault",
            f"HTTP status {exchange.status}; an answer has 200, and 500 is for faults",
        )  # fmt: skip
    tag = str(body.tag)
    if tag != described.response:
        zh, en = f"Body中的元素是 {tag}, 契约规定 {described.response}", f"the Body holds {tag}, the contract says {described.response}"
        return Answer(exchange, operation, problem=Text(zh, en), places=(tag.rpartition("}")[2],))
    validator = codec.contract.validator
    if not validator.validate(body):
        found = violations(validator.error_log, body)
        said = SoapFault(CONTRACT_BROKEN, Side.RECEIVER, found)
        problem = Text(f"应答不符合契约: {said.text('zh')}", f"the answer breaks the contract: {said.text('en')}")
        return Answer(exchange, operation, problem=problem, places=tuple(one.field for one in found))
    return Answer(exchange, operation, message=codec.by_element[described.response].decode(body))


def _problem(exchange: Exchange, operation: str, zh: str, en: str) -> Answer:
    return Answer(exchange, operation, problem=Text(zh, en))


def no_answer(exchange: Exchange) -> Text:
    """Say why there is no answer."""
    assert exchange.trouble is not None
    words = _TROUBLES.get(exchange.trouble, Text("没有应答", "there is no answer"))
    seconds = f"{exchange.seconds:.1f}"
    return Text(words.zh.format(seconds), words.en.format(seconds))


_TROUBLES = {
    Reason.DEADLINE: Text("{}秒内没有(完整的)应答", "no whole answer within {} s"),
    Reason.LOST: Text("连接在应答之前断开", "the connection was closed before the answer was whole"),
    Reason.REFUSED: Text("端口拒绝连接: 进程是否在运行?", "the port refuses connections: is the process running?"),
    Reason.CONNECT_TIMEOUT: Text("连接超时", "no connection was made in time"),
    Reason.CONNECT_FAILED: Text("无法连接", "no connection could be made"),
    Reason.NO_ADDRESS: Text("找不到主机地址", "the host has no address"),
    Reason.TOO_LARGE: Text("应答没有尽头, 或超过1 MB", "the answer does not end, or is above 1 MB"),
    Reason.NOT_HTTP: Text("应答不是HTTP", "the answer is not HTTP"),
    Reason.ENCODED: Text("应答被压缩, 而请求没有要求压缩", "the answer is compressed, and nobody asked for that"),
    Reason.UNTRUSTED: Text("证书不被信任", "the certificate is not trusted"),
    Reason.TLS_REFUSED: Text("对端拒绝了我方的TLS或证书", "the partner refused our TLS or certificate"),
    Reason.TLS_FAILED: Text("TLS失败", "TLS failed"),
}
