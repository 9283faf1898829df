"""Common cases: the longest messages that the contract allows, those beyond, and many requests at once."""

from __future__ import annotations

from typing import Any

from gateway.contract.schema import Field
from stubs.partnerkit.case import CaseList, Severity
from stubs.partnerkit.damage import with_content
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

LIMITS = CaseList()
MOST = 100
"""Parts that are sent at most where the contract allows more."""


@LIMITS.case(
    50, "契约允许的最长报文", "the longest message that the contract allows",
    rule=Text(
        "重复字段达到契约允许的次数, 流水号60位: 正常应答",
        "as many repeated parts as the contract allows, and a StreamingNo of 60 characters: it is answered",
    ),
    source="XSD of the contract: maxOccurs, StreamingNo",
    severity=Severity.MAJOR,
    hint=Text(
        "按契约的上限分配字段长度和列表; 数据库的列要够长",
        "give fields, lists and columns of a table the room that the contract allows",
    ),
)  # fmt: skip
async def longest(probe: Probe) -> None:
    """Fill the first field of each operation that repeats; where none does, only the number is long."""
    repeated = {operation: _repeated(probe, operation) for operation in probe.operations}
    if not any(repeated.values()):
        first = probe.operations[0]
        probe.expect_answer(await probe.ask(first, StreamingNo=probe.request(first).StreamingNo.ljust(60, "0")))
    for operation, field in repeated.items():
        if field is None:
            continue
        number = probe.request(operation).StreamingNo.ljust(60, "0")
        fields: dict[str, Any] = {field.name: _parts(probe, operation, field, field.maximum or MOST)}
        probe.expect_answer(await probe.ask(operation, StreamingNo=number, **fields))


@LIMITS.case(
    51, "超过契约的长度: 拒绝", "what is longer than the contract allows is refused",
    rule=Text(
        "61位的流水号, 多一个的列表: 拒绝, 不得截短",
        "a StreamingNo of 61 characters, a list with one part too many: refused, never cut",
    ),
    source="XSD of the contract: maxOccurs, StreamingNo",
    severity=Severity.MINOR,
    hint=Text("用XSD校验; 不要截短后存入", "validate by the XSD; do not cut what you keep"),
)  # fmt: skip
async def too_long(probe: Probe) -> None:
    """Send one character, and one part, too many."""
    for operation in probe.operations:
        text = with_content(probe.text(operation), "StreamingNo", probe.request(operation).StreamingNo.ljust(61, "0"))
        probe.expect_refused(await probe.raw(operation, text), "61位的流水号", "a StreamingNo of 61 characters")
        field = _repeated(probe, operation)
        if field is not None and field.maximum is not None and field.maximum <= MOST:
            more = {field.name: _parts(probe, operation, field, field.maximum + 1)}
            zh, en = f"{field.maximum + 1}个{field.name}", f"{field.maximum + 1} times {field.name}"
            probe.expect_refused(await probe.ask(operation, **more), zh, en)


def _repeated(probe: Probe, operation: str) -> Field | None:
    fields = probe.samples.type_of(operation).fields
    return next((each for each in fields if each.repeated and each.minimum and each.complex_type is not None), None)


def _parts(probe: Probe, operation: str, field: Field, count: int) -> list[Any]:
    """Make parts that name different products, so that none is there twice."""
    assert field.complex_type is not None
    names = {each.name for each in field.complex_type.fields} & {"VProductID", "ProductID"}
    product = probe.data.product[:21]
    made = []
    for place in range(count):
        fields = dict.fromkeys(names, f"{product}-{place:03d}")
        made.append(probe.samples.part(field.complex_type.name, **fields))
    return made


AT_ONCE = 10


@LIMITS.case(
    52, "同时到达的请求不会混淆", "requests at once are not mixed up",
    rule=Text(
        f"同时到达{AT_ONCE}个请求: 每个都得到自己的应答",
        f"{AT_ONCE} requests come at once: each gets an answer of its own",
    ),
    source="vas-types.xsd StreamingNo; RFC 9112 9.3",
    severity=Severity.CRITICAL,
    hint=Text(
        "不要把请求的内容放在单例的成员变量或静态变量中",
        "keep nothing of a request in members of a singleton, or in static variables",
    ),
)  # fmt: skip
async def at_once(probe: Probe) -> None:
    """Send good samples of the operations in turn, each on a connection of its own, and look whose number comes back."""
    asked = [probe.operations[place % len(probe.operations)] for place in range(AT_ONCE)]
    requests = [probe.request(operation) for operation in asked]
    texts = [(operation, probe.text(operation, request)) for operation, request in zip(asked, requests, strict=True)]
    numbers = {request.StreamingNo for request in requests}
    for request, answer in zip(requests, await probe.together(*texts), strict=True):
        if not probe.expect_answer(answer) or answer.message is None:
            continue
        told = answer.message.StreamingNo
        mixed = told != request.StreamingNo and told in numbers
        zh, en = f"应答的流水号 {told} 属于另一个请求", f"the answer's StreamingNo {told} is another request's"
        probe.expect(not mixed, zh, en, answer, marks=("StreamingNo",))


@LIMITS.case(
    53, "同一连接上的多个请求", "several requests on one connection",
    rule=Text(
        "网关保持连接: 同一连接上依次发送的请求都要应答, 或在应答中说明关闭连接",
        "the gateway keeps connections: requests that follow each other on one are all answered, or the answer says that it closes",
    ),
    source="RFC 9112 9.3, 9.6",
    severity=Severity.MAJOR,
    hint=Text(
        "应答要有正确的Content-Length; 关闭连接前发送Connection: close",
        "give answers their right Content-Length; say Connection: close before you close",
    ),
)  # fmt: skip
async def kept_connection(probe: Probe) -> None:
    """Send twelve good samples one after the other."""
    for place in range(12):
        operation = probe.operations[place % len(probe.operations)]
        answer = await probe.ask(operation)
        if answer.exchange.trouble is not None:
            probe.expect_answer(answer)
            return
