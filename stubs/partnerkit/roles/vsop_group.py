"""集团VSOP: takes over orders of national products from the provinces. The kit is a province, and the national X platform."""

from __future__ import annotations

from gateway.contract.codec import Message
from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.listener import Received
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.roles.vsop_play import (
    ACTION,
    CANCELLED,
    HALL,
    ISMP,
    NORMAL,
    PLATFORM,
    PPM,
    PROVISIONING,
    QUIET,
    RELATIONS,
    RESULT,
    SUSPENDED,
    X_END,
    X_RESUME,
    X_START,
    X_SUSPEND,
    about,
    activation,
    tell_result,
)
from stubs.partnerkit.texts import Text

CASES = CaseList()
PROVINCE = "200"
NATIONAL = "135000000000000000301"
"""A national product of an X platform, in the lab's catalogue."""
REPORT, USER = "subsInstSynToVSOP", "userInfoSync"
_NATIONAL = "operator's document 4.1.3"


def _request(probe: Probe, action: str, **fields: object) -> Message:
    """Make an activation of the test data's product."""
    goods = {"VProductID": probe.data.product, "ProductOfferID": probe.data.offer}
    return probe.request(ACTION, **{"ActionType": action, **goods, **fields})


async def _play(probe: Probe, action: str, code: str = "0", **fields: object) -> tuple[Message, Received]:
    """Pass an order on as a province, act as the platform; gives the request and the result that comes back."""
    request = _request(probe, action, **fields)
    await probe.do(ACTION, request)
    asked = await activation(probe, probe.data.number, action)
    await tell_result(probe, asked.message, code)
    return request, await probe.wait_callback(RESULT, about("RefStreamingNo", request.StreamingNo))


@CASES.case(
    101, "接管, 转给平台, 结果报回省", "taken over, passed to the platform, reported to the province",
    rule=Text(
        "省转来的激活答0; 集团以自己的流水号转给全国平台, OrderId不变; 平台的结果以serverActionResult报回省, RefStreamingNo是省的流水号",
        "an activation of a province is answered with 0, passed to the national platform under a new StreamingNo and the same OrderId, "
        "and its result goes back by serverActionResult, whose RefStreamingNo is the province's number",
    ),
    source=f"{_NATIONAL} steps 2c to 3b", severity=Severity.CRITICAL,
    hint=Text("省的流水号用于对应, 自己的流水号用于去重", "the province's number says what is meant, your own one finds repetitions"),
)  # fmt: skip
async def there_and_back(probe: Probe) -> None:
    """Subscribe a user of the province to a national product, and end it."""
    request = _request(probe, X_START)
    await probe.do(ACTION, request)
    asked = await activation(probe, probe.data.number, X_START)
    probe.expect(
        asked.message.StreamingNo != request.StreamingNo, "转给平台的报文沿用了省的流水号", "the platform got the province's StreamingNo",
        asked.exchange, marks=("StreamingNo",),
    )  # fmt: skip
    await tell_result(probe, asked.message)
    told = await probe.wait_callback(RESULT, about("RefStreamingNo", request.StreamingNo))
    result = told.message.ResultInfo[0].OPResult if told.message.ResultInfo else told.message.ResultCode
    zh, en = f"报回省的结果是 {result}", f"the province was told {result}"
    probe.expect(result == "0", zh, en, told.exchange, marks=("OPResult", "ResultCode"))
    probe.expect(
        told.message.OrderId == request.OrderId, f"报回省的OrderId是 {told.message.OrderId}", f"the OrderId told is {told.message.OrderId}",
        told.exchange, marks=("OrderId",),
    )  # fmt: skip
    await _play(probe, X_END)


@CASES.case(
    102, "省重发的激活", "an activation that a province sends again",
    rule=Text(
        "同一流水号: 应答的ResultCode相同, 平台只激活一次",
        "the same StreamingNo: the same ResultCode, and one activation at the platform",
    ),
    source=f"{_NATIONAL} step 2d; docs/callbacks.md", severity=Severity.CRITICAL,
    hint=Text("以(SystemId, StreamingNo)为唯一键", "make (SystemId, StreamingNo) a unique key"),
)  # fmt: skip
async def sent_again(probe: Probe) -> None:
    """Send it three times and count."""
    request = _request(probe, X_START)
    text = probe.text(ACTION, request)
    await probe.do(ACTION, request)
    for answer in await probe.together((ACTION, text), (ACTION, text)):
        probe.expect_result(answer, "0")
    asked = await activation(probe, probe.data.number, X_START)
    await probe.pause(QUIET)
    numbers = {str(one.message.StreamingNo) for one in probe.callbacks(ACTION)}
    probe.expect(len(numbers) == 1, f"激活了{len(numbers)}次", f"activated {len(numbers)} times", asked.exchange)
    await tell_result(probe, asked.message)
    await probe.wait_callback(RESULT, about("RefStreamingNo", request.StreamingNo))
    await _play(probe, X_END)


@CASES.case(
    103, "平台的拒绝报回省", "a refusal of the platform is reported to the province",
    rule=Text("平台的OPResult不为0: 报回省的结果不为0", "an OPResult of the platform other than 0 is told to the province as a failure"),
    source=f"{_NATIONAL} steps 3a and 3b", severity=Severity.CRITICAL,
    hint=Text("不要总是报成功", "do not report success always"),
)  # fmt: skip
async def refusal_is_reported(probe: Probe) -> None:
    """Let the platform refuse."""
    _, told = await _play(probe, X_START, "8001")
    results = [str(one.OPResult) for one in told.message.ResultInfo or []] or [str(told.message.ResultCode)]
    zh, en = f"报回省的结果是 {results}", f"the province was told {results}"
    probe.expect("0" not in results, zh, en, told.exchange, marks=("OPResult", "ResultCode"))


@CASES.case(
    104, "暂停不是删除", "suspend is not delete",
    rule=Text(
        "暂停(5)和恢复(6)也转给平台, 之后关系仍在",
        "suspending (5) and resuming (6) are passed on too, and the relation is there afterwards",
    ),
    source="vas-types.xsd ServiceAction", severity=Severity.CRITICAL,
    hint=Text("5和6只改状态", "5 and 6 change a state only"),
)  # fmt: skip
async def suspend_is_not_delete(probe: Probe) -> None:
    """Play the life of one relation."""
    for action in (X_START, X_SUSPEND, X_RESUME, X_END):
        _, told = await _play(probe, action)
        code = str(told.message.ResultInfo[0].OPResult) if told.message.ResultInfo else str(told.message.ResultCode)
        probe.expect(
            code == "0", f"ActionType {action}的结果是 {code}", f"ActionType {action} ended with {code}", told.exchange, marks=("OPResult",)
        )


@CASES.case(
    105, "撤回之后的激活", "an activation after its undo",
    rule=Text(
        "以订单自己的OrderId退订(3)就是撤回: 同一OrderId的激活迟到也不再执行",
        "unsubscribing (3) under the order's own OrderId is its undo: an activation of that OrderId that comes late is not carried out",
    ),
    source="docs/callbacks.md: an activation after the undo of its order", severity=Severity.CRITICAL,
    hint=Text("记住撤回过的OrderId", "remember which OrderIds were taken back"),
)  # fmt: skip
async def after_the_undo(probe: Probe) -> None:
    """Subscribe, undo, and send the activation under a new number."""
    request, _ = await _play(probe, X_START)
    await _play(probe, X_END, OrderId=request.OrderId)
    answer = await probe.ask(ACTION, _request(probe, X_START, OrderId=request.OrderId))
    probe.expect_refused(answer, "撤回之后的激活", "an activation after its undo")


@CASES.case(
    106, "不存在的产品", "a product that is not there",
    rule=Text("目录中没有的产品: 拒绝", "a product that is not in the catalogue is refused"),
    source=f"{_NATIONAL} step 2d; docs/errors.md 4001", severity=Severity.MAJOR,
    hint=Text("按目录查产品", "look products up in the catalogue"),
)  # fmt: skip
async def unknown_product(probe: Probe) -> None:
    """Ask for an unknown one, as the good sample does."""
    answer = await probe.ask(ACTION)
    probe.expect_refused(answer, "不存在的产品", "an unknown product")


@CASES.case(
    107, "省报告的关系", "relations that a province reports",
    rule=Text(
        "subsInstSynToVSOP的关系, 无论新建(Status 0), 暂停(2)还是取消(6), 来两次也一样: 答0",
        "relations of subsInstSynToVSOP, made (Status 0), suspended (2) or cancelled (6), are answered with 0, and a second time too",
    ),
    source="operator's document 4.1.4 step 3d; vas-types.xsd RelationStatus", severity=Severity.MAJOR,
    hint=Text("按(号码, 产品)保存, 按Status更新", "keep by (number, product), change by Status"),
)  # fmt: skip
async def reported_relations(probe: Probe) -> None:
    """Report the life of one relation, each step twice."""
    for status in (NORMAL, NORMAL, SUSPENDED, SUSPENDED, CANCELLED, CANCELLED):
        probe.expect_result(await probe.ask(REPORT, Status=status), "0")


@CASES.case(
    108, "伪造的结果", "a forged result",
    rule=Text(
        "没有请求过的激活结果: 拒绝(8003), 什么也不改变",
        "the result of what was not asked for is refused (8003) and changes nothing",
    ),
    source="docs/callbacks.md; docs/errors.md 8003", severity=Severity.CRITICAL,
    hint=Text("按RefStreamingNo和系统编码找请求", "find the request by RefStreamingNo and SystemId"),
)  # fmt: skip
async def forged_result(probe: Probe) -> None:
    """Report one."""
    probe.expect_refused(await probe.call(RESULT), "没有请求过的结果", "a result of what was not asked for")


@CASES.case(
    109, "转发次数", "a message that goes round",
    rule=Text(
        "Routing头部的HopCount已到上限: 拒绝, 不再转发",
        "a Routing block whose HopCount is at its limit is refused and not passed on",
    ),
    source="vas-types.xsd HopCount; docs/errors.md 7004", severity=Severity.MAJOR,
    hint=Text("转发前检查并加一", "look at it and add one before you pass a message on"),
)  # fmt: skip
async def goes_round(probe: Probe) -> None:
    """Send one of nine hops."""
    fields = (("TraceId", "KIT-ROUND"), ("OriginSystem", PROVINCE), ("OriginProvince", probe.data.province), ("HopCount", "9"))
    inner = "".join(f"<r:{name}>{value}</r:{name}>" for name, value in fields)
    block = f'<r:Routing xmlns:r="urn:vas:types:v1">{inner}</r:Routing>'
    answer = await probe.raw(ACTION, probe.text(ACTION, _request(probe, X_START), blocks=block), title="HopCount 9")
    probe.expect_refused(answer, "转发了9次的报文", "a message of nine hops")


@CASES.case(
    110, "不存在的日期", "a day that does not exist",
    rule=Text("EffDate是2月31日: 拒绝", "EffDate of 31 February is refused"),
    source="docs/errors.md 1011; vas-types.xsd TimeStamp14", severity=Severity.MINOR,
    hint=Text("解析时间, 不只检查格式", "parse the time, do not only match its form"),
)  # fmt: skip
async def impossible_day(probe: Probe) -> None:
    """Ask for an activation from such a day on."""
    answer = await probe.ask(ACTION, _request(probe, X_START, EffDate="20300231000000"))
    probe.expect_refused(answer, "不存在的日期", "a day that does not exist")


@CASES.case(
    111, "查询转给号码所属的省", "a query goes on to the number's province",
    rule=Text(
        "查询的号码属于某省: 转给该省的VSOP, 应答是该省的; Routing头部带转发次数",
        "a query for a number of a province is passed on to the VSOP there, and its answer is given",
    ),
    source="wsdl/README.md: VSOP of the other tier, for a number of another province", severity=Severity.MAJOR,
    hint=Text("集团没有省内的关系, 要向省查询", "the group has no relations of the provinces' own: it must ask there"),
)  # fmt: skip
async def query_goes_on(probe: Probe) -> None:
    """Ask for the relations of a number of the kit's province."""
    await probe.do(RELATIONS)
    await probe.wait_callback(RELATIONS, about("ProductNo", probe.data.number))


VSOP_GROUP = Role(
    name="vsop-group",
    prefix="VSOP-G",
    title=Text("集团VSOP", "group VSOP"),
    contract="vsop",
    cases=tuple(CASES),
    caller=PROVINCE,
    listens=("vsop", "xplatform"),
    data={"product": NATIONAL, "offer": NATIONAL},
    samples={
        # the good sample is of no product that is there: an activation that was accepted would lock its product for what follows
        ACTION: {"ActionType": X_START, "VProductID": "KIT-NO-PRODUCT", "ProductOfferID": "KIT-NO-PRODUCT"},
        RESULT: {"SystemId": PLATFORM},
        REPORT: {"Status": CANCELLED, "ChannelPlayerID": "211"},
        "subscribeToVSOP": {"SystemId": "211"},
        "orderStateQry": {"SystemId": "211"},
        "subscribeAuth": {"SystemId": "201"},
        "subsInstSynFromISMP": {"SystemId": ISMP},
        "workListFKToVSOP": {"SystemId": PROVISIONING},
        "productInfoSync": {"SystemId": PPM, "ProductID": "135000000000000009901", "ProductHost": "200"},
        "PPOfferInfoSync": {
            "SystemId": PPM, "ProductOfferID": "135000000000000009901", "ProductID": ["135000000000000009901"]
        },
        "notifyProductTest": {"SystemId": PPM},
        "recvRQMessage": {"SystemId": HALL},
    },
    queries=frozenset({RELATIONS, "subInstHisQryFromVSOP", "orderStateQry"}),
    unsure=frozenset(
        {
            ACTION, RESULT, REPORT, USER, RELATIONS, "subInstHisQryFromVSOP", "subscribeToVSOP", "orderStateQry", "subscribeAuth",
            "subsInstSynFromISMP", "workListFKToVSOP", "productInfoSync", "PPOfferInfoSync", "notifyProductTest", "recvRQMessage",
        }
    ),
)  # fmt: skip
