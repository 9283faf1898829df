"""合作伙伴 (SP): a content partner that serves IsmpSpEngine, and is told by ISMP or VSOP who has subscribed to its products.

All its cases are its own: its messages have neither SystemId nor TimeStamp, and its answers no text. The kit is the platform.
"""

from __future__ import annotations

from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.exchange import Answer
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.roles.ismp_sp_forms import Fields, bare, notice
from stubs.partnerkit.roles.ismp_sp_tongue import ACTION, SpTongue
from stubs.partnerkit.roles.ismp_sp_wire import WIRE
from stubs.partnerkit.texts import Text

CASES = CaseList()
START, SUSPEND, RESUME, END, END_ALL, SUSPEND_ALL = "0", "1", "2", "3", "4", "5"
"""OPType."""
_NOTICE = "IsmpSpEngine.wsdl orderRelationUpdateNotify"
_OP_TYPES = f"{_NOTICE}, OPType"


async def _tell(probe: Probe, fields: Fields) -> Answer:
    return await probe.raw(ACTION, bare(fields), title="orderRelationUpdateNotify")


async def _done(probe: Probe, op_type: str, **fields: str | None) -> None:
    """Tell what must be answered with resultCode 0, else the case ends."""
    answer = await _tell(probe, notice(probe, op_type, **fields))
    probe.require(probe.expect_result(answer, "0"), "后续步骤无法进行", "what follows cannot be tried", answer, marks=("resultCode",))


@CASES.case(
    101, "每种通知都应答0", "each kind of notice is answered with 0",
    rule=Text(
        "订购(0), 暂停(1), 暂停恢复(2), 退订(3)依次通知: 每次答streamingNo和resultCode 0",
        "subscribe (0), suspend (1), resume (2) and unsubscribe (3) follow each other: each is answered with streamingNo and resultCode 0",
    ),
    source=_OP_TYPES, severity=Severity.CRITICAL,
    hint=Text("方法要返回Response对象, 不能返回null或抛出异常", "return a Response object; neither null nor an exception"),
)  # fmt: skip
async def each_kind(probe: Probe) -> None:
    """Tell the life of one relation."""
    for op_type in (START, SUSPEND, RESUME, END):
        await _done(probe, op_type)


@CASES.case(
    102, "应答带回streamingNo", "the answer echoes streamingNo",
    rule=Text(
        "应答的streamingNo就是请求的, 26位或60位(开头是0)都一样",
        "streamingNo of the answer is the request's, of 26 or of 60 characters (with zeros before)",
    ),
    source="ismp-sp-req.xsd StreamingNo: 6 to 60 characters", severity=Severity.CRITICAL,
    hint=Text("原样返回; 不要当作数字, 不要用它返回文字说明", "give it back as it came; it is no number, and no place for a text"),
)  # fmt: skip
async def number_is_echoed(probe: Probe) -> None:
    """Tell under both kinds of number."""
    for width in (26, 60):
        fields = notice(probe)
        fields["streamingNo"] = fields["streamingNo"].rjust(width, "0")
        answer = await _tell(probe, fields)
        if not probe.expect_answer(answer) or answer.message is None:
            continue
        told = answer.message.StreamingNo
        probe.expect(
            told == fields["streamingNo"], f"应答的streamingNo是 {told}, 请求的是 {fields['streamingNo']}",
            f"streamingNo of the answer is {told}, of the request {fields['streamingNo']}", answer, marks=("streamingNo",),
        )  # fmt: skip
    await _done(probe, END)


@CASES.case(
    103, "相同的通知再来一次", "the same notice again",
    rule=Text(
        "网络中断后平台以同样的streamingNo重发: 应答相同, 不做第二次(不重复扣费, 不重复发短信)",
        "after a broken connection the platform sends the same streamingNo again: the same answer, "
        "and nothing is done twice (no second fee, no second SMS)",
    ),
    source=f"{_NOTICE}; docs/guarantees.md", severity=Severity.CRITICAL,
    hint=Text(
        "以streamingNo为唯一键保存通知和应答, 先查后做",
        "keep notices and answers with streamingNo as a unique key, and look before you act",
    ),
)  # fmt: skip
async def same_again(probe: Probe) -> None:
    """Tell a subscription three times, twice of them at once; a cancelled relation must not come back by a repetition."""
    started = notice(probe)
    first = await _tell(probe, started)
    again = await probe.together((ACTION, bare(started)), (ACTION, bare(started)))
    for answer in (first, *again):
        probe.expect_result(answer, "0")
    await _done(probe, END)
    probe.expect_result(await _tell(probe, started), "0")
    answer = await _tell(probe, notice(probe, SUSPEND))
    zh, en = "退订之后重发订购通知, 关系不应复活: 暂停", "a repeated subscription must not bring an ended relation back: suspending it"
    probe.expect_refused(answer, zh, en)


@CASES.case(
    104, "流水号已用于另一内容", "a streamingNo that was used for other content",
    rule=Text(
        "同一streamingNo的另一内容: 拒绝(resultCode不为0), 第一个有效",
        "other content under the same streamingNo is refused (resultCode other than 0); the first stands",
    ),
    source="docs/errors.md 2003; docs/guarantees.md", severity=Severity.MAJOR,
    hint=Text("保存通知的摘要, 再比较", "keep a digest of a notice and compare"),
)  # fmt: skip
async def other_content(probe: Probe) -> None:
    """Tell a subscription, then its end under the same number."""
    started = notice(probe)
    probe.expect_result(await _tell(probe, started), "0")
    answer = await _tell(probe, {**started, "OPType": END})
    probe.expect_refused(answer, "同一streamingNo的另一内容", "other content under the same streamingNo")
    await _done(probe, END)


@CASES.case(
    105, "暂停不是删除", "suspend is not delete",
    rule=Text(
        "暂停(1)之后订购关系仍在: 恢复(2)成功, 用户的数据还在; 暂停不是退订(3)",
        "after a suspension (1) the relation is there: resuming (2) succeeds and the user's data is kept; it is no unsubscription (3)",
    ),
    source=_OP_TYPES, severity=Severity.CRITICAL,
    hint=Text(
        "暂停只改状态; 不要走退订的分支, 不要删除用户",
        "suspending changes a state: neither the branch of unsubscribing, nor deleting the user",
    ),
)  # fmt: skip
async def suspend_is_not_delete(probe: Probe) -> None:
    """Subscribe, suspend, resume, suspend, end."""
    for op_type in (START, SUSPEND, RESUME, SUSPEND, END):
        await _done(probe, op_type)


@CASES.case(
    106, "恢复不是订购", "resume is not subscribe",
    rule=Text(
        "没有订购的用户, 恢复(2)和暂停(1)应被拒绝(resultCode不为0), 不得建立订购关系",
        "resuming (2) and suspending (1) what nobody has subscribed to is refused (resultCode other than 0), and makes no relation",
    ),
    source=_OP_TYPES, severity=Severity.CRITICAL,
    hint=Text("恢复要求存在暂停的关系; 不要与订购共用一个分支", "resuming needs a suspended relation; it is not the branch of subscribing"),
)  # fmt: skip
async def resume_is_not_subscribe(probe: Probe) -> None:
    """Resume and suspend what is not there."""
    product = f"{probe.data.product[:20]}9N"
    for op_type, zh, en in (
        (RESUME, "恢复没有的关系", "resuming what is not there"), (SUSPEND, "暂停没有的关系", "suspending what is not there"),
    ):  # fmt: skip
        probe.expect_refused(await _tell(probe, notice(probe, op_type, productID=product)), zh, en)


@CASES.case(
    107, "退订没有的关系", "the end of what is not there",
    rule=Text(
        "退订(3)没有的关系: 正常应答(0或拒绝的编码), 不是fault或异常",
        "unsubscribing (3) what is not there is answered, with 0 or a code of refusal, and is no exception",
    ),
    source=f"{_OP_TYPES}; docs/callbacks.md", severity=Severity.MAJOR,
    hint=Text("查不到用户时不要空指针", "a user who is not found must not be a null pointer"),
)  # fmt: skip
async def end_of_nothing(probe: Probe) -> None:
    """End what nobody has, of a user nobody knows too."""
    probe.expect_answer(await _tell(probe, notice(probe, END, productID=f"{probe.data.product[:20]}9N")))
    probe.expect_answer(await _tell(probe, notice(probe, END, userID=probe.data.unknown_number)))


@CASES.case(
    108, "两个产品是两个关系", "two products are two relations",
    rule=Text(
        "同一用户的两个产品互不影响: 退订一个, 另一个还在",
        "two products of a user do not touch each other: when one ends, the other is there",
    ),
    source=_OP_TYPES, severity=Severity.CRITICAL,
    hint=Text(
        "关系的主键是(userID, productID); 不要按手机号删除",
        "a relation's key is (userID, productID); never delete by the number alone",
    ),
)  # fmt: skip
async def two_products(probe: Probe) -> None:
    """Subscribe to two, end one, and suspend the other."""
    other = probe.data.other_product
    await _done(probe, START)
    await _done(probe, START, productID=other)
    await _done(probe, END)
    answer = await _tell(probe, notice(probe, SUSPEND, productID=other))
    probe.expect_result(answer, "0")
    await _done(probe, END, productID=other)


@CASES.case(
    109, "OPType 4和5没有productID", "OPType 4 and 5 have no productID",
    rule=Text(
        "退订全部(4)和暂停全部(5)不带productID: 要么照办并答0, 要么拒绝(编码或fault Client); 不得空指针, 不得半途而废",
        "unsubscribe all (4) and suspend all (5) come without productID: done and answered with 0, or refused by a code or a fault Client; "
        "no null pointer, nothing half done",
    ),
    source=f"{_OP_TYPES} 4 and 5", severity=Severity.CRITICAL,
    hint=Text(
        "productID是可选字段, 取值前先判断; 4退订该用户的所有关系, 5只暂停",
        "productID is optional: look before you take it; 4 ends all relations of the user, 5 suspends them only",
    ),
)  # fmt: skip
async def everything_of_a_partner(probe: Probe) -> None:
    """Suspend everything, then end everything; the relation must be in the state that the answers say."""
    await _done(probe, START)
    suspended = await _everything(probe, SUSPEND_ALL)
    answer = await _tell(probe, notice(probe, RESUME if suspended else SUSPEND))
    zh, en = "暂停全部之后, 关系不在应有的状态", "after suspend all the relation is not in the state that was told"
    probe.expect(answer.code == "0", zh, en, answer, marks=("resultCode",))
    ended = await _everything(probe, END_ALL)
    if ended:
        answer = await _tell(probe, notice(probe, SUSPEND))
        probe.expect_refused(answer, "退订全部之后的暂停", "suspending after everything has ended")
    else:
        await _done(probe, END)


async def _everything(probe: Probe, op_type: str) -> bool:
    """Tell one; gives whether it was done."""
    answer = await _tell(probe, notice(probe, op_type, productID=None, packageID=None))
    if answer.fault is None:
        probe.expect_answer(answer)
    else:
        probe.expect_fault(answer, f"OPType {op_type}", f"OPType {op_type}", "Client")
    return answer.code == "0"


@CASES.case(
    110, "已订购的再订购", "a subscription of what is subscribed",
    rule=Text(
        "已订购的产品以新的流水号再通知订购: 答0或\"已订购\"的编码, 用户仍只有一个关系",
        "a new notice for what is subscribed already: answered with 0 or a code, and there is one relation",
    ),
    source=f"{_OP_TYPES}; docs/errors.md 5001", severity=Severity.MAJOR,
    hint=Text("插入前先查, 或用唯一约束", "look before you insert, or have a unique constraint"),
)  # fmt: skip
async def subscribed_already(probe: Probe) -> None:
    """Subscribe twice under two numbers, end once; nothing must be left."""
    await _done(probe, START)
    probe.expect_answer(await _tell(probe, notice(probe, START)))
    await _done(probe, END)
    answer = await _tell(probe, notice(probe, SUSPEND))
    probe.expect_refused(answer, "退订之后的暂停", "suspending after the end")


ISMP_SP = Role(
    name="ismp-sp",
    prefix="ISMP-SP",
    title=Text("合作伙伴(SP), IsmpSpEngine", "content partner (SP), IsmpSpEngine"),
    contract="xplatform",
    cases=(*CASES, *WIRE),
    common=(),
    speaks=SpTongue,
)
