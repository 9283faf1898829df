"""The SP's cases that are about how its messages are written, not about what they mean."""

from __future__ import annotations

from stubs.partnerkit.case import CaseList, Severity
from stubs.partnerkit.exchange import Answer
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.roles.ismp_sp_forms import bare, multiref, notice, rpc
from stubs.partnerkit.roles.ismp_sp_tongue import ACTION
from stubs.partnerkit.texts import Text

WIRE = CaseList()
START, END = "0", "3"
_NOTICE = "IsmpSpEngine.wsdl orderRelationUpdateNotify"


async def _send(probe: Probe, body: str | bytes, title: str = "orderRelationUpdateNotify", **headers: str | None) -> Answer:
    return await probe.raw(ACTION, body, {name.replace("_", "-"): value for name, value in headers.items()}, title)


@WIRE.case(
    121, "rpc形式, 带xsi:type", "the rpc form with xsi:type",
    rule=Text(
        "WSDL是document/literal, 但在用的平台以rpc形式发送, 字段不在命名空间里, 各带xsi:type: 同样应答",
        "the WSDL is document/literal, but deployed platforms send the rpc form, its fields in no namespace with xsi:type: "
        "it is answered the same",
    ),
    source="docs/legacy.md: what is taken; SOAP 1.1 section 7", severity=Severity.MAJOR,
    hint=Text("按本地名取字段; 不要求命名空间", "take fields by their local names; do not insist on a namespace"),
)  # fmt: skip
async def rpc_form(probe: Probe) -> None:
    """Tell a subscription and its end in rpc."""
    for op_type in (START, END):
        probe.expect_result(await _send(probe, rpc(notice(probe, op_type)), "rpc"), "0")


@WIRE.case(
    122, "值写在调用之外(multiRef)", "values beside the call (multiRef)",
    rule=Text(
        "Axis 1的客户端默认把结构写在multiRef里, 以href引用: 同样应答",
        "clients of Axis 1 write the struct into a multiRef by default, and refer by href: it is answered the same",
    ),
    source="docs/legacy.md: what is taken; SOAP 1.1 section 5.2.1", severity=Severity.MINOR,
    hint=Text("用支持SOAP编码的框架, 或在入口处展开href", "use a framework that knows SOAP encoding, or put hrefs in place at the door"),
)  # fmt: skip
async def values_beside(probe: Probe) -> None:
    """Tell a subscription and its end so."""
    for op_type in (START, END):
        probe.expect_result(await _send(probe, multiref(notice(probe, op_type)), "multiRef"), "0")


@WIRE.case(
    123, "字段的次序", "fields in any order",
    rule=Text("老的平台字段次序不一: 按名称取值", "old platforms write their fields in any order: take them by name"),
    source="ismp-sp-req.xsd: xs:all", severity=Severity.MAJOR, hint=Text("不要按位置取字段", "do not take fields by their place"),
)  # fmt: skip
async def any_order(probe: Probe) -> None:
    """Write the fields backwards, bare and rpc."""
    for write in (bare, rpc):
        for op_type in (START, END):
            fields = dict(reversed(notice(probe, op_type).items()))
            probe.expect_result(await _send(probe, write(fields)), "0")


@WIRE.case(
    124, "没有的, 空的和xsi:nil的可选字段", "optional fields that are absent, empty or nil",
    rule=Text(
        "packageID, oldPackageID, oldProductID, VerUserID可以没有, 可以为空, 可以是xsi:nil",
        "packageID, oldPackageID, oldProductID and VerUserID may be absent, empty or xsi:nil",
    ),
    source="ismp-sp-req.xsd minOccurs 0; docs/legacy.md", severity=Severity.MAJOR,
    hint=Text(
        "取值前判断null; JAXBElement.getValue()之前也要判断",
        "look for null before you take a value, also before JAXBElement.getValue()",
    ),
)  # fmt: skip
async def optional_fields(probe: Probe) -> None:
    """Leave them out, send them empty, send them nil."""
    probe.expect_result(await _send(probe, bare(notice(probe, START, packageID=None))), "0")
    empty = notice(probe, END, packageID="", oldPackageID="", oldProductID="")
    probe.expect_result(await _send(probe, bare(empty)), "0")
    for op_type in (START, END):
        text = rpc(notice(probe, op_type, packageID="KIT-NIL"))
        marked = text.replace('<packageID xsi:type="xsd:string">KIT-NIL', '<packageID xsi:nil="true">')
        probe.expect_result(await _send(probe, marked, "xsi:nil"), "0")


@WIRE.case(
    125, "SOAPAction为空或没有", "SOAPAction empty or missing",
    rule=Text(
        "此接口的SOAPAction为空: 没有这个头部也要应答",
        "SOAPAction of this interface is empty: a request without the header is answered too",
    ),
    source="IsmpSpEngine.wsdl soapAction; SOAP 1.1 section 6.1.1", severity=Severity.MAJOR,
    hint=Text("按Body里的元素选择操作", "choose the operation by the Body's element"),
)  # fmt: skip
async def soap_action(probe: Probe) -> None:
    """Send it empty, and not at all."""
    probe.expect_result(await _send(probe, bare(notice(probe, START)), SOAPAction='""'), "0")
    probe.expect_result(await _send(probe, bare(notice(probe, END)), SOAPAction=None), "0")


@WIRE.case(
    126, "号码的写法和类型", "numbers and their types",
    rule=Text(
        "userIDType 0手机 1小灵通 2固定电话; 号码前可以有86: 同一用户",
        "userIDType 0 is mobile, 1 PHS, 2 fixed line; 86 before a number is the same user",
    ),
    source="ismp-sp-req.xsd UserID, UserIDType", severity=Severity.MAJOR,
    hint=Text("去掉开头的86再保存和比较", "strip a leading 86 before you keep and compare"),
)  # fmt: skip
async def numbers(probe: Probe) -> None:
    """Subscribe with 86, end without; then a fixed line."""
    probe.expect_result(await _send(probe, bare(notice(probe, START, userID=f"86{probe.data.number}"))), "0")
    probe.expect_result(await _send(probe, bare(notice(probe, END))), "0")
    for op_type in (START, END):
        probe.expect_answer(await _send(probe, bare(notice(probe, op_type, userID="07916660001", userIDType="2"))))


@WIRE.case(
    127, "缺少字段或编码不对的通知", "notices without a field, or with a code that is none",
    rule=Text(
        "没有userID或streamingNo, OPType不是0至6, OPType 0没有productID: 拒绝(编码或fault Client), 不得答0, 不得当作退订",
        "no userID, no streamingNo, an OPType outside 0 to 6, OPType 0 without productID: refused by a code or a fault Client, "
        "never 0, never taken for an unsubscription",
    ),
    source="ismp-sp-req.xsd", severity=Severity.CRITICAL,
    hint=Text("先校验再执行; 未知的OPType要有拒绝的分支", "check before you act; an unknown OPType needs a branch that refuses"),
)  # fmt: skip
async def broken_notices(probe: Probe) -> None:
    """Send each, then see that the relation is as before."""
    probe.expect_result(await _send(probe, bare(notice(probe, START))), "0")
    for name, fields in (
        ("userID", notice(probe, START, userID=None)), ("streamingNo", notice(probe, START, streamingNo=None)),
        ("OPType", notice(probe, "9")), ("OPType", notice(probe, "x")), ("productID", notice(probe, START, productID=None)),
    ):  # fmt: skip
        answer = await _send(probe, bare(fields), f"broken {name}")
        probe.expect_refused(answer, f"{name}缺失或不对", f"a notice whose {name} is missing or wrong")
    probe.expect_result(await _send(probe, bare(notice(probe, "1"))), "0")
    probe.expect_result(await _send(probe, bare(notice(probe, END))), "0")


@WIRE.case(
    128, "DTD, 乱码和不完整的报文", "a DTD, rubbish, and a message that is cut off",
    rule=Text("都要拒绝, 外部实体不得读取, 进程继续服务", "each is refused, no entity is read, and the process goes on serving"),
    source="SOAP 1.1 section 3; CWE-611", severity=Severity.CRITICAL,
    hint=Text("关闭解析器的DTD; 在最外层捕获异常", "switch DTDs off in the parser; catch at the outermost edge"),
)  # fmt: skip
async def hostile_bytes(probe: Probe) -> None:
    """Send each, then a good notice."""
    good = bare(notice(probe, START))
    head, _, rest = good.partition("?>")
    entity = f'{head}?><!DOCTYPE kit [<!ENTITY user "{probe.data.number}">]>{rest.replace(probe.data.number, "&user;")}'
    for title, body in (("a DTD", entity), ("cut off", good[: len(good) // 2]), ("rubbish", "no XML"), ("nothing", "")):
        answer = await _send(probe, body, title)
        if answer.exchange.trouble is not None or answer.exchange.status == 200:
            probe.expect_refused(answer, title, title)
    for op_type in (START, END):
        probe.expect_result(await _send(probe, bare(notice(probe, op_type))), "0")


@WIRE.case(
    129, "GBK编码的报文", "a message in GBK",
    rule=Text(
        "XML声明为GBK的报文能读, 应答的编码与自己的声明一致",
        "a message that declares GBK is read; an answer is in the encoding that it declares",
    ),
    source="XML 1.0 section 4.3.3; docs/legacy.md", severity=Severity.MINOR,
    hint=Text("让解析器处理编码声明", "leave the declaration to the parser"),
)  # fmt: skip
async def gbk(probe: Probe) -> None:
    """Tell a subscription and its end in GBK."""
    for op_type in (START, END):
        body = bare(notice(probe, op_type)).replace('encoding="UTF-8"', 'encoding="GBK"').encode("gbk")
        probe.expect_result(await _send(probe, body, "GBK", Content_Type="text/xml; charset=GBK"), "0")


@WIRE.case(
    130, "十个通知同时到达", "ten notices at once",
    rule=Text("每个得到自己的应答", "each gets an answer of its own"),
    source=f"{_NOTICE}, streamingNo", severity=Severity.CRITICAL,
    hint=Text("不要用成员变量或静态变量保存请求", "keep no request in a member or a static variable"),
)  # fmt: skip
async def ten_at_once(probe: Probe) -> None:
    """End ten products that nobody has, at once: what is answered matters less than whose number it bears."""
    notices = [notice(probe, END, productID=f"{probe.data.product[:18]}N{place}") for place in range(10)]
    answers = await probe.together(*((ACTION, bare(one)) for one in notices))
    for one, answer in zip(notices, answers, strict=True):
        if not probe.expect_answer(answer) or answer.message is None:
            continue
        told = answer.message.StreamingNo
        probe.expect(
            told == one["streamingNo"], f"应答的流水号是 {told}, 请求的是 {one['streamingNo']}",
            f"the answer's streamingNo is {told}, the request's {one['streamingNo']}", answer, marks=("streamingNo",),
        )  # fmt: skip


@WIRE.case(
    131, "应答不泄露内部信息", "no answer tells of the program's insides",
    rule=Text("出错的应答里没有堆栈, 类名和SQL", "answers to broken notices hold no stack trace, no class name and no SQL"),
    source="CWE-209; docs/threat-model.md", severity=Severity.MINOR,
    hint=Text("捕获异常, 答resultCode; 细节写入自己的日志", "catch exceptions and answer a resultCode; details go into your log"),
)  # fmt: skip
async def no_insides(probe: Probe) -> None:
    """Send a number with a quote, and look at what comes."""
    for fields in (notice(probe, START, userID="1'; --"), notice(probe, "9")):
        answer = await _send(probe, bare(fields), "broken")
        text = answer.exchange.answer.decode("utf-8", "replace")
        found = next((word for word in ("Exception", "Traceback", "\tat ", "SQL", ".java:") if word in text), None)
        probe.expect(found is None, f"应答里有 {found}", f"the answer holds {found}", answer, marks=("faultstring", "detail"))
