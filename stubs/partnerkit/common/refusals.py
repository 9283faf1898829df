"""Common cases: what breaks the contract is refused, in the form that SOAP has for it, and harms nobody."""

from __future__ import annotations

import re

from stubs.partnerkit.case import CaseList, Severity
from stubs.partnerkit.common.answers import expect_good
from stubs.partnerkit.damage import swapped, with_content, with_more, without
from stubs.partnerkit.exchange import Answer
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

REFUSALS = CaseList()

_HINT = Text(
    "收到后先用契约的XSD校验, 再处理; 大多数框架只需打开一个开关(如JAX-WS的schema-validation)",
    "validate by the XSD of the contract before anything else; most frameworks have a switch for it (JAX-WS: schema-validation)",
)
_XSD = "XSD of the contract; wsdl/README.md, what every message keeps"


@REFUSALS.case(
    20, "缺少必填字段: 拒绝", "a missing field is refused",
    rule=Text("缺少必填字段的请求不得执行", "a request without a required field is not carried out"),
    source=_XSD, severity=Severity.CRITICAL, hint=_HINT,
)  # fmt: skip
async def field_missing(probe: Probe) -> None:
    """Leave out SystemId of each operation, and its last required field."""
    for operation in probe.operations:
        last = [each.name for each in probe.samples.type_of(operation).fields if each.minimum][-1]
        for name in dict.fromkeys(("SystemId", last)):
            answer = await probe.raw(operation, without(probe.text(operation), name))
            probe.expect_refused(answer, f"缺少{name}的请求", f"a request without {name}")


@REFUSALS.case(
    21, "值不符合契约: 拒绝", "a value that the contract does not allow is refused",
    rule=Text(
        "格式不对的系统编码, 不存在的月份, 字母的时间都不得执行",
        "a SystemId of letters, a month that does not exist and the like are not carried out",
    ),
    source=_XSD, severity=Severity.CRITICAL, hint=_HINT,
)  # fmt: skip
async def value_not_allowed(probe: Probe) -> None:
    """Send values outside of their types."""
    for operation in probe.operations:
        for name, value in (("SystemId", "abc"), ("TimeStamp", "20261301000000"), ("StreamingNo", "12 34 56")):
            answer = await probe.raw(operation, with_content(probe.text(operation), name, value))
            probe.expect_refused(answer, f"{name}的值不符合契约的请求", f"a request whose {name} the contract does not allow")


@REFUSALS.case(
    22, "契约没有的字段: 拒绝", "a field that the contract does not have is refused",
    rule=Text("多余的字段说明双方的契约不一致, 不得忽略", "a field too many means that two contracts differ: it is not passed over"),
    source=_XSD, severity=Severity.MINOR, hint=_HINT,
)  # fmt: skip
async def field_unknown(probe: Probe) -> None:
    """Add a field at the end of each operation."""
    for operation in probe.operations:
        text = with_more(probe.text(operation), operation, "<{p}NoSuchField>1</{p}NoSuchField>")
        probe.expect_refused(await probe.raw(operation, text), "含有契约没有的字段的请求", "a request with an unknown field")


@REFUSALS.case(
    23, "字段次序不对: 拒绝", "fields in the wrong order are refused",
    rule=Text("字段的次序是契约的一部分(xs:sequence)", "the order of fields is a part of the contract (xs:sequence)"),
    source=_XSD, severity=Severity.MINOR, hint=_HINT,
)  # fmt: skip
async def order_wrong(probe: Probe) -> None:
    """Let StreamingNo and TimeStamp change places."""
    for operation in probe.operations:
        text = swapped(probe.text(operation), "StreamingNo", "TimeStamp")
        probe.expect_refused(await probe.raw(operation, text), "字段次序不对的请求", "a request with fields in the wrong order")


@REFUSALS.case(
    24, "不合契约的报文以fault答复", "what breaks the contract is answered by a fault",
    rule=Text(
        "报文本身不被接受: SOAP fault, faultcode Client, HTTP 500; ResultCode只用于业务拒绝",
        "a message that is not taken as such gets a SOAP fault, faultcode Client and HTTP 500; a ResultCode is for refusals of business",
    ),
    source="SOAP 1.1 4.4.1, 6.2; WS-I BP 1.1 R1126; wsdl/README.md",
    severity=Severity.MINOR,
    hint=Text(
        "校验失败时抛出SOAP fault(Client), 不要返回普通应答",
        "raise a SOAP fault (Client) where validation fails, instead of an answer",
    ),
)  # fmt: skip
async def refused_by_fault(probe: Probe) -> None:
    """Send a SystemId of letters to each operation."""
    for operation in probe.operations:
        answer = await probe.raw(operation, with_content(probe.text(operation), "SystemId", "abc"))
        probe.expect_fault(answer, "不合契约的报文", "a message that breaks the contract", "Client")


@REFUSALS.case(
    25, "不是合法XML的报文: 拒绝", "what is not well-formed is refused",
    rule=Text("截断或不合法的XML以fault或HTTP 4xx答复", "XML that is cut off or not well-formed is answered by a fault or HTTP 4xx"),
    source="SOAP 1.1 4.4.1; XML 1.0 1.2 (fatal error)",
    severity=Severity.MAJOR,
    hint=Text(
        "使用XML解析器读取报文, 不要用字符串查找或正则表达式",
        "read messages by an XML parser, never by looking for substrings",
    ),
)  # fmt: skip
async def not_well_formed(probe: Probe) -> None:
    """Cut a message off, and leave an end tag and an escape out."""
    operation = probe.operations[0]
    text = probe.text(operation)
    for zh, en, damaged in (
        ("截断的报文", "a message that is cut off", text[: len(text) * 2 // 3]),
        ("缺少结束标签的报文", "a message without an end tag", re.sub(r"</(\w+:)?SystemId>", "", text, count=1)),
        ("未转义&的报文", "a message with a bare &", with_content(text, "SystemId", "2&0")),
    ):
        _expect_turned_down(probe, await probe.raw(operation, damaged, title=en), zh, en)


@REFUSALS.case(
    26, "含有DTD的报文: 拒绝", "a message with a DTD is refused",
    rule=Text(
        "SOAP报文不得含有DTD; 解析实体会泄露文件或耗尽内存(XXE)",
        "a SOAP message has no DTD; who resolves entities gives away files or memory (XXE)",
    ),
    source="SOAP 1.1 3; WS-I BP 1.1 R1008; CWE-611",
    severity=Severity.CRITICAL,
    hint=Text(
        "关闭解析器的DTD(Java: disallow-doctype-decl为true; lxml: resolve_entities=False并拒绝DOCTYPE)",
        "switch DTDs off in the parser (Java: disallow-doctype-decl; lxml: resolve_entities=False, and refuse a DOCTYPE)",
    ),
)  # fmt: skip
async def document_type(probe: Probe) -> None:
    """Declare an entity that holds the good SystemId, and use it."""
    operation = probe.operations[0]
    text = with_content(probe.text(operation), "SystemId", "&system;")
    head, _, rest = text.partition("?>")
    entity = f'<!DOCTYPE kit [<!ENTITY system "{probe.role.caller}">]>'
    answer = await probe.raw(operation, f"{head}?>{entity}{rest}", title="a DTD")
    _expect_turned_down(probe, answer, "含有DTD的报文", "a message with a DTD")


@REFUSALS.case(
    27, "垃圾之后照常服务", "rubbish does not end the service",
    rule=Text("任何字节都不得使进程退出或停止应答", "no bytes whatever may end the process, or have it cease to answer"),
    source="CWE-20; docs/threat-model.md",
    severity=Severity.CRITICAL,
    hint=Text(
        "在最外层捕获异常并答复fault; 每个请求使用独立的状态",
        "catch what is raised at the outermost edge and answer a fault; keep no state between requests that one can break",
    ),
)  # fmt: skip
async def survives_rubbish(probe: Probe) -> None:
    """Send rubbish of several kinds, then a good sample."""
    operation = probe.operations[0]
    for title, body in (
        ("an empty body", b""),
        ("binary rubbish", bytes(range(256)) * 8),
        ("HTML", b"<html><body>hello</body></html>"),
        ("an empty envelope", b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>'),
        ("deep nesting", b"<a>" * 3000),
        ("a long text", b"<a>" + b"x" * 100_000),
    ):
        answer = await probe.raw(operation, body, title=title)
        zh, en = f"发送{title}后", f"after {title}: "
        if answer.exchange.trouble is not None and answer.problem is not None:
            probe.expect(False, f"{zh}: {answer.problem.zh}", f"{en}{answer.problem.en}", answer)
    expect_good(probe, await probe.ask(operation))


TRACE = re.compile(r"\bat [\w.$]+\([\w.]+:\d+\)|Traceback \(most recent|\b[a-z]+(\.\w+)+(Exception|Error)\b|\.(java|py|cs|php):\d+")


@REFUSALS.case(
    28, "应答不泄露内部信息", "no answer tells of the program's insides",
    rule=Text("fault中不含调用栈, 类名或SQL", "a fault holds no stack trace, no class name and no SQL"),
    source="CWE-209; docs/threat-model.md",
    severity=Severity.MINOR,
    hint=Text("fault中只写自己的文字; 异常写入日志", "write words of your own into a fault, and the exception into your log"),
)  # fmt: skip
async def tells_no_insides(probe: Probe) -> None:
    """Look into what is answered to broken messages."""
    operation = probe.operations[0]
    text = probe.text(operation)
    for title, body in (("cut off", text[: len(text) // 2]), ("a wrong value", with_content(text, "SystemId", "abc")), ("empty", "")):
        answer = await probe.raw(operation, body, title=title)
        found = TRACE.search(answer.exchange.answer.decode("utf-8", "replace"))
        if found is not None:
            probe.expect(False, f"应答含有内部信息: {found[0][:100]}", f"the answer tells of insides: {found[0][:100]}", answer)


def _expect_turned_down(probe: Probe, answer: Answer, zh: str, en: str) -> None:
    """Expect a fault, or HTTP 4xx: the sender is not of the contract at all."""
    status = answer.exchange.status or 0
    if answer.fault is None and not 400 <= status < 500:
        if answer.problem is not None and answer.exchange.trouble is None:
            probe.expect(
                False,
                f"{zh}应以fault或HTTP 4xx答复; 实际: {answer.problem.zh}",
                f"{en} must be answered by a fault or HTTP 4xx; found: {answer.problem.en}",
                answer,
            )  # fmt: skip
        else:
            probe.expect_refused(answer, zh, en)
