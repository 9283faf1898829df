"""服务开通: takes customer orders apart, has VSOP do what is VAS in them, and tells CRM how they ended.

The kit is CRM that orders, VSOP that gets the work orders, and CRM again that gets the receipts.
"""

from __future__ import annotations

from typing import Any

from gateway.contract.codec import Message
from stubs.kit.orders import Work
from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.listener import Received
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

CASES = CaseList()
ORDER, RECEIPT = "submitCustomerOrder", "workListVSOPToFK"
WORK, TOLD = "workListFKToVSOP", "orderReceipt"
PRODUCTS, PRODUCTS_AND_CAPABILITIES = str(Work.PRODUCTS.value), str(Work.PRODUCTS_AND_CAPABILITIES.value)
RENUMBER, STATE, TEAR_DOWN, PAYMENT = (str(one.value) for one in (Work.RENUMBER, Work.STATE_CHANGE, Work.TEAR_DOWN, Work.PAYMENT))
QUIET = 0.6
"""Seconds of silence after which nothing is expected to come any more."""


def _order(probe: Probe, **fields: Any) -> Message:
    """Make a customer order of one VAS product, if nothing else is said."""
    product = probe.samples.part("WorkOrderProduct", ActionType="0", VProductID=probe.data.product)
    return probe.request(ORDER, **{"ActionType": PRODUCTS, "ProductOfferID": probe.data.offer, "VProductInfo": [product], **fields})


async def _work_of(probe: Probe, order: Message) -> Received:
    return await probe.wait_callback(WORK, lambda one: str(one.OrderId) == order.OrderId)


async def _finish(probe: Probe, order: Message, code: str = "0") -> None:
    """Send the receipt of a work order, as VSOP does."""
    await probe.do(RECEIPT, OrigOrderId=order.OrderId, OrderResultCode=code)


@CASES.case(
    101, "含增值产品的订单转给VSOP", "an order with VAS products goes on to VSOP",
    rule=Text(
        "ActionType 14的客户订单: 服务开通以workListFKToVSOP转给VSOP, OrderId, ActionType, 用户和产品不变",
        "a customer order of ActionType 14 goes on to VSOP by workListFKToVSOP, with its OrderId, ActionType, user and products",
    ),
    source="operator's document 3.2.1 steps 3a and 3b; vas-types.xsd WorkOrder",
    severity=Severity.CRITICAL,
    hint=Text("工单里的OrderId是CRM的OrderId, 回单按它找订单", "OrderId of the work order is CRM's own: the receipt is found by it"),
)  # fmt: skip
async def goes_on_to_vsop(probe: Probe) -> None:
    """Order one product and compare the work order."""
    order = _order(probe)
    await probe.do(ORDER, order)
    work = await _work_of(probe, order)
    for name in ("ActionType", "ProductNo", "ProductOfferID", "UserState", "UserPayType"):
        was, now = getattr(order, name), getattr(work.message, name)
        probe.expect(
            was == now, f"工单的{name}是 {now}, 客户订单的是 {was}", f"{name} of the work order is {now}, of the customer order {was}",
            work.exchange, marks=(name,),
        )  # fmt: skip
    products = [one.VProductID for one in work.message.VProductInfo]
    probe.expect(
        products == [probe.data.product], f"工单的产品是 {products}", f"the products of the work order are {products}",
        work.exchange, marks=("VProductInfo",),
    )  # fmt: skip
    await _finish(probe, order)


@CASES.case(
    102, "工单有自己的流水号和系统编码", "a work order has a StreamingNo and SystemId of its own",
    rule=Text(
        "转出的工单是新的报文: 新的StreamingNo, SystemId为206, 而不是CRM的",
        "a work order is a message of its own: a new StreamingNo and SystemId 206, not CRM's",
    ),
    source="vas-types.xsd StreamingNo: unique for one sender; wsdl/README.md",
    severity=Severity.MAJOR,
    hint=Text("不要照抄收到的报文头", "do not copy the head of what you received"),
)  # fmt: skip
async def own_number(probe: Probe) -> None:
    """Order and look at the head of the work order."""
    order = _order(probe)
    await probe.do(ORDER, order)
    work = await _work_of(probe, order)
    probe.expect(
        work.message.StreamingNo != order.StreamingNo, "工单沿用了CRM的StreamingNo", "the work order bears CRM's StreamingNo",
        work.exchange, marks=("StreamingNo",),
    )  # fmt: skip
    own = probe.data.system or "206"
    probe.expect(
        work.message.SystemId == own, f"工单的SystemId是 {work.message.SystemId}, 应为 {own}",
        f"SystemId of the work order is {work.message.SystemId}, expected {own}", work.exchange, marks=("SystemId",),
    )  # fmt: skip
    await _finish(probe, order)


@CASES.case(
    103, "没有增值产品的订单不打扰VSOP", "an order without VAS products does not go to VSOP",
    rule=Text("ActionType 14而没有增值产品: 不产生工单", "an order of ActionType 14 without VAS products makes no work order"),
    source="operator's document 3.2.1 step 3: only if VAS is inside",
    severity=Severity.MAJOR,
    hint=Text("按VProductInfo是否为空判断", "look whether VProductInfo is empty"),
)  # fmt: skip
async def nothing_for_vsop(probe: Probe) -> None:
    """Order a bundle of traditional products alone."""
    order = _order(probe, VProductInfo=None)
    await probe.do(ORDER, order)
    await probe.pause(QUIET)
    came = probe.callbacks(WORK, lambda one: str(one.OrderId) == order.OrderId)
    probe.expect(not came, "收到了工单", "a work order came", *(one.exchange for one in came), marks=("OrderId",))


@CASES.case(
    104, "同一订单提交两次", "an order that is submitted twice",
    rule=Text(
        "同一OrderId, 内容相同, 流水号不同: 答0, 只产生一个工单",
        "the same OrderId and content under another StreamingNo: answered with 0, and one work order is made",
    ),
    source="operator's document 3.2.1 step 3a; provisioning.wsdl submitCustomerOrder",
    severity=Severity.CRITICAL,
    hint=Text("以(SystemId, OrderId)为键", "the key is (SystemId, OrderId)"),
)  # fmt: skip
async def order_twice(probe: Probe) -> None:
    """Submit twice and count the work orders."""
    order = _order(probe)
    await probe.do(ORDER, order)
    await _work_of(probe, order)
    probe.expect_result(await probe.ask(ORDER, _order(probe, OrderId=order.OrderId)), "0")
    await probe.pause(QUIET)
    numbers = {str(one.message.StreamingNo) for one in probe.callbacks(WORK, lambda one: str(one.OrderId) == order.OrderId)}
    probe.expect(len(numbers) == 1, f"产生了{len(numbers)}个工单", f"{len(numbers)} work orders were made")
    await _finish(probe, order)


@CASES.case(
    105, "同一OrderId的另一内容", "other content under the same OrderId",
    rule=Text("OrderId已用于另一内容: 拒绝, 第一个有效", "an OrderId that was used for other content is refused; the first stands"),
    source="provisioning.wsdl submitCustomerOrder; docs/errors.md 2003",
    severity=Severity.MAJOR,
    hint=Text("保存订单内容的摘要, 再比较", "keep a digest of an order's content and compare"),
)  # fmt: skip
async def other_content(probe: Probe) -> None:
    """Submit an order, then another under its OrderId."""
    order = _order(probe)
    await probe.do(ORDER, order)
    again = _order(probe, OrderId=order.OrderId, ProductOfferID="KIT-OTHER")
    probe.expect_refused(await probe.ask(ORDER, again), "同一OrderId的另一内容", "other content under the same OrderId")
    await _work_of(probe, order)
    await _finish(probe, order)


@CASES.case(
    106, "产品和能力一起变更", "products and capabilities together",
    rule=Text(
        "ActionType 20: 工单同时带VProductInfo和AProductInfo",
        "ActionType 20: the work order holds both VProductInfo and AProductInfo",
    ),
    source="vas-types.xsd WorkOrderAction 20; operator's document 3.2.1 step 3b",
    severity=Severity.MAJOR,
    hint=Text("AProductInfo也要转出", "pass AProductInfo on too"),
)  # fmt: skip
async def with_capabilities(probe: Probe) -> None:
    """Order a product and a capability."""
    capability = probe.samples.part("Capability", ActionType="0", AProductID="1")
    order = _order(probe, ActionType=PRODUCTS_AND_CAPABILITIES, AProductInfo=[capability])
    await probe.do(ORDER, order)
    work = await _work_of(probe, order)
    probe.expect(
        [one.AProductID for one in work.message.AProductInfo] == ["1"], "工单没有带上能力", "the work order lacks the capability",
        work.exchange, marks=("AProductInfo",),
    )  # fmt: skip
    await _finish(probe, order)


@CASES.case(
    107, "用户变更也告诉VSOP", "changes of users are told to VSOP too",
    rule=Text(
        "状态变更(11), 改号(12, 带旧号码), 拆机(15)和付费方式变更(16)都产生同样ActionType的工单",
        "changes of state (11), of number (12, with the old one), tear-down (15) and payment (16) "
        "each make a work order of the same ActionType",
    ),
    source="operator's document 3.1b steps 1 and 2b",
    severity=Severity.CRITICAL,
    hint=Text("改号的工单要带OldProductNo, 否则无法转移订购关系", "a change of number needs OldProductNo, or relations cannot follow"),
)  # fmt: skip
async def user_changes(probe: Probe) -> None:
    """Submit one order of each kind."""
    kinds: dict[str, dict[str, Any]] = {
        STATE: {"UserState": "00B"},
        RENUMBER: {"ProductNo": probe.data.other_number, "OldProductNo": probe.data.number},
        TEAR_DOWN: {"UserState": "00X"},
        PAYMENT: {"UserPayType": "0"},
    }
    for action, fields in kinds.items():
        order = _order(probe, ActionType=action, ProductOfferID=None, VProductInfo=None, **fields)
        await probe.do(ORDER, order)
        work = await _work_of(probe, order)
        for name in ("ActionType", "OldProductNo", "UserState", "UserPayType"):
            was, now = getattr(order, name), getattr(work.message, name)
            probe.expect(
                was == now,
                f"ActionType {action}: 工单的{name}是 {now}, 应为 {was}",
                f"ActionType {action}: {name} is {now}, expected {was}",
                work.exchange, marks=(name,),
            )  # fmt: skip
        await _finish(probe, order)


@CASES.case(
    108, "未知工单的回单, 来两次的回单", "a receipt for an unknown work order, and one that comes twice",
    rule=Text(
        "回单找不到工单, 或同一工单的回单再来一次: 都答0",
        "a receipt whose work order is not found, or that comes a second time, is answered with 0",
    ),
    source="provisioning.wsdl workListVSOPToFK: sent until ResultCode 0; operator's document 3.2.1 step 5b",
    severity=Severity.MAJOR,
    hint=Text("拒绝会使VSOP一再重发; 记录下来由人核对", "a refusal makes VSOP send it again and again; note it for a person"),
)  # fmt: skip
async def odd_receipts(probe: Probe) -> None:
    """Send both."""
    probe.expect_result(await probe.ask(RECEIPT, OrigOrderId="KIT-NEVER-SENT"), "0")
    order = _order(probe)
    await probe.do(ORDER, order)
    await _work_of(probe, order)
    for _ in range(2):
        probe.expect_result(await probe.ask(RECEIPT, OrigOrderId=order.OrderId), "0")


@CASES.case(
    109, "失败的回单也要确认", "a receipt of failure is confirmed",
    rule=Text(
        "OrderResultCode不为0, 或部分产品失败: 应答仍为0",
        "OrderResultCode other than 0, or products that failed in part: the answer is 0 all the same",
    ),
    source="vas-types.xsd WorkOrderReceipt; operator's document 3.2.1 step 5b",
    severity=Severity.CRITICAL,
    hint=Text("应答说的是收到回单", "the answer says that the receipt was received"),
)  # fmt: skip
async def receipt_of_failure(probe: Probe) -> None:
    """End an order in failure."""
    order = _order(probe)
    await probe.do(ORDER, order)
    await _work_of(probe, order)
    failed = probe.samples.part("ProductResult", ProductID=probe.data.product, OPResult="8001", OPDesc="平台拒绝 / refused")
    probe.expect_result(await probe.ask(RECEIPT, OrigOrderId=order.OrderId, OrderResultCode="8001", VProductInfo=[failed]), "0")


@CASES.case(
    110, "CRM得到回单, 一次, 在VSOP的回单之后", "CRM gets its receipt once, after VSOP's",
    rule=Text(
        "VSOP回单之后, 以orderReceipt告诉CRM, OrigOrderId为CRM的OrderId, 结果相同; 之前不能报竣工",
        "after VSOP's receipt CRM is told by orderReceipt with its own OrderId and the same result, and not before",
    ),
    source="operator's document 3.2.1 steps 5b and 5c",
    severity=Severity.CRITICAL,
    hint=Text("收到VSOP的回单才通知CRM; 同一订单只通知一次", "tell CRM when VSOP's receipt has come, and once for an order"),
)  # fmt: skip
async def crm_is_told(probe: Probe) -> None:
    """Play an order to its end."""
    order = _order(probe)
    await probe.do(ORDER, order)
    await _work_of(probe, order)
    await probe.pause(QUIET)
    early = probe.callbacks(TOLD, lambda one: str(one.OrigOrderId) == order.OrderId)
    shown = (one.exchange for one in early)
    probe.expect(not early, "VSOP还没有回单, CRM已收到回单", "CRM was told before VSOP had sent its receipt", *shown)
    await _finish(probe, order, "8001")
    told = await probe.wait_callback(TOLD, lambda one: str(one.OrigOrderId) == order.OrderId)
    code = str(told.message.OrderResultCode)
    probe.expect(
        code == "8001", f"给CRM的结果是 {code}, VSOP的是 8001", f"CRM was told {code}, VSOP had said 8001",
        told.exchange, marks=("OrderResultCode",),
    )  # fmt: skip


PROVISIONING = Role(
    name="provisioning",
    prefix="PROV",
    title=Text("服务开通", "service provisioning"),
    contract="provisioning",
    cases=tuple(CASES),
    listens=("vsop", "crm"),
    samples={ORDER: {"SystemId": "201", "UserState": "00A", "ActionType": PRODUCTS}},
)
