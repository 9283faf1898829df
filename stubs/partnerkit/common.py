"""Cases that every role must pass: they are made from the role's contract, and know no operation by name."""

from __future__ import annotations

from stubs.partnerkit.case import CaseList, Severity
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

ANSWERS = CaseList()


@ANSWERS.case(
    1, "每个操作都按契约应答", "every operation answers by the contract",
    rule=Text(
        "契约中的每个操作都要实现; 应答是契约规定的元素, 字段的名称, 次序和格式都与契约一致",
        "each operation of the contract is there, and answers with the element, fields, order and forms that the contract has",
    ),
    source="WSDL: portType and schema of the contract; WS-I BP 1.1 R2729",
    severity=Severity.CRITICAL,
    hint=Text(
        "由WSDL生成服务端骨架(JAX-WS, gSOAP等)比手写XML可靠; 每个操作都要有实现, 不能抛出异常",
        "let a tool make the server's skeleton from the WSDL instead of writing XML by hand; no operation may end in an exception",
    ),
)  # fmt: skip
async def every_operation_answers(probe: Probe) -> None:
    """Ask each operation once, with its good sample."""
    for operation in probe.operations:
        answer = await probe.ask(operation)
        if operation in probe.role.unsure:
            probe.expect_answer(answer)
        else:
            probe.expect_result(answer, "0")


@ANSWERS.case(
    2, "应答带回请求的流水号", "the answer echoes the request's StreamingNo",
    rule=Text("应答的StreamingNo就是请求的StreamingNo", "StreamingNo of an answer is that of its request"),
    source="vas-types.xsd: StreamingNo; the operator's message rules",
    severity=Severity.CRITICAL,
    hint=Text(
        "原样返回请求中的StreamingNo; 不要生成新的, 不要截短, 不要当作数字处理(前导零, 60位)",
        "give back StreamingNo as it came: no new one, not cut, never as a number (leading zeros, 60 characters)",
    ),
)  # fmt: skip
async def streaming_number_is_echoed(probe: Probe) -> None:
    """Ask each operation under a usual number, and the first under one of 60 characters."""
    for operation in probe.operations:
        await _echoes(probe, operation, {})
    await _echoes(probe, probe.operations[0], {"StreamingNo": probe.request(probe.operations[0]).StreamingNo.rjust(60, "0")})


async def _echoes(probe: Probe, operation: str, fields: dict[str, str]) -> None:
    request = probe.request(operation, **fields)
    answer = await probe.ask(operation, request)
    if answer.message is not None:
        probe.expect(
            answer.message.StreamingNo == request.StreamingNo,
            f"{operation}: 应答的StreamingNo是 {answer.message.StreamingNo}, 请求的是 {request.StreamingNo}",
            f"{operation}: the answer's StreamingNo is {answer.message.StreamingNo}, the request's {request.StreamingNo}",
            answer, marks=("StreamingNo",),
        )  # fmt: skip


COMMON = (*ANSWERS,)
