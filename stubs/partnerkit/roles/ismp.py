"""ISMP 综合业务管理平台: what ISMP-B, ISMP-M and ISMP-W must do beyond answering by the contract."""

from __future__ import annotations

from typing import Any

from gateway.contract.codec import Message
from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.listener import Received
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.roles.user_changes import user_change
from stubs.partnerkit.texts import Text

CASES = CaseList()
SUBSCRIBE, UNSUBSCRIBE, SUSPEND, RESUME = (
    "subActionFromVSOP", "unSubActionFromVSOP", "suspendSubscription", "resumeSubscription",
)  # fmt: skip
REPORT, FEE_CHECK = "subsInstSynFromISMP", "feeCheck"
OP_TYPE = {SUBSCRIBE: "0", SUSPEND: "1", RESUME: "2", UNSUBSCRIBE: "3"}
NORMAL, SUSPENDED, ENDED = "0", "2", "6"  # RelationStatus
QUIET_SECONDS = 0.5
"""How long nothing may come that must not come."""
_ACTS = "ismp.wsdl; operator's document 4.1.2 (2), (3)"


async def held(probe: Probe) -> str:
    """Ask for the status of the test product; "none" where there is no relation, or one that has ended."""
    answer = await probe.call("getSubscription", ProductID=probe.data.product)
    infos: list[Any] = [] if answer.message is None else list(answer.message.SubInfo)
    found = [str(one.Status) for one in infos if one.ProductID == probe.data.product and one.Status != ENDED]
    return found[0] if found else "none"


async def expect_held(probe: Probe, wanted: str, zh: str, en: str) -> None:
    """Expect a status of the test product."""
    found = await held(probe)
    probe.expect(
        found == wanted,
        f"{zh}, getSubscription应答复Status {wanted}, 实际是 {found}", f"{en}, getSubscription must tell Status {wanted}, found {found}",
        probe.exchanges[-1], marks=("SubInfo", "Status", "ResultCode"),
    )  # fmt: skip


async def report_of(probe: Probe, operation: str) -> Received:
    """Wait for the relation report that follows an act."""

    def is_it(told: Message) -> bool:
        return bool(told.OPType == OP_TYPE[operation] and told.ProductID == probe.data.product)

    return await probe.wait_callback(REPORT, is_it)


async def clean(probe: Probe) -> None:
    """Begin with a user who holds nothing."""
    await probe.call(UNSUBSCRIBE)


@CASES.case(
    101, "暂停不是删除", "suspend is not delete",
    rule=Text(
        "暂停之后订购关系仍在, 状态为2; 恢复之后状态为0",
        "after a suspension the relation is still there with Status 2; resumed, it has Status 0",
    ),
    source="ismp.wsdl suspendSubscription, resumeSubscription, getSubscription",
    severity=Severity.CRITICAL,
    hint=Text("暂停只改变状态, 不要删除用户或订购关系", "suspending changes a state: do not delete the user or the relation"),
)  # fmt: skip
async def suspend_is_not_delete(probe: Probe) -> None:
    """Subscribe, suspend, look, resume, look."""
    await probe.do(SUBSCRIBE)
    await probe.do(SUSPEND)
    await expect_held(probe, SUSPENDED, "暂停之后", "after a suspension")
    await probe.do(RESUME)
    await expect_held(probe, NORMAL, "恢复之后", "after the resumption")
    await clean(probe)


@CASES.case(
    102, "getSubscription与所做的一致", "getSubscription agrees with what was done",
    rule=Text("订购之后查到关系, 退订之后查不到(或状态为6)", "what was subscribed is told, and what was ended is not (or with Status 6)"),
    source="ismp.wsdl getSubscription; docs/reconciliation.md",
    severity=Severity.CRITICAL,
    hint=Text("查询要读正式的订购关系, 不要读缓存", "read the relations themselves, not a cache"),
)  # fmt: skip
async def query_agrees(probe: Probe) -> None:
    """Look, subscribe, look, unsubscribe, look."""
    await clean(probe)
    await expect_held(probe, "none", "退订之后", "after an unsubscription")
    await probe.do(SUBSCRIBE)
    await expect_held(probe, NORMAL, "订购之后", "after a subscription")
    await probe.do(UNSUBSCRIBE)
    await expect_held(probe, "none", "退订之后", "after an unsubscription")


@CASES.case(
    103, "每个变化都有关系同步", "each change is followed by a relation report",
    rule=Text(
        "订购(OPType 0), 暂停(1), 恢复(2), 退订(3)之后都向VSOP发送subsInstSynFromISMP; 号码和产品与请求一致",
        "subscribe (OPType 0), suspend (1), resume (2), unsubscribe (3): each is told to VSOP by subsInstSynFromISMP",
    ),
    source=f"{_ACTS}; vsop.wsdl subsInstSynFromISMP",
    severity=Severity.CRITICAL,
    hint=Text(
        "关系由关系同步建立, 不由应答建立: 没有同步, VSOP不会归档计费",
        "the relation is made by the report, not by the answer: without it VSOP archives nothing to billing",
    ),
)  # fmt: skip
async def changes_are_reported(probe: Probe) -> None:
    """Do each act and wait for its report."""
    await clean(probe)
    for operation in (SUBSCRIBE, SUSPEND, RESUME, UNSUBSCRIBE):
        await probe.do(operation)
        told = await report_of(probe, operation)
        number = str(told.message.UserID).removeprefix("+").removeprefix("86")
        probe.expect(
            number == probe.data.number,
            f"关系同步的UserID是 {told.message.UserID}, 应为 {probe.data.number}",
            f"the report's UserID is {told.message.UserID}, expected {probe.data.number}",
            told.exchange, marks=("UserID",),
        )  # fmt: skip


@CASES.case(
    104, "预付费用户先鉴权", "a prepaid user's balance is asked for first",
    rule=Text(
        "ISMP在激活之前以付费号码(FA)做费用鉴权",
        "ISMP asks for the balance of the payer (FA) before it activates",
    ),
    source="operator's document 4.1.2 (2): ISMP does the fee check; ocs.wsdl feeCheck",
    severity=Severity.CRITICAL,
    hint=Text(
        "feeCheck发往网关的/services/ocs; 号码用FA, 不是DA",
        "send feeCheck to the gateway's /services/ocs; the number is FA, not DA",
    ),
)  # fmt: skip
async def fee_check_first(probe: Probe) -> None:
    """Subscribe, and look what came before the answer."""
    await clean(probe)
    answer = await probe.do(SUBSCRIBE)
    checks = probe.callbacks(FEE_CHECK)
    probe.require(bool(checks), "应答之前没有收到feeCheck", "no feeCheck came before the answer", answer)
    number = str(checks[-1].message.ProductNo).removeprefix("+").removeprefix("86")
    probe.expect(
        number == probe.data.number,
        f"feeCheck的号码是 {number}, 应为付费号码 {probe.data.number}",
        f"feeCheck asks for {number}, expected the payer {probe.data.number}",
        checks[-1].exchange, marks=("ProductNo",),
    )  # fmt: skip
    await clean(probe)


@CASES.case(
    105, "余额不足: 不激活, 不同步", "no balance: nothing is activated and nothing reported",
    rule=Text(
        "余额不大于零: 拒绝(如6001), 不产生订购关系, 不发送关系同步",
        "where the balance is not above zero the order is refused (such as by 6001): no relation, no report",
    ),
    source="operator's document 4.1.2 (2): if it is above zero, go on; docs/errors.md 6001",
    severity=Severity.CRITICAL,
    hint=Text("先鉴权, 后激活; 鉴权失败时不要写入订购关系", "ask first, activate then; write no relation where the check fails"),
)  # fmt: skip
async def no_balance(probe: Probe) -> None:
    """Let the kit's OCS answer with a balance of 0, subscribe, and look."""
    await clean(probe)
    await probe.pause(QUIET_SECONDS)  # reports of what was before
    before = len(probe.callbacks(REPORT))
    probe.reply(FEE_CHECK, Balance=0)
    answer = await probe.call(SUBSCRIBE)
    probe.require(bool(probe.callbacks(FEE_CHECK)), "没有收到feeCheck", "no feeCheck came", answer)
    probe.expect_refused(answer, "余额为零的订购", "a subscription with a balance of 0")
    await expect_held(probe, "none", "余额不足的订购之后", "after a subscription without balance")
    await probe.pause(QUIET_SECONDS)
    more = probe.callbacks(REPORT)[before:]
    zh, en = "余额不足, 却收到关系同步", "there is no balance, and yet a relation was reported"
    probe.expect(not more, zh, en, answer, *(one.exchange for one in more), marks=("OPType",))


@CASES.case(
    106, "关系同步直到被接受", "a report is sent until it is taken",
    rule=Text(
        "网关答复9001(忙)时, 以相同的流水号再次发送关系同步",
        "where the gateway answers 9001 (busy), the report is sent again under the same StreamingNo",
    ),
    source="docs/callbacks.md; docs/errors.md 9001",
    severity=Severity.MAJOR,
    hint=Text("同步放入队列, 收到0才删除; 重发不换流水号", "queue reports and drop one only when 0 comes; a repeat keeps its number"),
)  # fmt: skip
async def report_until_taken(probe: Probe) -> None:
    """Answer the first report with 9001, and look for a second."""
    await clean(probe)
    await probe.pause(QUIET_SECONDS)
    probe.reply(REPORT, ResultCode="9001")
    await probe.do(SUBSCRIBE)
    first = await report_of(probe, SUBSCRIBE)
    number = first.message.StreamingNo
    await probe.wait_callback(REPORT, lambda told: bool(told.StreamingNo == number), times=2)
    await clean(probe)


@CASES.case(
    112, "关系同步得到HTML页面: 再次发送", "a report that is answered by an HTML page is sent again",
    rule=Text(
        "只有带ResultCode的SOAP应答才是应答; 代理或登录页面返回HTTP 200的HTML, 同步没有送达, 以相同的流水号再次发送",
        "only a SOAP answer with a ResultCode is one; where a proxy answers with HTML, be it HTTP 200, the report has not arrived: "
        "it is sent again under the same StreamingNo",
    ),
    source="docs/callbacks.md; docs/stub-faults.md html-answer",
    severity=Severity.MAJOR,
    hint=Text("解析应答, 只有ResultCode 0才算送达; 不要只看HTTP状态", "delivered is what got ResultCode 0, whatever the HTTP status"),
)  # fmt: skip
async def report_not_taken(probe: Probe) -> None:
    """Answer the first report with a page, and look for a second."""
    await clean(probe)
    await probe.pause(QUIET_SECONDS)
    probe.spoil(REPORT, "html-answer")
    await probe.do(SUBSCRIBE)
    number = (await report_of(probe, SUBSCRIBE)).message.StreamingNo
    await probe.wait_callback(REPORT, lambda told: bool(told.StreamingNo == number), times=2)
    await clean(probe)


@CASES.case(
    107, "退订没有订购的产品: 成功", "to unsubscribe what is not there succeeds",
    rule=Text(
        "结果已经达到: 答复0, 使网关的重试能够结束",
        "what is wanted is so already: it is answered by 0, so that a retry comes to an end",
    ),
    source="operator's document 3.2.3 (2); docs/guarantees.md",
    severity=Severity.MAJOR,
    hint=Text("没有订购关系时也答复0", "answer 0 also where there is no relation"),
)  # fmt: skip
async def unsubscribe_nothing(probe: Probe) -> None:
    """Unsubscribe twice."""
    await probe.do(UNSUBSCRIBE)
    await probe.do(UNSUBSCRIBE)


@CASES.case(
    108, "暂停没有订购的产品: 拒绝", "to suspend what is not there is refused",
    rule=Text("没有订购的产品不能暂停, 也不得由此产生订购关系", "what is not subscribed cannot be suspended, and no relation comes of it"),
    source="ismp.wsdl suspendSubscription; docs/errors.md 5002",
    severity=Severity.MAJOR,
    hint=Text("OPResult答复5002", "answer OPResult 5002"),
)  # fmt: skip
async def suspend_nothing(probe: Probe) -> None:
    """Unsubscribe, suspend, look."""
    await clean(probe)
    probe.expect_refused(await probe.call(SUSPEND), "没有订购的产品的暂停", "to suspend a product that is not subscribed")
    await expect_held(probe, "none", "被拒绝的暂停之后", "after a suspension that was refused")


@CASES.case(
    109, "迟到的重发不会再次订购", "a repeat that comes late does not subscribe again",
    rule=Text(
        "订购, 退订之后, 第一个请求再次到达(相同流水号): 用户仍然没有订购",
        "after a subscription and its end the first request comes again (same StreamingNo): the user still has nothing",
    ),
    source="docs/guarantees.md",
    severity=Severity.CRITICAL,
    hint=Text(
        "流水号的记录至少保存到网关不再重发(数天), 不要随订购关系删除",
        "keep the record of StreamingNos for as long as a gateway may repeat (days), and not as a part of the relation",
    ),
)  # fmt: skip
async def late_repeat(probe: Probe) -> None:
    """Subscribe, unsubscribe, the first again, look."""
    request = probe.request(SUBSCRIBE)
    await probe.do(SUBSCRIBE, request)
    await probe.do(UNSUBSCRIBE)
    await probe.call(SUBSCRIBE, request)
    await expect_held(probe, "none", "迟到的重发之后", "after a repeat that came late")


@CASES.case(
    110, "拆机(15)结束订购关系, 并同步", "tear-down (15) ends relations, and reports it",
    rule=Text(
        "userInfoSync 15之后用户没有订购关系; 每个结束的关系以OPType 3同步",
        "after userInfoSync 15 the user has no relation, and each that ended is reported with OPType 3",
    ),
    source="ismp.wsdl userInfoSync; operator's document 3.1 CRM (4)",
    severity=Severity.CRITICAL,
    hint=Text("拆机时结束用户的全部订购关系并逐个同步", "end all relations of the user, and report each"),
)  # fmt: skip
async def torn_down(probe: Probe) -> None:
    """Subscribe, tear down, look; then install the user again."""
    await clean(probe)
    await probe.do(SUBSCRIBE)
    await user_change(probe, "tear-down")
    try:
        await expect_held(probe, "none", "拆机之后", "after a tear-down")
        await report_of(probe, UNSUBSCRIBE)
    finally:
        await user_change(probe, "install")


@CASES.case(
    111, "停机(11)暂停订购关系, 复机恢复", "a stop (11) suspends relations, and the resume takes it back",
    rule=Text("停机不删除订购关系; 复机之后状态为0", "a stop deletes no relation; after the resume it has Status 0"),
    source="ismp.wsdl userInfoSync; operator's document 3.1 CRM (4)",
    severity=Severity.CRITICAL,
    hint=Text("停机时暂停, 复机时恢复", "suspend with the stop, resume with its end"),
)  # fmt: skip
async def stopped_and_resumed(probe: Probe) -> None:
    """Subscribe, stop, look, resume, look."""
    await clean(probe)
    await probe.do(SUBSCRIBE)
    await user_change(probe, "stop")
    found = await held(probe)
    zh, en = "停机之后订购关系不见了", "after the stop the relation is gone"
    probe.expect(found != "none", zh, en, probe.exchanges[-1], marks=("SubInfo", "ResultCode"))
    await user_change(probe, "resume")
    await expect_held(probe, NORMAL, "复机之后", "after the resume")
    await clean(probe)


ISMP = Role(
    name="ismp",
    prefix="ISMP",
    title=Text("ISMP 综合业务管理平台", "integrated service management platform"),
    contract="ismp",
    cases=tuple(CASES),
    data={"product": "115000000000000000201", "offer": "115000000000000000201"},
    listens=("vsop", "ocs"),
    unsure=frozenset({SUSPEND, RESUME}),
    replies={FEE_CHECK: {"Balance": 5000}},
)
