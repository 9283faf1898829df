"""网厅 and the other ordering channels: whoever orders is told later how it ended. What they must do beyond answering by the contract."""

from __future__ import annotations

from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

CASES = CaseList()
RESULT = "subResultFromVSOP"
MOST = 20
"""ResultInfo may stand so often."""
LONGEST = 512
"""Characters of OPDesc."""


@CASES.case(
    101, "同一订单的结果来两次", "the result of one order comes twice",
    rule=Text(
        "同一订单的结果可能以新的流水号再来一次(人工补发): 两次都答0, 用户只看到一次",
        "the result of one order may come again under a new StreamingNo (sent again by hand): both are answered with 0, the user sees one",
    ),
    source="portal.wsdl subResultFromVSOP; operator's document 4.1.1 step 2g",
    severity=Severity.MAJOR,
    hint=Text(
        "按OrderId保存结果; 已有同样结果时仍答0, 不要报错", "keep the result by OrderId; where the same is there already, still answer 0",
    ),
)  # fmt: skip
async def result_twice(probe: Probe) -> None:
    """Tell the same result under two numbers."""
    first = probe.request(RESULT)
    await probe.do(RESULT, first)
    probe.expect_result(await probe.ask(RESULT, OrderId=first.OrderId), "0")


@CASES.case(
    102, "未知订单的结果也要确认", "a result for an unknown order is confirmed too",
    rule=Text(
        "找不到订单(已过期, 已清理, 由座席办理)时也答0: 拒绝只会使平台一再重发",
        "an order that is not found (expired, cleaned up, taken at a seat) is answered with 0 too: "
        "a refusal makes the platform send it again and again",
    ),
    source="portal.wsdl subResultFromVSOP: sent until ResultCode 0; operator's document 4.1.1 step 2g",
    severity=Severity.MAJOR,
    hint=Text("记录下来由人核对, 应答仍为0", "note it for a person to look at, and answer 0"),
)  # fmt: skip
async def result_for_an_unknown_order(probe: Probe) -> None:
    """Tell the result of an order that the channel never sent."""
    probe.expect_result(await probe.ask(RESULT, OrderId="KIT-NEVER-SENT"), "0")


@CASES.case(
    103, "失败的结果也是结果", "a failure is a result too",
    rule=Text(
        "OPResult可以是任何结果编码(含负数): 渠道照样接收并答0, 不能只认识0",
        "OPResult can be any result code, also a negative one: the channel takes it and answers 0; it must not know 0 alone",
    ),
    source="vas-types.xsd ResultCode; docs/errors.md",
    severity=Severity.CRITICAL,
    hint=Text(
        "ResultCode说的是您是否收到; 订单成败在ResultInfo里",
        "your ResultCode says whether you received it; how the order ended is in ResultInfo",
    ),
)  # fmt: skip
async def failed_result(probe: Probe) -> None:
    """Tell failures of several kinds."""
    for code in ("8001", "6001", "-1", "99999"):
        probe.expect_result(await probe.ask(RESULT, OPResult=code, OPDesc="失败 / failed"), "0")


@CASES.case(
    104, "一个订单含多个销售品", "one order with many offers",
    rule=Text(
        f"ResultInfo最多{MOST}个, 成败可以不同: 全部接收",
        f"ResultInfo stands up to {MOST} times, and each may end in its own way: all are taken",
    ),
    source="portal.xsd: ResultInfo maxOccurs 20; operator's document 4.1",
    severity=Severity.MAJOR,
    hint=Text("ResultInfo是列表; 不要只取第一个", "ResultInfo is a list; do not read the first alone"),
)  # fmt: skip
async def many_offers(probe: Probe) -> None:
    """Tell as many results as the contract allows."""
    results = [
        probe.samples.part("OfferResult", ProductOfferID=f"KIT{place:04d}", OPResult=("0", "8001")[place % 2]) for place in range(MOST)
    ]
    probe.expect_result(await probe.ask(RESULT, ResultInfo=results), "0")


@CASES.case(
    105, "没有说明, 或说明很长", "no description, or a long one",
    rule=Text(
        f"OPDesc可以没有, 可以有{LONGEST}个字符, 可以含 < & 和中文",
        f"OPDesc may be absent, may have {LONGEST} characters, may hold < & and Chinese",
    ),
    source="portal.xsd OPDesc minOccurs 0; vas-types.xsd ResultDesc maxLength 512",
    severity=Severity.MAJOR,
    hint=Text(
        "数据库字段按字符而不是字节计长; 缺省时不要空指针",
        "let the column count characters, not bytes; an absent field must not be a null pointer",
    ),
)  # fmt: skip
async def descriptions(probe: Probe) -> None:
    """Leave it out, then make it as long as can be."""
    probe.expect_result(await probe.ask(RESULT, OPDesc=None), "0")
    probe.expect_result(await probe.ask(RESULT, OPDesc="余额<不足&未扣费>" * (LONGEST // 10)), "0")


@CASES.case(
    106, "各种写法的用户号码", "numbers as they may be written",
    rule=Text(
        "ProductNo可以是手机号, 带区号的固定电话, 前面可以有86或+86",
        "ProductNo is a mobile number or a fixed line with area code, perhaps with 86 or +86 before it",
    ),
    source="vas-types.xsd ProductNo",
    severity=Severity.MAJOR,
    hint=Text("去掉开头的86再比较; 不要假定11位", "strip a leading 86 before you compare; do not expect 11 digits"),
)  # fmt: skip
async def numbers(probe: Probe) -> None:
    """Tell results for numbers in each form."""
    for number in (f"86{probe.data.number}", f"+86{probe.data.number}", "07916660001"):
        probe.expect_result(await probe.ask(RESULT, ProductNo=number), "0")


@CASES.case(
    107, "迟到的结果", "a late result",
    rule=Text(
        "结果可以晚很久才到(平台停机, 人工处理): TimeStamp早也要接收",
        "a result can come very late (a platform was away, a person had to act): an old TimeStamp is no reason to refuse",
    ),
    source="vas-types.xsd TimeStamp14; operator's document 4.1.1 step 2g",
    severity=Severity.MINOR,
    hint=Text("不要用TimeStamp判断报文是否有效", "do not judge by TimeStamp whether a message counts"),
)  # fmt: skip
async def late_result(probe: Probe) -> None:
    """Tell a result with the time of long ago."""
    probe.expect_result(await probe.ask(RESULT, TimeStamp="20200229235959"), "0")


@CASES.case(
    108, "同一用户的两个订单同时竣工", "two orders of one user end at once",
    rule=Text("两个结果同时到达, 互不影响", "two results that come at once do not disturb each other"),
    source="operator's document 4.1.1 step 2g; HTTP/1.1 (RFC 9112)",
    severity=Severity.MAJOR,
    hint=Text("不要以用户号码加全局锁或作主键", "no global lock, and no primary key, by the user's number"),
)  # fmt: skip
async def two_at_once(probe: Probe) -> None:
    """Tell two orders' results at once."""
    answers = await probe.together((RESULT, probe.text(RESULT)), (RESULT, probe.text(RESULT)))
    for answer in answers:
        probe.expect_result(answer, "0")


PORTAL = Role(
    name="portal",
    prefix="PORTAL",
    title=Text("网厅及其他订购渠道", "web portal, or another ordering channel"),
    contract="portal",
    cases=tuple(CASES),
)
