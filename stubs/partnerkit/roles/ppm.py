"""PPM产品管理: takes applications from CRM and configurations from ISMP, has them audited, and publishes them in versions.

The kit is CRM and ISMP that file, and VSOP that is told. A PPM that audits by hand passes what can be seen before the audit.
"""

from __future__ import annotations

from typing import Any

from gateway.contract.codec import Message
from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.listener import Received
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.roles.crm import fresh_id
from stubs.partnerkit.texts import Text

CASES = CaseList()
PRODUCT, OFFER, CHANGE = "submitProductApplication", "submitOfferApplication", "submitStateChange"
ISMP_PRODUCT, ISMP_OFFER = "prodInfoSynFromISMP", "offerInfoSynFromISMP"
AUDIT, STATUS = "auditResultQry", "catalogSyncStatusQry"
TOLD_PRODUCT, TOLD_OFFER = "productInfoSync", "PPOfferInfoSync"
CRM, ISMP = "201", "204"
WAITING, APPROVED = "0", "1"  # AuditState
A_PRODUCT = "0"  # ObjectType
NORMAL, APPLIED, SUSPENDED, CANCELLED = "0", "1", "2", "4"  # CatalogueStatus


async def _approved(probe: Probe, application: Message) -> None:
    """Ask for the audit; if a person has to decide, the rest cannot be tried."""
    answer = await probe.do(AUDIT, ApplicationId=application.ApplicationId)
    state = "" if answer.message is None else answer.message.AuditState
    if state == WAITING:
        probe.skip("审核由人进行, 无法继续", "a person audits here, so the rest cannot be tried")
    probe.require(state == APPROVED, f"申请的审核状态是 {state}", f"the application's AuditState is {state}", answer, marks=("AuditState",))


async def _told(probe: Probe, product: str, status: str = NORMAL) -> Received:
    return await probe.wait_callback(
        TOLD_PRODUCT, lambda one: one.ProductInfo.ProductID == product and one.ProductInfo.Status == status
    )


@CASES.case(
    101, "申请可以查询", "an application can be asked for",
    rule=Text(
        "收到申请后auditResultQry答AuditState(0待审核 1通过 2拒绝)",
        "once an application was taken, auditResultQry tells its AuditState (0 waiting, 1 approved, 2 rejected)",
    ),
    source="ppm.wsdl auditResultQry, ppm.xsd AuditState",
    severity=Severity.MAJOR,
    hint=Text("以(SystemId, ApplicationId)为键保存申请", "keep applications by (SystemId, ApplicationId)"),
)  # fmt: skip
async def can_be_asked_for(probe: Probe) -> None:
    """File a product and ask."""
    application = probe.request(PRODUCT, ProductID=fresh_id(probe))
    await probe.do(PRODUCT, application)
    answer = await probe.do(AUDIT, ApplicationId=application.ApplicationId)
    assert answer.message is not None
    probe.expect(
        answer.message.AuditState is not None, "应答没有AuditState", "the answer has no AuditState", answer, marks=("ResultCode",)
    )


@CASES.case(
    102, "同一申请提交两次", "an application that is filed twice",
    rule=Text(
        "同一ApplicationId, 内容相同, 流水号不同: 答0, 只是一个申请",
        "the same ApplicationId and content under another StreamingNo is answered with 0 and is one application",
    ),
    source="ppm.wsdl submitProductApplication; operator's document 2.1 step 1",
    severity=Severity.MAJOR,
    hint=Text("以(SystemId, ApplicationId)为键", "the key is (SystemId, ApplicationId)"),
)  # fmt: skip
async def filed_twice(probe: Probe) -> None:
    """File the same twice."""
    application = probe.request(PRODUCT, ProductID=fresh_id(probe))
    await probe.do(PRODUCT, application)
    again = probe.request(PRODUCT, ApplicationId=application.ApplicationId, ProductInfo=application.ProductInfo)
    probe.expect_result(await probe.ask(PRODUCT, again), "0")


@CASES.case(
    103, "同一ApplicationId的另一内容", "other content under the same ApplicationId",
    rule=Text(
        "ApplicationId已用于另一内容: 拒绝, 第一个有效",
        "an ApplicationId that was used for other content is refused; the first stands",
    ),
    source="ppm.wsdl submitProductApplication; docs/errors.md 2003",
    severity=Severity.MAJOR,
    hint=Text("保存申请内容的摘要, 再比较", "keep a digest of an application's content and compare"),
)  # fmt: skip
async def other_content(probe: Probe) -> None:
    """File a product, then another under its id."""
    application = probe.request(PRODUCT, ProductID=fresh_id(probe))
    await probe.do(PRODUCT, application)
    answer = await probe.ask(PRODUCT, ApplicationId=application.ApplicationId, ProductID=fresh_id(probe))
    probe.expect_refused(answer, "同一ApplicationId的另一内容", "other content under the same ApplicationId")


@CASES.case(
    104, "不存在的申请和对象", "applications and objects that are not there",
    rule=Text(
        "查询不存在的申请, 查询或变更不存在的对象: 以ResultCode拒绝, 不是fault, 也不是0",
        "asking for an application that is not there, asking for or changing an object that is not there: "
        "refused by ResultCode, neither a fault nor 0",
    ),
    source="wsdl/README.md: a business refusal is a ResultCode; docs/errors.md 4001, 4008, 4014",
    severity=Severity.MAJOR,
    hint=Text("先查后答, 找不到要说找不到", "look first; say that it is not there"),
)  # fmt: skip
async def not_there(probe: Probe) -> None:
    """Ask for nothing that was filed."""
    nothing: tuple[tuple[str, dict[str, Any]], ...] = (
        (AUDIT, {"ApplicationId": "KIT-NEVER-FILED"}),
        (STATUS, {"ObjectType": A_PRODUCT, "ObjectID": "KIT-NEVER-FILED"}),
        (CHANGE, {"ObjectType": A_PRODUCT, "ObjectID": "KIT-NEVER-FILED", "Status": SUSPENDED}),
    )
    for operation, fields in nothing:
        answer = await probe.call(operation, **fields)
        probe.expect_refused(answer, "不存在的申请或对象", "what is not there")


@CASES.case(
    105, "通过的产品要发布", "what was approved is published",
    rule=Text(
        "审核通过后以productInfoSync告诉VSOP, 带Version, 内容是申请的内容",
        "what was approved is told to VSOP by productInfoSync with a Version, and its content is the application's",
    ),
    source="operator's document 2.1 steps 2 to 4; vas-types.xsd Version",
    severity=Severity.CRITICAL,
    hint=Text("发布是PPM自己发起的调用, 直到ResultCode为0", "publishing is a call of PPM's own, made until ResultCode 0"),
)  # fmt: skip
async def is_published(probe: Probe) -> None:
    """File a product with an awkward name and wait for it."""
    name = "联调<铃音>&\"包'"
    application = probe.request(PRODUCT, ProductID=fresh_id(probe), PNameCN=name, Status=APPLIED)
    await probe.do(PRODUCT, application)
    await _approved(probe, application)
    told = await _told(probe, application.ProductInfo.ProductID)
    found = told.message.ProductInfo.PNameCN
    probe.expect(
        found == name, f"发布的名称是 {found}, 申请的是 {name}", f"the name is {found}, filed was {name}", told.exchange, marks=("PNameCN",)
    )


@CASES.case(
    106, "版本只增不减", "versions grow",
    rule=Text("同一对象每次发布的Version都比前一次大", "each time an object is published its Version is greater than before"),
    source="vas-types.xsd Version; operator's document 2.1 steps 4 to 6",
    severity=Severity.CRITICAL,
    hint=Text("Version由PPM按对象递增, 不要用随机数或常量", "PPM counts versions up by object: no chance, no constant"),
)  # fmt: skip
async def versions_grow(probe: Probe) -> None:
    """Publish a product, then its suspension."""
    application = probe.request(PRODUCT, ProductID=fresh_id(probe), Status=APPLIED)
    await probe.do(PRODUCT, application)
    await _approved(probe, application)
    product = application.ProductInfo.ProductID
    first = await _told(probe, product)
    await probe.do(CHANGE, ObjectType=A_PRODUCT, ObjectID=product, Status=SUSPENDED)
    second = await _told(probe, product, SUSPENDED)
    before, after = int(first.message.Version), int(second.message.Version)
    probe.expect(
        after > before, f"后一次的Version {after} 不大于前一次的 {before}", f"Version {after} is not greater than {before} before it",
        first.exchange, second.exchange, marks=("Version",),
    )  # fmt: skip


@CASES.case(
    107, "同步状态可以查询", "the delivery ledger can be asked for",
    rule=Text(
        "发布之后catalogSyncStatusQry列出每个目标的版本和结果",
        "after publishing, catalogSyncStatusQry lists each target with version and result",
    ),
    source="ppm.wsdl catalogSyncStatusQry, ppm.xsd SyncInfo",
    severity=Severity.MINOR,
    hint=Text("按(对象, 目标, 版本)记录结果", "keep the result by object, target and version"),
)  # fmt: skip
async def delivery_ledger(probe: Probe) -> None:
    """Publish a product and ask what became of it."""
    application = probe.request(PRODUCT, ProductID=fresh_id(probe), Status=APPLIED)
    await probe.do(PRODUCT, application)
    await _approved(probe, application)
    product = application.ProductInfo.ProductID
    await _told(probe, product)
    answer = await probe.do(STATUS, ObjectType=A_PRODUCT, ObjectID=product)
    assert answer.message is not None
    probe.expect(bool(answer.message.SyncInfo), "没有SyncInfo", "there is no SyncInfo", answer)


@CASES.case(
    108, "ISMP配置的产品和销售品直接发布", "what ISMP has configured is published",
    rule=Text(
        "prodInfoSynFromISMP和offerInfoSynFromISMP不需审核, 收到即发布给VSOP",
        "prodInfoSynFromISMP and offerInfoSynFromISMP need no audit: they are published to VSOP as they come",
    ),
    source="operator's document 2.2 steps 1b and 2a, 2.3 steps 1b and 2a",
    severity=Severity.MAJOR,
    hint=Text("ISMP管理的对象由ISMP负责, PPM只转发", "ISMP answers for its objects; PPM passes them on"),
)  # fmt: skip
async def ismp_objects(probe: Probe) -> None:
    """Configure a product, and an offer of it."""
    product = fresh_id(probe)
    await probe.do(ISMP_PRODUCT, ProductID=product, Status=NORMAL)
    await _told(probe, product)
    await probe.do(ISMP_OFFER, ProductOfferID=product, ProductID=[product], Status=NORMAL)
    await probe.wait_callback(TOLD_OFFER, lambda one: str(one.ProductOfferInfo.ProductOfferID) == product)


@CASES.case(
    109, "ISMP删除的产品以注销发布", "what ISMP deletes is published as cancelled",
    rule=Text(
        "OPFlag 3发布为Status 4(注销), 不是不再提起: 在用的订购关系还指向它",
        "OPFlag 3 is published as Status 4 (cancelled), not kept silent about: relations of users point at it",
    ),
    source="vas-types.xsd OPFlag 3; operator's document 2.2",
    severity=Severity.MAJOR,
    hint=Text("删除也是一个新版本", "a deletion is a new version too"),
)  # fmt: skip
async def ismp_deletes(probe: Probe) -> None:
    """Configure a product, then delete it."""
    product = fresh_id(probe)
    await probe.do(ISMP_PRODUCT, ProductID=product, Status=NORMAL)
    await _told(probe, product)
    await probe.do(ISMP_PRODUCT, ProductID=product, Status=NORMAL, OPFlag="3")
    await _told(probe, product, CANCELLED)


PPM = Role(
    name="ppm",
    prefix="PPM",
    title=Text("PPM产品管理", "PPM"),
    contract="ppm",
    cases=tuple(CASES),
    caller=CRM,
    listens=("vsop",),
    samples={ISMP_PRODUCT: {"SystemId": ISMP}, ISMP_OFFER: {"SystemId": ISMP}},
    unsure=frozenset({CHANGE, AUDIT, STATUS}),
)
