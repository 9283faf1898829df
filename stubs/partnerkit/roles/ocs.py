"""OCS 在线计费: what it must do beyond answering by the contract."""

from __future__ import annotations

from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.probe import CaseEnded, Probe
from stubs.partnerkit.roles.versions import VERSIONS
from stubs.partnerkit.texts import Text

CASES = CaseList()
_FEE = "ocs.wsdl feeCheck; operator's document 4.1.1 (2): is the balance above zero"


async def balance(probe: Probe, **fields: str) -> int:
    """Ask for a balance; the case ends where there is none."""
    answer = await probe.do("feeCheck", **fields)
    assert answer.message is not None
    found = answer.message.Balance
    probe.require(
        found is not None, "feeCheck: ResultCode为0时应有Balance", "feeCheck: with ResultCode 0 there must be a Balance",
        answer, marks=("ResultCode",),
    )  # fmt: skip
    if found is None:
        raise CaseEnded
    return int(found)


@CASES.case(
    101, "查到用户时给出余额, 单位分", "a known user has a balance, in fen",
    rule=Text(
        "ResultCode为0时必须有Balance, 为整数, 单位是分; 联调用户的余额大于零",
        "with ResultCode 0 there is a Balance, a whole number of fen; that of the test user is above zero",
    ),
    source=_FEE,
    severity=Severity.CRITICAL,
    hint=Text(
        "不要以元为单位, 不要带小数; 没有Balance时网关会拒绝订购",
        "no yuan and no decimals; without a Balance the gateway refuses the order",
    ),
)  # fmt: skip
async def balance_in_fen(probe: Probe) -> None:
    """Ask for the balance of the test user."""
    found = await balance(probe)
    zh, en = f"余额应大于零, 实际是 {found} 分", f"expected a balance above zero, found {found} fen"
    probe.expect(found > 0, zh, en, probe.exchanges[-1], marks=("Balance",))


@CASES.case(
    102, "未知的号码", "an unknown number",
    rule=Text(
        "未知号码以ResultCode答复(如3001), 不得当作余额零或成功",
        "an unknown number is answered by a ResultCode (such as 3001), not by a balance",
    ),
    source=f"{_FEE}; docs/errors.md 3001",
    severity=Severity.MAJOR,
    hint=Text("区分\"用户不存在\"和\"余额不足\"", "tell \"no such user\" from \"no balance\""),
)  # fmt: skip
async def unknown_number(probe: Probe) -> None:
    """Ask for a number that nobody has."""
    answer = await probe.call("feeCheck", ProductNo=probe.data.unknown_number)
    probe.expect_refused(answer, "未知号码的查询", "a query for an unknown number")


@CASES.case(
    103, "查询不扣费", "asking costs nothing",
    rule=Text("feeCheck只查询: 两次查询余额相同", "feeCheck asks and charges nothing: two queries give the same balance"),
    source=_FEE,
    severity=Severity.CRITICAL,
    hint=Text("不要在feeCheck中预占或扣费", "reserve and charge nothing in feeCheck"),
)  # fmt: skip
async def asking_is_free(probe: Probe) -> None:
    """Ask twice."""
    first, second = await balance(probe), await balance(probe)
    zh, en = f"第一次查询 {first} 分, 第二次 {second} 分", f"{first} fen at first, then {second} fen"
    probe.expect(first == second, zh, en, *probe.exchanges[-2:], marks=("Balance",))


@CASES.case(
    104, "86和+86前缀是同一号码", "86 and +86 before a number mean the same number",
    rule=Text("契约允许号码带86或+86前缀", "the contract allows 86 and +86 before a number"),
    source="vas-types.xsd ProductNo",
    severity=Severity.MAJOR,
    hint=Text("查询前去掉86或+86", "take 86 and +86 off before you look the number up"),
)  # fmt: skip
async def country_code(probe: Probe) -> None:
    """Ask for the test user in three spellings."""
    plain = probe.data.number.removeprefix("+").removeprefix("86")
    found = {spelt: await balance(probe, ProductNo=spelt) for spelt in (plain, f"86{plain}", f"+86{plain}")}
    told = ", ".join(f"{spelt}: {value}" for spelt, value in found.items())
    zh, en = f"同一用户的余额不同: {told}", f"one user, several balances: {told}"
    probe.expect(len(set(found.values())) == 1, zh, en, *probe.exchanges[-3:], marks=("Balance",))


OCS = Role(
    name="ocs",
    prefix="OCS",
    title=Text("OCS 在线计费", "online charging"),
    contract="ocs",
    cases=(*CASES, *VERSIONS),
)
