"""省级VSOP: the subscription platform of a province. The kit plays its partners: channels, OCS, platforms, billing and the rest."""

from __future__ import annotations

from gateway.contract.codec import Message
from stubs.kit.orders import Work
from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.damage import with_content
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.roles.vsop_play import (
    ACTION,
    CRM,
    DONE,
    END,
    FAILED,
    HALL,
    ISMP,
    NORMAL,
    ORDER,
    PLATFORM,
    PPM,
    PROVISIONING,
    QUIET,
    RELATIONS,
    RESULT,
    RESUME,
    START,
    STATE,
    SUSPEND,
    SUSPENDED,
    X_END,
    X_RESUME,
    X_START,
    X_SUSPEND,
    about,
    activation,
    relations,
    tell_result,
)
from stubs.partnerkit.texts import Text

CASES = CaseList()
CHANNEL, BILLING = "211", "209"
WORK, RECEIPT, REPORT, REPLY = "workListFKToVSOP", "workListVSOPToFK", "subsInstSynFromISMP", "recvRQMessage"
_PLATFORM_ACTIONS = {START: X_START, END: X_END, SUSPEND: X_SUSPEND, RESUME: X_RESUME}
_PORTAL_ORDER = "operator's document 4.1.1"


def _order(probe: Probe, action: str = START) -> Message:
    """Make an order of the test data's offer."""
    return probe.request(ORDER, ActionType=action)


async def _play(probe: Probe, action: str, code: str = "0") -> Message:
    """Order, act as the platform, and wait for the result at the channel; gives that result."""
    order = _order(probe, action)
    await probe.do(ORDER, order)
    asked = await activation(probe, probe.data.number, _PLATFORM_ACTIONS[action])
    await tell_result(probe, asked.message, code)
    told = await probe.wait_callback("subResultFromVSOP", about("OrderId", order.OrderId))
    return told.message


async def _cleared(probe: Probe) -> None:
    """End what an earlier run has left of the test data's product."""
    if probe.data.product in await relations(probe, probe.data.number):
        await _play(probe, END)


@CASES.case(
    101, "订单从受理到竣工", "an order from acceptance to completion",
    rule=Text(
        "受理答0; 然后OCS鉴权, 激活X平台, 归档到计费, 结果告诉渠道, 短信通知用户, 订单状态10F",
        "acceptance is 0; then OCS is asked, the X platform activates, billing archives, the channel is told, "
        "the user gets an SMS, and the state is 10F",
    ),
    source=f"{_PORTAL_ORDER} steps 2a to 2h", severity=Severity.CRITICAL,
    hint=Text("受理成功只表示已保存; 后面的步骤由自己推进", "acceptance means that it is kept; what follows goes on by itself"),
)  # fmt: skip
async def to_completion(probe: Probe) -> None:
    """Order, and look at each partner in turn; at the end unsubscribe."""
    await _cleared(probe)
    order = _order(probe)
    await probe.do(ORDER, order)
    await probe.wait_callback("feeCheck")
    asked = await activation(probe, probe.data.number, X_START)
    await tell_result(probe, asked.message)
    await probe.wait_callback("subsInstSynToHB", about("ProductNo", probe.data.number))
    told = await probe.wait_callback("subResultFromVSOP", about("OrderId", order.OrderId))
    await probe.wait_callback("subResultToUser", about("ProductNo", probe.data.number))
    result = told.message.ResultInfo[0].OPResult
    probe.expect(result == "0", f"告诉渠道的结果是 {result}", f"the channel was told {result}", told.exchange, marks=("OPResult",))
    answer = await probe.do(STATE, OrderId=order.OrderId)
    assert answer.message is not None
    state = answer.message.OrderState
    probe.expect(state == DONE, f"订单状态是 {state}, 应为 {DONE}", f"the state is {state}, expected {DONE}", answer, marks=("OrderState",))
    await _play(probe, END)


@CASES.case(
    102, "同一订单报文来两次", "an order that comes twice",
    rule=Text("同一流水号的订单: 应答相同, 只激活一次", "an order under the same StreamingNo: the same answer, and one activation"),
    source=f"{_PORTAL_ORDER} step 2a; docs/guarantees.md", severity=Severity.CRITICAL,
    hint=Text(
        "以(SystemId, StreamingNo)为唯一键, 与订单同一事务提交",
        "make (SystemId, StreamingNo) a unique key, committed with the order",
    ),
)  # fmt: skip
async def order_twice(probe: Probe) -> None:
    """Send it three times, twice of them at once, and count activations."""
    await _cleared(probe)
    text = probe.text(ORDER, _order(probe))
    first = await probe.raw(ORDER, text)
    probe.expect_result(first, "0")
    for answer in await probe.together((ORDER, text), (ORDER, text)):
        probe.expect_result(answer, "0")
    asked = await activation(probe, probe.data.number, X_START)
    await probe.pause(QUIET)
    numbers = {str(one.message.StreamingNo) for one in probe.callbacks(ACTION)}
    probe.expect(len(numbers) == 1, f"激活了{len(numbers)}次", f"activated {len(numbers)} times", asked.exchange)
    await tell_result(probe, asked.message)
    await probe.wait_callback("subResultFromVSOP")
    await _play(probe, END)


@CASES.case(
    103, "平台拒绝的订单", "an order that the platform refuses",
    rule=Text(
        "平台报告失败: 订单10E, 渠道得到失败的编码, 不产生订购关系, 不归档",
        "the platform reports a failure: the order is 10E, the channel is told a code of failure, no relation is made and nothing archived",
    ),
    source=f"{_PORTAL_ORDER} steps 2d to 2h", severity=Severity.CRITICAL,
    hint=Text(
        "平台确认之前不得写入订购关系; 回单不得总报成功",
        "write no relation before the platform confirms; do not report success always",
    ),
)  # fmt: skip
async def refused_by_platform(probe: Probe) -> None:
    """Order and refuse."""
    await _cleared(probe)
    told = await _play(probe, START, "8001")
    result = told.ResultInfo[0].OPResult
    probe.expect(result != "0", "告诉渠道的结果是0", "the channel was told 0")
    answer = await probe.call(STATE, OrderId=told.OrderId)
    assert answer.message is not None
    state = answer.message.OrderState
    zh, en = f"订单状态是 {state}, 应为 {FAILED}", f"the state is {state}, expected {FAILED}"
    probe.expect(state == FAILED, zh, en, answer, marks=("OrderState",))
    held = await relations(probe, probe.data.number)
    probe.expect(probe.data.product not in held, "产生了订购关系", "a relation was made")
    archived = probe.callbacks("subsInstSynToHB")
    probe.expect(not archived, "归档了失败的订单", "the failure was archived", *(one.exchange for one in archived))


@CASES.case(
    104, "余额不足", "no balance",
    rule=Text(
        "OCS余额不大于0: 不激活, 渠道得到失败的编码",
        "a balance that is not above zero: nothing is activated, and the channel is told a code of failure",
    ),
    source=f"{_PORTAL_ORDER} step 2b", severity=Severity.CRITICAL,
    hint=Text("先鉴权再激活; 余额以分计", "ask for the balance before you activate; it is in fen"),
)  # fmt: skip
async def no_balance(probe: Probe) -> None:
    """Let OCS tell a balance of zero."""
    await _cleared(probe)
    probe.reply("feeCheck", 3, Balance=0)
    order = _order(probe)
    await probe.do(ORDER, order)
    told = await probe.wait_callback("subResultFromVSOP", about("OrderId", order.OrderId))
    result = told.message.ResultInfo[0].OPResult
    probe.expect(result != "0", "告诉渠道的结果是0", "the channel was told 0", told.exchange, marks=("OPResult",))
    asked = probe.callbacks(ACTION)
    probe.expect(not asked, "余额为0仍然激活", "activated without a balance", *(one.exchange for one in asked))


@CASES.case(
    105, "暂停不是删除", "suspend is not delete",
    rule=Text(
        "暂停(3)之后关系仍可查到, Status 2; 恢复(4)之后Status 0; 退订(1)之后没有",
        "after suspending (3) the relation is there with Status 2, after resuming (4) with 0, after unsubscribing (1) it is gone",
    ),
    source="vsop.xsd SubscribeAction, RelationStatus", severity=Severity.CRITICAL,
    hint=Text("暂停和恢复只改状态", "suspending and resuming change a state only"),
)  # fmt: skip
async def suspend_is_not_delete(probe: Probe) -> None:
    """Play the life of one relation, and ask for it after each step."""
    await _cleared(probe)
    for action, status in ((START, NORMAL), (SUSPEND, SUSPENDED), (RESUME, NORMAL), (END, None)):
        await _play(probe, action)
        found = (await relations(probe, probe.data.number)).get(probe.data.product)
        zh = f"ActionType {action}之后的状态是 {found}, 应为 {status}"
        probe.expect(found == status, zh, f"after ActionType {action} the status is {found}, expected {status}")


@CASES.case(
    106, "办不了的订单当场拒绝", "what cannot be done is refused at once",
    rule=Text(
        "不存在的销售品, 不存在的用户, 没有销售品的订购, 带销售品的全部退订, 未订购的退订: 应答里的ResultCode不为0, 不是fault",
        "an unknown offer or user, a subscription without offer, unsubscribe-all with one, the end of what is not there: "
        "ResultCode other than 0 in the answer, and no fault",
    ),
    source=f"{_PORTAL_ORDER} step 2a; docs/errors.md", severity=Severity.MAJOR,
    hint=Text("受理前先做本地规则检查", "judge the rules over local data before you accept"),
)  # fmt: skip
async def refused_at_once(probe: Probe) -> None:
    """Order each."""
    await _cleared(probe)
    for zh, en, request in (
        ("不存在的销售品", "an unknown offer", probe.request(ORDER, ActionType=START, ProductOfferID="KIT-NO-OFFER")),
        ("不存在的用户", "an unknown user", probe.request(ORDER, ActionType=START, ProductNo=probe.data.unknown_number)),
        ("没有销售品的订购", "a subscription without offer", probe.request(ORDER, ActionType=START, ProductOfferInfo=[])),
        ("带销售品的全部退订", "unsubscribe-all with an offer", probe.request(ORDER, ActionType="2")),
        ("未订购的退订", "the end of what is not there", probe.request(ORDER, ActionType=END)),
    ):
        probe.expect_refused(await probe.call(ORDER, request), zh, en)


@CASES.case(
    107, "别的省的号码", "a number of another province",
    rule=Text(
        "订单的号码属于别的省: 以编码拒绝(7002), 不代为受理",
        "an order for a number of another province is refused by a code (7002), not taken",
    ),
    source="docs/errors.md 7002", severity=Severity.MAJOR,
    hint=Text("受理前按号段判断归属", "look up the number's province before you accept"),
)  # fmt: skip
async def misrouted(probe: Probe) -> None:
    """Order for one."""
    answer = await probe.call(ORDER, ActionType=START, ProductNo=probe.data.foreign_number)
    probe.expect_refused(answer, "别的省的号码的订单", "an order for a number of another province")


@CASES.case(
    108, "不存在的日期", "a day that does not exist",
    rule=Text("EffDate是2月31日: 拒绝", "EffDate of 31 February is refused"),
    source="docs/errors.md 1011; vas-types.xsd TimeStamp14", severity=Severity.MINOR,
    hint=Text("解析时间, 不只检查格式", "parse the time, do not only match its form"),
)  # fmt: skip
async def impossible_day(probe: Probe) -> None:
    """Order from such a day on."""
    await _cleared(probe)
    answer = await probe.ask(ORDER, ActionType=START, EffDate="20300231000000")
    probe.expect_refused(answer, "不存在的日期", "a day that does not exist")


@CASES.case(
    109, "谁可以办什么", "who may do what",
    rule=Text(
        "计费系统(209)不能订购, 网厅(211)不能报告激活结果: 拒绝",
        "billing (209) may not order, a portal (211) may not report an activation: both are refused",
    ),
    source="wsdl/README.md: called by; docs/errors.md 2002", severity=Severity.CRITICAL,
    hint=Text("按操作检查SystemId", "look at SystemId by operation"),
)  # fmt: skip
async def who_may_do_what(probe: Probe) -> None:
    """Ask as the wrong systems."""
    probe.expect_refused(await probe.ask(ORDER, ActionType=START, SystemId=BILLING), "计费系统的订单", "an order of billing")
    probe.expect_refused(await probe.ask(RESULT, SystemId=CHANNEL), "网厅报告的激活结果", "an activation's result of a portal")


@CASES.case(
    110, "没有的订单", "orders that are not there",
    rule=Text(
        "查询没有的订单, 报告没有请求过的激活结果, 没有待确认的确认: 以编码拒绝",
        "asking for an unknown order, the result of what was not asked for, "
        "a confirmation that nothing waits for: each is refused by a code",
    ),
    source="docs/errors.md 5006, 5012, 8003; docs/callbacks.md", severity=Severity.MAJOR,
    hint=Text("先找再答; 不要对伪造的结果答0", "look first; do not answer 0 to a forged result"),
)  # fmt: skip
async def not_there(probe: Probe) -> None:
    """Send each."""
    for operation in (STATE, RESULT, REPLY):
        probe.expect_refused(await probe.call(operation), "没有的订单", "an order that is not there")


@CASES.case(
    111, "ISMP报告的关系", "relations that ISMP reports",
    rule=Text(
        "ISMP报告订购(0): 可以查到; 暂停(1): Status 2, 仍可查到; 恢复(2); 退订(3): 没有了",
        "ISMP reports a subscription (0): it can be queried; suspended (1): Status 2, and still there; resumed (2); ended (3): gone",
    ),
    source="operator's document 4.1.2 step 3b; vas-types.xsd RelationAction", severity=Severity.CRITICAL,
    hint=Text("ISMP的1是暂停, 3才是退订", "ISMP's 1 is a suspension; 3 is the end"),
)  # fmt: skip
async def ismp_reports(probe: Probe) -> None:
    """Report the life of one relation."""
    product = probe.data.ismp_product
    for op_type, status in (("0", NORMAL), ("1", SUSPENDED), ("2", NORMAL), ("3", None)):
        await probe.do(REPORT, OPType=op_type, ProductID=product, PProductOfferID=product)
        found = (await relations(probe, probe.data.number)).get(product)
        zh = f"OPType {op_type}之后的状态是 {found}, 应为 {status}"
        probe.expect(found == status, zh, f"after OPType {op_type} the status is {found}, expected {status}")


@CASES.case(
    112, "工单和它的回单", "a work order and its receipt",
    rule=Text(
        "工单答0之后以workListVSOPToFK回单: OrigOrderId是工单的, 流水号是自己的, 时间14位; 同一OrderId再来不做第二次",
        "after 0 the work order is reported by workListVSOPToFK: OrigOrderId is its own, the StreamingNo new, the time of 14 digits; "
        "the same OrderId again is not done twice",
    ),
    source="operator's document 3.1b steps 2b and 3b; vas-types.xsd WorkOrderReceipt", severity=Severity.CRITICAL,
    hint=Text(
        "回单的StreamingNo不能是常量, TimeStamp不能是毫秒数",
        "a receipt's StreamingNo is no constant, its TimeStamp no count of milliseconds",
    ),
)  # fmt: skip
async def work_order(probe: Probe) -> None:
    """Change a user's state to what it is, twice under one OrderId."""
    work = probe.request(WORK)
    await probe.do(WORK, work)
    told = await probe.wait_callback(RECEIPT, about("OrigOrderId", work.OrderId))
    probe.expect(
        told.message.StreamingNo != work.StreamingNo, "回单沿用了工单的StreamingNo", "the receipt bears the work order's StreamingNo",
        told.exchange, marks=("StreamingNo",),
    )  # fmt: skip
    probe.expect_result(await probe.ask(WORK, OrderId=work.OrderId), "0")
    await probe.pause(QUIET)
    numbers = {str(one.message.StreamingNo) for one in probe.callbacks(RECEIPT, about("OrigOrderId", work.OrderId))}
    probe.expect(len(numbers) == 1, f"同一工单有{len(numbers)}张回单", f"one work order had {len(numbers)} receipts")


@CASES.case(
    113, "fault说明哪里不对", "a fault says what is wrong",
    rule=Text(
        "不合契约的请求: fault的detail里有ContractFault和编码1006, 不重复所发的值",
        "a request that breaks the contract: the fault's detail holds a ContractFault with code 1006, and does not repeat the value",
    ),
    source="vas-types.xsd ContractFault; wsdl/README.md; docs/errors.md 1006", severity=Severity.MINOR,
    hint=Text(
        "按契约声明的fault答复, 不要只写faultstring",
        "answer with the fault that the contract declares, not with a faultstring alone",
    ),
)  # fmt: skip
async def fault_tells(probe: Probe) -> None:
    """Send an action that is none."""
    answer = await probe.raw(ORDER, with_content(probe.text(ORDER), "ActionType", "KIT-77"))
    if probe.expect_fault(answer, "不合契约的请求", "a request that breaks the contract", "Client") and answer.fault is not None:
        number = answer.fault.number
        zh, en = f"ContractFault的编码是 {number or '无'}", f"ContractFault has the code {number or 'none'}"
        probe.expect(number == "1006", zh, en, answer, marks=("detail",))
        probe.expect(b"KIT-77" not in answer.exchange.answer, "fault重复了所发的值", "the fault repeats the value", answer)


VSOP_PROVINCIAL = Role(
    name="vsop-provincial",
    prefix="VSOP-P",
    title=Text("省级VSOP", "provincial VSOP"),
    contract="vsop",
    cases=tuple(CASES),
    caller=CHANNEL,
    listens=("xplatform", "portal", "smshall", "billing", "ocs", "ismp", "crm", "provisioning"),
    samples={
        # the good sample ends what is not there: an order that was accepted would lock its product for the cases that follow
        ORDER: {"ActionType": END, "ProductOfferType": "0"},
        ACTION: {"SystemId": "200"},
        RESULT: {"SystemId": PLATFORM},
        REPORT: {"SystemId": ISMP, "OPType": "3"},
        "subsInstSynToVSOP": {"SystemId": "200", "Status": "6"},
        "subscribeAuth": {"SystemId": CRM},
        WORK: {"SystemId": PROVISIONING, "ActionType": str(Work.STATE_CHANGE.value), "UserState": "00A", "UserPayType": "1"},
        "productInfoSync": {"SystemId": PPM, "ProductID": "115000000000000009901", "ProductHost": "200", "Scope": "1"},
        "PPOfferInfoSync": {
            "SystemId": PPM, "ProductOfferID": "115000000000000009901", "ProductID": ["115000000000000009901"], "Scope": "1"
        },
        "notifyProductTest": {"SystemId": PPM},
        "userInfoSync": {"SystemId": "200"},
        REPLY: {"SystemId": HALL},
    },
    queries=frozenset({RELATIONS, "subInstHisQryFromVSOP", STATE}),
    unsure=frozenset(
        {
            ORDER, STATE, ACTION, RESULT, REPORT, "subsInstSynToVSOP", "subscribeAuth", WORK, "productInfoSync", "PPOfferInfoSync",
            "notifyProductTest", "userInfoSync", REPLY,
        }
    ),
    replies={"feeCheck": {"Balance": 5000}},
)  # fmt: skip
