"""X业务平台: a service platform outside ISMP. What it must do beyond answering by the contract."""

from __future__ import annotations

from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

CASES = CaseList()
SUBSCRIBE, UNSUBSCRIBE, SUSPEND, RESUME = "0", "3", "5", "6"


@CASES.case(
    101, "暂停不是删除", "suspend is not delete",
    rule=Text(
        "暂停(5)之后订购关系仍在: 恢复(6)成功, 且不需要重新订购",
        "after a suspension (5) the relation is still there: resuming (6) succeeds without a new subscription",
    ),
    source="xplatform.wsdl serverAction, ServiceAction 5 and 6; operator's document 3.1 (4)",
    severity=Severity.CRITICAL,
    hint=Text(
        "暂停只改变状态, 不要删除用户或订购关系, 也不要停止计费记录; 恢复时把状态改回",
        "suspending changes a state: do not delete the user or the relation; resuming sets the state back",
    ),
)  # fmt: skip
async def suspend_is_not_delete(probe: Probe) -> None:
    """Subscribe, suspend, resume."""
    await probe.do("serverAction", ActionType=SUBSCRIBE)
    await probe.do("serverAction", ActionType=SUSPEND)
    answer = await probe.ask("serverAction", ActionType=RESUME)
    probe.expect_result(answer, "0")
    await probe.do("serverAction", ActionType=UNSUBSCRIBE)


XPLATFORM = Role(
    name="xplatform",
    prefix="X",
    title=Text("X业务平台", "X platform"),
    contract="xplatform",
    cases=tuple(CASES),
    listens=("vsop",),
)
