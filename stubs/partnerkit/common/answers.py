"""Common cases: every operation is there, answers by the contract, and echoes the number of its request."""

from __future__ import annotations

from lxml import etree

from gateway.contract.document import WSDL
from gateway.soap.envelope import parse_xml
from gateway.soap.faults import SoapFault
from gateway.soap.peer import ANSWER_LIMITS
from stubs.partnerkit.case import CaseList, Severity
from stubs.partnerkit.exchange import Answer, Exchange
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

ANSWERS = CaseList()


def expect_good(probe: Probe, answer: Answer) -> bool:
    """Expect what a good sample is answered with: 0, or any code where it depends on what was before."""
    return probe.expect_answer(answer) if answer.operation in probe.role.unsure else probe.expect_result(answer, "0")


@ANSWERS.case(
    1, "每个操作都按契约应答", "every operation answers by the contract",
    rule=Text(
        "契约中的每个操作都要实现; 应答是契约规定的元素, 字段的名称, 次序和格式都与契约一致",
        "each operation of the contract is there, and answers with the element, fields, order and forms that the contract has",
    ),
    source="WSDL: portType and schema; WS-I BP 1.1 R2729",
    severity=Severity.CRITICAL,
    hint=Text(
        "由WSDL生成服务端骨架(JAX-WS, gSOAP等)比手写XML可靠; 每个操作都要有实现, 不能抛出异常",
        "let a tool make the server's skeleton from the WSDL instead of writing XML by hand; no operation may end in an exception",
    ),
)  # fmt: skip
async def every_operation_answers(probe: Probe) -> None:
    """Ask each operation once, with its good sample."""
    for operation in probe.operations:
        expect_good(probe, await probe.ask(operation))


@ANSWERS.case(
    2, "应答带回请求的流水号", "the answer echoes the request's StreamingNo",
    rule=Text("应答的StreamingNo就是请求的StreamingNo", "StreamingNo of an answer is that of its request"),
    source="vas-types.xsd StreamingNo",
    severity=Severity.CRITICAL,
    hint=Text(
        "原样返回请求中的StreamingNo; 不要生成新的, 不要截短, 不要当作数字处理(前导零, 60位)",
        "give back StreamingNo as it came: no new one, not cut, never as a number (leading zeros, 60 characters)",
    ),
)  # fmt: skip
async def streaming_number_is_echoed(probe: Probe) -> None:
    """Ask each operation under a usual number, and the first also under one of 60 characters that begins with zeros."""
    first = probe.operations[0]
    answers = [await _echoes(probe, operation) for operation in probe.operations]
    answers.append(await _echoes(probe, first, StreamingNo=probe.request(first).StreamingNo.rjust(60, "0")))
    if all(answer.message is None for answer in answers):
        probe.expect_answer(answers[0])  # nothing was echoed at all


async def _echoes(probe: Probe, operation: str, **fields: str) -> Answer:
    request = probe.request(operation, **fields)
    answer = await probe.ask(operation, request)
    if answer.message is None:
        return answer  # that each must answer is another case
    probe.expect(
        answer.message.StreamingNo == request.StreamingNo,
        f"{operation}: 应答的StreamingNo是 {answer.message.StreamingNo}, 请求的是 {request.StreamingNo}",
        f"{operation}: the answer's StreamingNo is {answer.message.StreamingNo}, the request's {request.StreamingNo}",
        answer, marks=("StreamingNo",),
    )  # fmt: skip
    return answer


@ANSWERS.case(
    3, "?wsdl就是契约", "?wsdl shows the contract",
    rule=Text(
        "若在?wsdl提供WSDL, 其命名空间和操作与契约一致",
        "where a WSDL is shown at ?wsdl, its namespace and operations are those of the contract",
    ),
    source="WSDL 1.1; wsdl/ of this project",
    severity=Severity.MINOR,
    hint=Text(
        "直接发布契约文件, 不要发布框架由代码推导出的WSDL",
        "publish the file of the contract, not what a framework derives from code",
    ),
)  # fmt: skip
async def wsdl_is_the_contract(probe: Probe) -> None:
    """Get ?wsdl; an endpoint that shows none is not judged."""
    seen = await probe.get("wsdl")
    if seen.status != 200 or "xml" not in (seen.answer_headers or {}).get("content-type", ""):
        probe.skip("对端不在?wsdl提供契约", "the partner shows no contract at ?wsdl")
    root = _read(probe, seen)
    space = root.get("targetNamespace")
    probe.expect(
        space == probe.contract.namespace,
        f"targetNamespace是 {space}, 契约规定 {probe.contract.namespace}",
        f"targetNamespace is {space}, the contract has {probe.contract.namespace}",
        seen, marks=("definitions",),
    )  # fmt: skip
    shown = {str(node.get("name")) for node in root.iterfind(f"{{{WSDL}}}portType/{{{WSDL}}}operation")}
    missing = [name for name in probe.operations if name not in shown]
    if shown:  # a document may leave the portType to another that it imports
        zh, en = f"缺少操作 {', '.join(missing)}", f"operations are missing: {', '.join(missing)}"
        probe.expect(not missing, zh, en, seen, marks=("portType",))


def _read(probe: Probe, seen: Exchange) -> etree._Element:
    try:
        root = parse_xml(seen.answer, None, ANSWER_LIMITS)
    except SoapFault as fault:
        probe.require(False, f"?wsdl无法读取: {fault.text('zh')}", f"?wsdl cannot be read: {fault.text('en')}", seen)
        raise
    probe.require(root.tag == f"{{{WSDL}}}definitions", "?wsdl不是WSDL 1.1", "?wsdl is no WSDL 1.1", seen)
    return root


SOON = 3.0
"""Seconds: what a user at a counter still takes for an answer, and a fifth of what the gateway waits."""


@ANSWERS.case(
    4, "及时应答", "answers come in good time",
    rule=Text(
        f"每个操作在{SOON:g}秒内应答; 需要更久的工作先应答\"已受理\", 再回调",
        f"each operation answers within {SOON:g} s; what takes longer is accepted first and reported later",
    ),
    source="docs/parties: time limits of a call",
    severity=Severity.MINOR,
    hint=Text(
        "不要在应答之前等待其他系统; 先保存请求, 应答后再做",
        "do not wait for other systems before you answer: keep the request, answer, then work",
    ),
)  # fmt: skip
async def answers_come_in_time(probe: Probe) -> None:
    """Look at how long each operation takes."""
    for operation in probe.operations:
        answer = await probe.ask(operation)
        seconds = answer.exchange.seconds
        if answer.exchange.trouble is not None:
            probe.expect_answer(answer)
        zh, en = f"{operation}: 应答用了{seconds:.1f}秒", f"{operation}: the answer took {seconds:.1f} s"
        probe.expect(seconds <= SOON, zh, en, answer)
