"""CRM客户管理: is told how its customer orders ended, and what the catalogue is. What it must do beyond answering by the contract."""

from __future__ import annotations

from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

CASES = CaseList()
RECEIPT, PRODUCT, OFFER = "orderReceipt", "productInfoSync", "PPOfferInfoSync"
MODIFY, DELETE, CANCELLED = "2", "3", "4"
MOST = 100


@CASES.case(
    101, "未知订单的回单", "a receipt for an unknown order",
    rule=Text(
        "回单对应的订单找不到时也答0: 拒绝只会使服务开通一再重发",
        "a receipt whose order is not found is answered with 0 too: a refusal makes provisioning send it again and again",
    ),
    source="crm.wsdl orderReceipt: sent until ResultCode 0; operator's document 3.2.1 step 5c",
    severity=Severity.MAJOR,
    hint=Text("记录下来由人核对, 应答仍为0", "note it for a person to look at, and answer 0"),
)  # fmt: skip
async def unknown_order(probe: Probe) -> None:
    """Send a receipt for what CRM never ordered."""
    probe.expect_result(await probe.ask(RECEIPT, OrigOrderId="KIT-NEVER-SENT"), "0")


@CASES.case(
    102, "同一订单的回单来两次", "the receipt of one order comes twice",
    rule=Text(
        "同一订单的回单以新的流水号再来一次: 仍答0, 订单只竣工一次, 只归档一次",
        "the receipt of one order comes again under a new StreamingNo: answered with 0, and the order is completed and archived once",
    ),
    source="crm.wsdl orderReceipt; operator's document 3.2.1 steps 5c and 6",
    severity=Severity.CRITICAL,
    hint=Text("按OrigOrderId判断是否已竣工; 归档以订单为单位", "look by OrigOrderId whether the order is completed; archive by order"),
)  # fmt: skip
async def receipt_twice(probe: Probe) -> None:
    """Send it under two numbers."""
    first = probe.request(RECEIPT)
    await probe.do(RECEIPT, first)
    probe.expect_result(await probe.ask(RECEIPT, OrigOrderId=first.OrigOrderId), "0")


@CASES.case(
    103, "失败的回单也是回单", "a receipt of failure is a receipt",
    rule=Text(
        "OrderResultCode不为0时也答0: 应答说的是收到, 不是订单成功",
        "OrderResultCode other than 0 is answered with 0: the answer says that it was received, not that the order went well",
    ),
    source="crm.wsdl orderReceipt, OrderResultCode; operator's document 3.2.1 step 5c",
    severity=Severity.CRITICAL,
    hint=Text("把失败的订单交给人处理; 回单本身要确认", "hand the failed order to a person; confirm the receipt itself"),
)  # fmt: skip
async def receipt_of_failure(probe: Probe) -> None:
    """Send failures."""
    for code in ("8001", "3001", "-1"):
        probe.expect_result(await probe.ask(RECEIPT, OrderResultCode=code, OrderResultDesc="平台拒绝 / refused"), "0")


@CASES.case(
    104, "部分成功的回单", "a receipt in part",
    rule=Text(
        "一张回单内各产品的结果可以不同, 也可以没有产品明细",
        "the products of one receipt may end in different ways, and there may be none in it",
    ),
    source="vas-types.xsd WorkOrderReceipt: VProductInfo minOccurs 0",
    severity=Severity.MAJOR,
    hint=Text("逐个产品处理OPResult; 没有明细时不要空指针", "treat OPResult product by product; none at all must not be a null pointer"),
)  # fmt: skip
async def receipt_in_part(probe: Probe) -> None:
    """Send one of two products, and one of none."""
    results = [probe.samples.part("ProductResult", ProductID=f"KIT{place}", OPResult=code) for place, code in enumerate(("0", "8001"))]
    probe.expect_result(await probe.ask(RECEIPT, VProductInfo=results), "0")
    probe.expect_result(await probe.ask(RECEIPT, VProductInfo=None), "0")


@CASES.case(
    105, "最大的回单", "the largest receipt",
    rule=Text(f"一张回单最多{MOST}个产品", f"a receipt holds up to {MOST} products"),
    source="vas-types.xsd WorkOrderReceipt: VProductInfo maxOccurs 100",
    severity=Severity.MINOR,
    hint=Text("不要假定只有一个产品", "do not expect one product alone"),
)  # fmt: skip
async def largest_receipt(probe: Probe) -> None:
    """Send as many products as the contract allows, each with a long text."""
    text = "已竣工<&>" + "。" * 200
    results = [probe.samples.part("ProductResult", ProductID=f"KIT{place}", OPResult="0", OPDesc=text) for place in range(MOST)]
    probe.expect_result(await probe.ask(RECEIPT, VProductInfo=results), "0")


@CASES.case(
    106, "迟到的旧版本不生效", "an older version that comes late changes nothing",
    rule=Text(
        "目录报文带Version: 比现有版本旧的不生效, 但要答0",
        "a message of the catalogue has a Version: an older one than what is held changes nothing, and is answered with 0",
    ),
    source="vas-types.xsd Version; operator's document 2.1 steps 4d and 6d",
    severity=Severity.CRITICAL,
    hint=Text("保存每个对象的Version, 只接收更大的", "keep each object's Version and take greater ones only"),
)  # fmt: skip
async def older_version(probe: Probe) -> None:
    """Tell a version, then the one before it."""
    older, newer = probe.request(PRODUCT), probe.request(PRODUCT)
    await probe.do(PRODUCT, newer)
    probe.expect_result(await probe.ask(PRODUCT, older), "0")


@CASES.case(
    107, "未曾见过的对象的修改", "a change of what was never seen",
    rule=Text(
        "每个目录报文都含对象的全部内容: OPFlag 2(修改)的对象不存在时就建立它",
        "each message of the catalogue holds the whole object: OPFlag 2 (modify) of what is not there makes it",
    ),
    source="vas-types.xsd OPFlag; wsdl/README.md: a catalogue message holds the whole object",
    severity=Severity.MAJOR,
    hint=Text("新增和修改都是保存(upsert)", "add and modify both mean: keep it"),
)  # fmt: skip
async def change_of_the_unseen(probe: Probe) -> None:
    """Change a product and an offer that nobody has."""
    fresh = fresh_id(probe)
    probe.expect_result(await probe.ask(PRODUCT, OPFlag=MODIFY, ProductID=fresh), "0")
    probe.expect_result(await probe.ask(OFFER, OPFlag=MODIFY, ProductOfferID=fresh), "0")


@CASES.case(
    108, "注销的对象不消失", "what is cancelled stays",
    rule=Text(
        "OPFlag 3只使对象注销(Status 4), 不删除: 之后更新的版本仍要接收, 因为在用的订购关系还指向它",
        "OPFlag 3 cancels an object (Status 4) and deletes nothing: later versions are taken, as relations of users still point at it",
    ),
    source="vas-types.xsd OPFlag 3: cancelled, never removed",
    severity=Severity.MAJOR,
    hint=Text("改状态, 不要物理删除", "change the state, do not delete the row"),
)  # fmt: skip
async def cancelled_stays(probe: Probe) -> None:
    """Make one, cancel it, and tell its next version."""
    fresh = fresh_id(probe)
    for flag, status in (("1", "0"), (DELETE, CANCELLED), (MODIFY, CANCELLED)):
        probe.expect_result(await probe.ask(PRODUCT, OPFlag=flag, Status=status, ProductID=fresh), "0")


@CASES.case(
    109, "名称里的字符", "characters in names",
    rule=Text("名称可以含 < & 引号和中文, 可以有64个字符", "a name may hold < & quotes and Chinese, and 64 characters"),
    source="vas-types.xsd Name",
    severity=Severity.MAJOR,
    hint=Text("字段按字符计长, 页面输出时再转义", "let the column count characters; escape where you show it"),
)  # fmt: skip
async def names(probe: Probe) -> None:
    """Tell names of each kind."""
    for name in ("七彩铃音<精选>&\"特惠\"'包'", "彩" * 64):
        probe.expect_result(await probe.ask(PRODUCT, PNameCN=name, PNameEN="Ring & <tone>"), "0")
        probe.expect_result(await probe.ask(OFFER, PNameCN=name, PNameEN="Ring & <tone>"), "0")


@CASES.case(
    110, "最大的套餐", "the largest bundle",
    rule=Text(f"一个销售品最多{MOST}个产品", f"an offer holds up to {MOST} products"),
    source="vas-types.xsd Offer: ProductID maxOccurs 100",
    severity=Severity.MINOR,
    hint=Text("ProductID是列表", "ProductID is a list"),
)  # fmt: skip
async def largest_bundle(probe: Probe) -> None:
    """Tell a bundle of as many products as the contract allows."""
    probe.expect_result(await probe.ask(OFFER, ProductOfferType="2", ProductID=[f"KIT{place:04d}" for place in range(MOST)]), "0")


def fresh_id(probe: Probe) -> str:
    """Make an id of an object that nobody has: 24 characters out of the kit's next StreamingNo."""
    return f"K{probe.request(probe.operations[0]).StreamingNo[-23:]}"


CRM = Role(
    name="crm",
    prefix="CRM",
    title=Text("CRM客户管理", "CRM"),
    contract="crm",
    cases=tuple(CASES),
    samples={RECEIPT: {"SystemId": "206"}, PRODUCT: {"SystemId": "202"}, OFFER: {"SystemId": "202"}},
)
