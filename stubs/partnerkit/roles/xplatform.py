"""X业务平台: a service platform outside ISMP. What it must do beyond answering by the contract."""

from __future__ import annotations

from typing import Any

from gateway.contract.codec import Message
from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.exchange import Answer
from stubs.partnerkit.probe import Probe, refusals
from stubs.partnerkit.roles.user_changes import user_change
from stubs.partnerkit.roles.versions import VERSIONS
from stubs.partnerkit.texts import Text

CASES = CaseList()
SUBSCRIBE, UNSUBSCRIBE, SUSPEND, RESUME = "0", "3", "5", "6"
STEPS = {
    SUBSCRIBE: Text("订购(0)", "subscribe (0)"),
    UNSUBSCRIBE: Text("退订(3)", "unsubscribe (3)"),
    SUSPEND: Text("暂停(5)", "suspend (5)"),
    RESUME: Text("恢复(6)", "resume (6)"),
}
_ACTIONS = "xplatform.wsdl serverAction, ServiceAction 0, 3, 5, 6"


async def results(probe: Probe, answer: Answer, request: Message) -> list[Message]:
    """Give the results by product: of the answer, or of the callback that follows an answer without them."""
    if answer.code != "0":
        return []
    assert answer.message is not None
    if answer.message.ResultInfo:
        return list(answer.message.ResultInfo)
    received = await probe.wait_callback(
        "serverActionResult", lambda told: bool(told.RefStreamingNo == request.StreamingNo)
    )
    return list(received.message.ResultInfo)


async def done(probe: Probe, action: str, **fields: Any) -> None:
    """Have an action carried out; the case ends if it is not."""
    probe.step = STEPS[action]
    request = probe.request("serverAction", ActionType=action, **fields)
    answer = await probe.do("serverAction", request)
    wrong = [one.OPResult for one in await results(probe, answer, request) if one.OPResult != "0"]
    probe.require(
        not wrong,
        f"serverAction: 回调中OPResult应为0, 实际有 {', '.join(wrong)}",
        f"serverAction: expected OPResult 0 in the callback, found {', '.join(wrong)}",
        answer, *(one.exchange for one in probe.callbacks("serverActionResult")[-1:]), marks=("OPResult",),
    )  # fmt: skip


async def expect_not_done(probe: Probe, action: str, zh: str, en: str, **fields: Any) -> None:
    """Expect that an action is refused: by ResultCode, or by OPResult in the answer or the callback."""
    probe.step = STEPS[action]
    request = probe.request("serverAction", ActionType=action, **fields)
    answer = await probe.call("serverAction", request)
    if answer.refused or refusals(answer):
        return
    told = await results(probe, answer, request)
    if not [one for one in told if one.OPResult != "0"]:
        probe.expect_refused(answer, zh, en)


@CASES.case(
    101, "暂停不是删除", "suspend is not delete",
    rule=Text(
        "暂停(5)之后订购关系仍在: 恢复(6)成功, 且不需要重新订购",
        "after a suspension (5) the relation is still there: resuming (6) succeeds without a new subscription",
    ),
    source=f"{_ACTIONS}; operator's document 3.1 (4)",
    severity=Severity.CRITICAL,
    hint=Text(
        "暂停只改变状态, 不要删除用户或订购关系; 恢复时把状态改回",
        "suspending changes a state: do not delete the user or the relation; resuming sets the state back",
    ),
)  # fmt: skip
async def suspend_is_not_delete(probe: Probe) -> None:
    """Subscribe, suspend, resume."""
    await done(probe, SUBSCRIBE)
    await done(probe, SUSPEND)
    await done(probe, RESUME)
    await done(probe, UNSUBSCRIBE)


@CASES.case(
    102, "退订之后没有可恢复的", "after an unsubscription nothing is left to resume",
    rule=Text("退订(3)结束订购关系: 之后的恢复(6)被拒绝", "an unsubscription (3) ends the relation: resuming it (6) is refused"),
    source=f"{_ACTIONS}; operator's document 3.2.3 (2)",
    severity=Severity.CRITICAL,
    hint=Text(
        "退订要真正结束服务和计费; 恢复之前检查订购关系是否存在",
        "end the service and its charging; look for the relation before you resume it",
    ),
)  # fmt: skip
async def unsubscribed_is_gone(probe: Probe) -> None:
    """Subscribe, unsubscribe, resume."""
    await done(probe, SUBSCRIBE)
    await done(probe, UNSUBSCRIBE)
    await expect_not_done(probe, RESUME, "已退订产品的恢复", "to resume a product that was unsubscribed")


@CASES.case(
    103, "退订没有订购的产品: 成功", "to unsubscribe what is not there succeeds",
    rule=Text(
        "结果已经达到: 退订没有订购的产品答复0, 使网关的重试能够结束",
        "what is wanted is so already: it is answered by 0, so that a gateway's retry comes to an end",
    ),
    source="operator's document 3.2.3 (2); docs/guarantees.md",
    severity=Severity.MAJOR,
    hint=Text("没有订购关系时也答复0", "answer 0 also where there is no relation"),
)  # fmt: skip
async def unsubscribe_nothing(probe: Probe) -> None:
    """Unsubscribe twice."""
    await done(probe, UNSUBSCRIBE)
    await done(probe, UNSUBSCRIBE)


@CASES.case(
    104, "暂停没有订购的产品: 拒绝", "to suspend what is not there is refused",
    rule=Text("没有订购的产品不能暂停, 也不得由此产生订购关系", "what is not subscribed cannot be suspended, and no relation comes of it"),
    source=f"{_ACTIONS}; docs/errors.md 5002",
    severity=Severity.MAJOR,
    hint=Text("OPResult答复5002", "answer OPResult 5002"),
)  # fmt: skip
async def suspend_nothing(probe: Probe) -> None:
    """Unsubscribe, suspend."""
    await done(probe, UNSUBSCRIBE)
    await expect_not_done(probe, SUSPEND, "没有订购的产品的暂停", "to suspend a product that is not subscribed")


@CASES.case(
    105, "迟到的重发不会再次订购", "a repeat that comes late does not subscribe again",
    rule=Text(
        "订购, 退订之后, 第一个请求再次到达(相同流水号): 答复原来的应答, 用户仍然没有订购",
        "after subscription and end the first request comes again (same StreamingNo): its answer is given, and the user has nothing",
    ),
    source="WSDL serverAction; docs/guarantees.md",
    severity=Severity.CRITICAL,
    hint=Text(
        "流水号的记录至少保存到网关不再重发(数天), 不要随订购关系删除",
        "keep the record of StreamingNos for as long as a gateway may repeat (days), and not as a part of the relation",
    ),
)  # fmt: skip
async def late_repeat(probe: Probe) -> None:
    """Subscribe, unsubscribe, the first again, suspend."""
    request = probe.request("serverAction", ActionType=SUBSCRIBE)
    answer = await probe.do("serverAction", request)
    await results(probe, answer, request)
    await done(probe, UNSUBSCRIBE)
    await probe.call("serverAction", request)
    await expect_not_done(
        probe, SUSPEND, "迟到的重发产生了订购关系: 暂停", "a repeat that came late has made a relation: to suspend it"
    )


@CASES.case(
    106, "每个产品一个结果", "one result for each product",
    rule=Text(
        "ResultInfo列出请求中的每个产品, 各一次, 没有其他产品",
        "ResultInfo names each product of the request, once, and no other",
    ),
    source="vas-types.xsd ActionResponse, ProductResult",
    severity=Severity.CRITICAL,
    hint=Text("按请求中的产品逐个填写结果", "write a result for each product of the request"),
)  # fmt: skip
async def result_for_each(probe: Probe) -> None:
    """Subscribe and unsubscribe three products at once."""
    products = [f"{probe.data.product[:20]}-{place}" for place in range(3)]
    for action in (SUBSCRIBE, UNSUBSCRIBE):
        parts = [probe.samples.part("ServerActionProduct", ActionType=action, VProductID=product) for product in products]
        request = probe.request("serverAction", VProductInfo=parts)
        answer = await probe.call("serverAction", request)
        if answer.code != "0":
            return  # the partner may refuse products that it does not know
        named = sorted(str(one.ProductID) for one in await results(probe, answer, request))
        probe.expect(
            named == products,
            f"请求的产品是 {', '.join(products)}, 结果中是 {', '.join(named) or '无'}",
            f"the request names {', '.join(products)}, the result {', '.join(named) or 'none'}",
            answer, marks=("ProductID",),
        )  # fmt: skip


@CASES.case(
    107, "先受理后回调: 结果指向请求", "accepted first, reported later: the result names its request",
    rule=Text(
        "应答0而没有ResultInfo表示已受理; 结果由serverActionResult回调, 带请求的流水号(RefStreamingNo)和订单号, 自己的流水号是新的",
        "an answer 0 without ResultInfo means accepted: serverActionResult follows, naming the request's StreamingNo and OrderId",
    ),
    source="vas-types.xsd ActionResponse, ServerActionResultRequest; docs/callbacks.md",
    severity=Severity.CRITICAL,
    hint=Text(
        "受理时保存StreamingNo和OrderId; 回调地址是配置的, 不取自报文",
        "keep StreamingNo and OrderId when you accept; the address of callbacks is configured, never taken from a message",
    ),
)  # fmt: skip
async def callback_names_request(probe: Probe) -> None:
    """Subscribe; where the answer has no result, wait for the callback."""
    request = probe.request("serverAction", ActionType=SUBSCRIBE)
    answer = await probe.call("serverAction", request)
    early = probe.callbacks("serverActionResult")
    if answer.message is not None and answer.message.ResultInfo:
        probe.skip("对端在应答中给出结果", "the partner gives results in its answers")
    told = await probe.wait_callback("serverActionResult", lambda one: bool(one.OrderId == request.OrderId))
    message = told.message
    for name, is_right, wanted in (
        ("RefStreamingNo", message.RefStreamingNo == request.StreamingNo, request.StreamingNo),
        ("StreamingNo", message.StreamingNo != request.StreamingNo, "a number of its own / 新的流水号"),
    ):
        probe.expect(
            is_right,
            f"回调的{name}是 {getattr(message, name)}, 应为 {wanted}",
            f"the callback's {name} is {getattr(message, name)}, expected {wanted}",
            answer, told.exchange, marks=(name,),
        )  # fmt: skip
    probe.expect(
        told not in early, "回调先于应答到达", "the callback came before the answer", answer, told.exchange
    )
    await done(probe, UNSUBSCRIBE)


@CASES.case(
    108, "回调直到被接受", "a callback is sent until it is taken",
    rule=Text(
        "网关答复9001(忙)时, 以相同的流水号再次发送结果",
        "where the gateway answers 9001 (busy), the result is sent again under the same StreamingNo",
    ),
    source="docs/callbacks.md; docs/errors.md 9001",
    severity=Severity.MAJOR,
    hint=Text("回调放入队列, 收到0才删除; 重发不换流水号", "queue callbacks and drop one only when 0 comes; a repeat keeps its number"),
)  # fmt: skip
async def callback_until_taken(probe: Probe) -> None:
    """Answer the first callback with 9001, and look for a second."""
    request = probe.request("serverAction", ActionType=SUBSCRIBE)
    probe.reply("serverActionResult", ResultCode="9001")
    answer = await probe.call("serverAction", request)
    if answer.message is not None and answer.message.ResultInfo:
        probe.skip("对端在应答中给出结果", "the partner gives results in its answers")
    first = await probe.wait_callback("serverActionResult", lambda one: bool(one.OrderId == request.OrderId))
    again = first.message.StreamingNo
    second = await probe.wait_callback("serverActionResult", lambda one: bool(one.OrderId == request.OrderId), times=2)
    probe.expect(
        second.message.StreamingNo == again,
        f"再次发送时流水号是 {second.message.StreamingNo}, 应仍是 {again}",
        f"sent again its StreamingNo is {second.message.StreamingNo}, expected {again} as before",
        first.exchange, second.exchange, marks=("StreamingNo",),
    )  # fmt: skip
    await done(probe, UNSUBSCRIBE)


@CASES.case(
    109, "回调得到HTML页面: 再次发送", "a callback that is answered by an HTML page is sent again",
    rule=Text(
        "只有带ResultCode的SOAP应答才是应答; 代理或登录页面返回HTTP 200的HTML, 结果没有送达, 以相同的流水号再次发送",
        "only a SOAP answer with a ResultCode is one; where a proxy answers with HTML, be it HTTP 200, the result has not arrived: "
        "it is sent again under the same StreamingNo",
    ),
    source="docs/callbacks.md; docs/stub-faults.md html-answer",
    severity=Severity.MAJOR,
    hint=Text("解析应答, 只有ResultCode 0才算送达; 不要只看HTTP状态", "delivered is what got ResultCode 0, whatever the HTTP status"),
)  # fmt: skip
async def callback_not_taken(probe: Probe) -> None:
    """Answer the first callback with a page, and look for a second."""
    request = probe.request("serverAction", ActionType=SUBSCRIBE)
    probe.spoil("serverActionResult", "html-answer")
    answer = await probe.call("serverAction", request)
    if answer.message is not None and answer.message.ResultInfo:
        probe.skip("对端在应答中给出结果", "the partner gives results in its answers")
    first = await probe.wait_callback("serverActionResult", lambda one: bool(one.OrderId == request.OrderId))
    number = first.message.StreamingNo
    await probe.wait_callback("serverActionResult", lambda one: bool(one.StreamingNo == number), times=2)
    await done(probe, UNSUBSCRIBE)


@CASES.case(
    110, "拆机(15)结束用户的所有服务", "tear-down (15) ends all services of the user",
    rule=Text("userInfoSync 15之后用户没有任何服务", "after userInfoSync 15 the user has no service"),
    source="xplatform.wsdl userInfoSync; operator's document 3.1 CRM (4)",
    severity=Severity.CRITICAL,
    hint=Text("拆机时结束用户的全部订购关系, 不需要逐个退订", "end all relations of the user: no unsubscription follows for each"),
)  # fmt: skip
async def torn_down(probe: Probe) -> None:
    """Subscribe, tear down, resume; then install the user again."""
    await done(probe, SUBSCRIBE)
    await user_change(probe, "tear-down")
    try:
        await expect_not_done(probe, RESUME, "拆机用户的恢复", "to resume a product of a user who was torn down")
    finally:
        await user_change(probe, "install")


@CASES.case(
    111, "停机复机(11)不结束服务", "stop and resume of the user (11) end no service",
    rule=Text("停机, 复机之后服务照旧, 不需要重新订购", "after the user was stopped and resumed, his services are as before"),
    source="xplatform.wsdl userInfoSync; operator's document 3.1 CRM (4)",
    severity=Severity.CRITICAL,
    hint=Text("停机只改变用户状态, 不要删除订购关系", "a stop changes the user's state: do not delete relations"),
)  # fmt: skip
async def stopped_and_resumed(probe: Probe) -> None:
    """Subscribe, stop, resume; then suspend the service, which shows that it is there."""
    await done(probe, SUBSCRIBE)
    await user_change(probe, "stop")
    await user_change(probe, "resume")
    await done(probe, SUSPEND)
    await done(probe, UNSUBSCRIBE)


@CASES.case(
    112, "改号(12)之后服务属于新号码", "after a change of number (12) services belong to the new one",
    rule=Text(
        "userInfoSync 12: 服务随用户到新号码, 旧号码没有服务",
        "userInfoSync 12: the services go with the user to the new number, and the old one has none",
    ),
    source="vas-types.xsd UserInfoSyncRequest OldProductNo; operator's document 3.1 CRM (4)",
    severity=Severity.CRITICAL,
    hint=Text(
        "ProductNo是新号码, OldProductNo是旧号码: 不要颠倒",
        "ProductNo is the new number, OldProductNo the old one: do not mix them up",
    ),
)  # fmt: skip
async def renumbered(probe: Probe) -> None:
    """Subscribe, renumber, suspend at both numbers; then renumber back."""
    old, new = probe.data.number, probe.data.other_number
    await done(probe, UNSUBSCRIBE, ProductNo=new)
    await done(probe, SUBSCRIBE)
    await user_change(probe, "renumber", ProductNo=new, OldProductNo=old)
    try:
        await done(probe, SUSPEND, ProductNo=new)
        await expect_not_done(probe, SUSPEND, "旧号码上的暂停", "to suspend at the old number", ProductNo=old)
        await done(probe, UNSUBSCRIBE, ProductNo=new)
    finally:
        await user_change(probe, "renumber", ProductNo=old, OldProductNo=new)


@CASES.case(
    113, "测试通知: 未知的产品被拒绝", "a test notice for an unknown product is refused",
    rule=Text("没有同步过的产品不能测试, 答复4001", "a product that was never told cannot be tried: 4001"),
    source="xplatform.wsdl notifyProductTest; operator's document 2.1 (3)",
    severity=Severity.MINOR,
    hint=Text("查产品目录, 没有则拒绝", "look into your catalogue, and refuse what is not there"),
)  # fmt: skip
async def notice_of_test(probe: Probe) -> None:
    """Tell a product in test state and ask to try it, then ask for one that was never told."""
    await probe.do("productInfoSync", Status="5", OPFlag="2")
    await probe.do("notifyProductTest", ObjectType="0")
    unknown = await probe.call("notifyProductTest", ObjectType="0", ObjectID="199999999999999999999")
    probe.expect_refused(unknown, "未知产品的测试通知", "a test notice for an unknown product")


XPLATFORM = Role(
    name="xplatform",
    prefix="X",
    title=Text("X业务平台", "X platform"),
    contract="xplatform",
    cases=(*CASES, *VERSIONS),
    listens=("vsop",),
)
