"""Common cases: envelope, headers, SOAPAction, media type and faults as SOAP 1.1 and WS-I have them."""

from __future__ import annotations

from gateway.contract.document import ROUTING
from gateway.soap.faults import SOAP11, SOAP12
from stubs.partnerkit.case import CaseList, Severity
from stubs.partnerkit.common.answers import expect_good
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

SOAP = CaseList()

_BODY_HINT = Text("按Body中元素的{命名空间}名称选择操作", "choose the operation by {namespace}name of the element in the Body")


@SOAP.case(
    40, "未知的操作: fault", "an unknown operation is answered by a fault",
    rule=Text("契约没有的操作以fault Client答复", "an operation that the contract does not have is answered by a fault Client"),
    source="SOAP 1.1 4.4.1; WS-I BP 1.1 R2724", severity=Severity.MAJOR, hint=_BODY_HINT,
)  # fmt: skip
async def unknown_operation(probe: Probe) -> None:
    """Call the first operation by another name."""
    operation = probe.operations[0]
    text = probe.text(operation).replace(f":{operation}>", ":noSuchOperation>")
    answer = await probe.raw(operation, text, {"SOAPAction": '""'}, "noSuchOperation")
    probe.expect_fault(answer, "未知的操作", "an unknown operation", "Client")


@SOAP.case(
    41, "命名空间不对: fault", "a wrong namespace is answered by a fault",
    rule=Text(
        "操作由{命名空间}名称确定; 另一版本的契约是另一个操作",
        "an operation is known by {namespace}name: the contract's next version has other ones",
    ),
    source="WSDL; WS-I BP 1.1 R2712", severity=Severity.MAJOR, hint=_BODY_HINT,
)  # fmt: skip
async def wrong_namespace(probe: Probe) -> None:
    """Call the first operation in a namespace that is like the contract's."""
    operation, space = probe.operations[0], probe.contract.namespace
    text = probe.text(operation).replace(f'"{space}"', f'"{space}00"')
    answer = await probe.raw(operation, text, {"SOAPAction": '""'}, "another namespace")
    probe.expect_fault(answer, "命名空间不对的请求", "a request in another namespace", "Client")


@SOAP.case(
    42, "SOAPAction可以为空或缺少", "SOAPAction may be empty or missing",
    rule=Text(
        "SOAPAction只是提示: 带引号, 不带引号, 为空或没有, 都要应答",
        "SOAPAction is a hint: in quotes or without, empty or missing, the request is answered",
    ),
    source="SOAP 1.1 6.1.1; WS-I BP 1.1 R1119, R1109", severity=Severity.MAJOR, hint=_BODY_HINT,
)  # fmt: skip
async def soap_action(probe: Probe) -> None:
    """Send the first operation's good sample with each form."""
    operation = probe.operations[0]
    bare = probe.contract.operations[operation].action
    for title, action in (("SOAPAction empty", '""'), ("SOAPAction missing", None), ("SOAPAction without quotes", bare)):
        expect_good(probe, await probe.raw(operation, probe.text(operation), {"SOAPAction": action}, title))


@SOAP.case(
    43, "SOAPAction与Body不一致", "SOAPAction names another operation than the Body",
    rule=Text(
        "要么以fault拒绝, 要么执行Body中的操作; 不得执行SOAPAction中的操作",
        "it is refused by a fault, or the Body's operation is carried out: never the one that SOAPAction names",
    ),
    source="SOAP 1.1 6.1.1; WS-I BP 1.1 R1109", severity=Severity.MAJOR, hint=_BODY_HINT,
)  # fmt: skip
async def wrong_action(probe: Probe) -> None:
    """Send the first operation's good sample under the action of the last."""
    first, last = probe.operations[0], probe.operations[-1]
    if first == last:
        probe.skip("契约只有一个操作", "the contract has one operation")
    action = f'"{probe.contract.operations[last].action}"'
    answer = await probe.raw(first, probe.text(first), {"SOAPAction": action}, f"SOAPAction of {last}")
    if answer.fault is None:
        probe.expect_answer(answer)


@SOAP.case(
    44, "不理解的mustUnderstand头部: fault", "a header that must be understood and is not is answered by a fault",
    rule=Text(
        "mustUnderstand为1而不理解的头部: fault MustUnderstand, 什么也不做",
        "a header block marked mustUnderstand that is not understood: a fault MustUnderstand, and nothing is done",
    ),
    source="SOAP 1.1 4.2.3; WS-I BP 1.1 R1025, R1027",
    severity=Severity.MAJOR,
    hint=Text(
        "处理Body之前检查所有头部; 多数框架会自动做, 手写的服务端要自己做",
        "look through all header blocks before the Body; frameworks do it, a server of your own must",
    ),
)  # fmt: skip
async def must_understand(probe: Probe) -> None:
    """Send a header block that nobody knows."""
    operation = probe.operations[0]
    block = f'<k:Unknown xmlns:k="urn:vas:kit" xmlns:e="{SOAP11}" e:mustUnderstand="1">1</k:Unknown>'
    answer = await probe.raw(operation, probe.text(operation, blocks=block), title="mustUnderstand")
    probe.expect_fault(answer, "不理解的mustUnderstand头部", "a header that must be understood", "MustUnderstand")


@SOAP.case(
    45, "其他头部可以忽略", "other headers may be passed over",
    rule=Text(
        "网关会加Routing头部, 将来可能有别的: 没有mustUnderstand的头部不影响应答",
        "the gateway adds a Routing block, and there may be others: without mustUnderstand they change nothing",
    ),
    source="SOAP 1.1 4.2; wsdl/README.md: Routing",
    severity=Severity.CRITICAL,
    hint=Text("忽略不认识的头部", "pass over header blocks that you do not know"),
)  # fmt: skip
async def headers_ignored(probe: Probe) -> None:
    """Send each operation's good sample with a Routing block and one that nobody knows."""
    codec = probe.samples.codec
    for operation in probe.operations:
        routing = codec.by_element[ROUTING].type(
            TraceId=f"kit-{probe.samples.stamp()}", OriginSystem=probe.role.caller, OriginProvince=probe.data.province,
            HopCount=1, Section=None,
        )
        blocks = codec.by_element[ROUTING].encode(routing)
        unknown = f'<k:Unknown xmlns:k="urn:vas:kit" xmlns:e="{SOAP11}" e:mustUnderstand="0">1</k:Unknown>'
        expect_good(probe, await probe.raw(operation, probe.text(operation, blocks=blocks + unknown), title=f"{operation} with headers"))


@SOAP.case(
    46, "SOAP 1.2的信封在text/xml中: 拒绝", "an envelope of SOAP 1.2 in text/xml is refused",
    rule=Text(
        "信封的命名空间不对: fault VersionMismatch, 或HTTP 4xx",
        "a wrong namespace of the envelope: a fault VersionMismatch, or HTTP 4xx",
    ),
    source="SOAP 1.1 4.1.2; WS-I BP 1.1 R1015",
    severity=Severity.MINOR,
    hint=Text("检查信封的命名空间", "check the namespace of the Envelope"),
)  # fmt: skip
async def wrong_version(probe: Probe) -> None:
    """Send a SOAP 1.2 envelope as if it were 1.1."""
    operation = probe.operations[0]
    answer = await probe.raw(operation, probe.text(operation).replace(SOAP11, SOAP12), title="SOAP 1.2 in text/xml")
    status = answer.exchange.status or 0
    if status < 400:
        zh = f"应以fault或HTTP 4xx拒绝, 实际HTTP {status}"
        probe.expect(False, zh, f"must be refused by a fault or HTTP 4xx, found HTTP {status}", answer)


@SOAP.case(
    47, "应答的媒体类型和状态", "media type and status of answers",
    rule=Text(
        "SOAP 1.1的应答: HTTP 200, Content-Type text/xml, charset与字节一致",
        "an answer of SOAP 1.1 has HTTP 200 and Content-Type text/xml with the charset of its bytes",
    ),
    source="SOAP 1.1 6; WS-I BP 1.1 R1111, R1124",
    severity=Severity.MAJOR,
    hint=Text("设置Content-Type: text/xml; charset=utf-8", "set Content-Type: text/xml; charset=utf-8"),
)  # fmt: skip
async def media_type(probe: Probe) -> None:
    """Look at the answer of each operation."""
    for operation in probe.operations:
        answer = await probe.ask(operation)
        if not probe.expect_answer(answer):
            continue
        told = (answer.exchange.answer_headers or {}).get("content-type", "")
        zh, en = f"{operation}: Content-Type是 {told}, 应为 text/xml", f"{operation}: Content-Type is {told}, expected text/xml"
        probe.expect(told.partition(";")[0].strip().lower() == "text/xml", zh, en, answer)
