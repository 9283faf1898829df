"""计费: what billing must do beyond answering by the contract."""

from __future__ import annotations

from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.roles.versions import VERSIONS
from stubs.partnerkit.texts import Text

CASES = CaseList()
ACTIVE, ENDED = "0", "6"  # RelationStatus
_ARCHIVE = "billing.wsdl archiveOrder, subsInstSynToHB; operator's document 3.2.1 (6), 4.1.1 (2)"
_HINT = Text(
    "归档记录以(类别, SystemId, OrderId)为唯一键; 重复的归档答复0",
    "make (kind, SystemId, OrderId) the unique key of the archive, and answer a repeat with 0",
)


@CASES.case(
    101, "一个订单只归档一次", "an order is archived once",
    rule=Text(
        "同一订单以新的流水号再次归档: 答复0, 不产生第二条记录",
        "the same order archived again under a new StreamingNo is answered by 0, and makes no second record",
    ),
    source=_ARCHIVE, severity=Severity.CRITICAL, hint=_HINT,
)  # fmt: skip
async def archived_once(probe: Probe) -> None:
    """Archive an order of each kind twice."""
    for operation in ("subsInstSynToHB", "archiveOrder"):
        first = probe.request(operation)
        await probe.do(operation, first)
        again = probe.request(operation, **{name: getattr(first, name) for name in first.field_names if name != "StreamingNo"})
        probe.expect_result(await probe.ask(operation, again), "0")


@CASES.case(
    102, "同一订单的不同内容: 拒绝", "the same order with other content is refused",
    rule=Text(
        "已归档的订单不能改变: 内容不同的归档被拒绝, 第一条有效",
        "what was archived does not change: an archive of the same order with other content is refused, and the first stands",
    ),
    source=f"{_ARCHIVE}; docs/errors.md 2003", severity=Severity.MAJOR, hint=_HINT,
)  # fmt: skip
async def archived_otherwise(probe: Probe) -> None:
    """Archive an order, then the same with another user; then the first again."""
    first = probe.request("subsInstSynToHB")
    await probe.do("subsInstSynToHB", first)
    kept = {"OrderId": first.OrderId, "TimeStamp": first.TimeStamp}
    other = await probe.call("subsInstSynToHB", **kept, ProductNo=probe.data.other_number)
    probe.expect_refused(other, "同一订单的不同内容", "the same order with other content")
    probe.expect_result(await probe.ask("subsInstSynToHB", first), "0")


@CASES.case(
    103, "两种归档互不影响", "the two kinds of archive do not meet",
    rule=Text(
        "VSOP的订购关系归档和CRM的订单归档可以有相同的订单号",
        "VSOP's archive of relations and CRM's archive of an order may bear the same OrderId",
    ),
    source=_ARCHIVE, severity=Severity.MAJOR, hint=_HINT,
)  # fmt: skip
async def kinds_apart(probe: Probe) -> None:
    """Archive both kinds under one OrderId."""
    first = probe.request("subsInstSynToHB")
    await probe.do("subsInstSynToHB", first)
    probe.expect_result(await probe.ask("archiveOrder", OrderId=first.OrderId), "0")


@CASES.case(
    104, "退订也要归档", "the end of a relation is archived too",
    rule=Text(
        "Status为6的关系结束计费: 归档答复0; 之后可以再次订购",
        "a relation with Status 6 ends the charging: it is archived, and may be subscribed again later",
    ),
    source=_ARCHIVE,
    severity=Severity.CRITICAL,
    hint=Text("Status 6表示结束计费, 不要当作错误数据", "Status 6 ends the charging: it is no broken record"),
)  # fmt: skip
async def end_archived(probe: Probe) -> None:
    """Archive a subscription, its end, and a subscription again: three orders."""
    for status in (ACTIVE, ENDED, ACTIVE):
        await probe.do("subsInstSynToHB", Status=status)


@CASES.case(
    105, "多个产品一条归档", "one archive holds several products",
    rule=Text("一个订单的所有产品在一条报文中归档", "all products of an order are archived by one message"),
    source="vas-types.xsd SubsInstRequest; billing.xsd archiveOrder",
    severity=Severity.MAJOR,
    hint=Text("处理SubsInstInfo列表中的每一项", "work through each SubsInstInfo"),
)  # fmt: skip
async def several_products(probe: Probe) -> None:
    """Archive three products of one order."""
    products = [f"{probe.data.product[:20]}-{place}" for place in range(3)]
    parts = [probe.samples.part("SubsInst", VProductID=product) for product in products]
    await probe.do("subsInstSynToHB", SubsInstInfo=parts)


@CASES.case(
    106, "同一订单同时归档两次", "one order archived twice at once",
    rule=Text(
        "两个相同的归档同时到达: 都答复0, 一条记录",
        "the same archive twice at once: both are answered by 0, and there is one record",
    ),
    source=_ARCHIVE, severity=Severity.MAJOR, hint=_HINT,
)  # fmt: skip
async def archived_at_once(probe: Probe) -> None:
    """Archive one order under two StreamingNos at once."""
    operation = "archiveOrder"
    first = probe.request(operation)
    again = probe.request(operation, **{name: getattr(first, name) for name in first.field_names if name != "StreamingNo"})
    for answer in await probe.together((operation, probe.text(operation, first)), (operation, probe.text(operation, again))):
        probe.expect_result(answer, "0")


BILLING = Role(
    name="billing",
    prefix="BILL",
    title=Text("计费", "billing"),
    contract="billing",
    cases=(*CASES, *VERSIONS),
)
