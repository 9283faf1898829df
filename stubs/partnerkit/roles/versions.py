"""Cases of everybody who is told the catalogue: versions of products and offers, in order and out of it."""

from __future__ import annotations

from stubs.partnerkit.case import CaseList, Severity
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

VERSIONS = CaseList()

_SOURCE = "WSDL productInfoSync: the whole object, a late older version changes nothing; operator's document 2.1 (4), (6)"
_HINT = Text(
    "按编码保存版本号; 收到更旧的版本时答复0并忽略, 收到更新的版本时整体替换",
    "keep the version by id; answer an older one with 0 and pass it over, replace the whole object by a newer one",
)
OUTDATED = "4010"


@VERSIONS.case(
    150, "产品的新版本替换旧版本", "a newer version of a product takes the place of the older",
    rule=Text("同一产品的新版本总是被接受", "a newer version of the same product is always taken"),
    source=_SOURCE, severity=Severity.MAJOR, hint=_HINT,
)  # fmt: skip
async def newer_version(probe: Probe) -> None:
    """Tell a product as applied for, in test and published: three versions."""
    for status, flag in (("1", "1"), ("5", "2"), ("0", "2")):
        await probe.do("productInfoSync", Status=status, OPFlag=flag)


@VERSIONS.case(
    151, "迟到的旧版本不改变任何东西", "an older version that comes late changes nothing",
    rule=Text(
        "网络会打乱次序: 比已有版本旧的同步不是错误, 答复0(或4010), 不覆盖",
        "messages overtake each other: one that is older than what is held is no error, is answered by 0 (or 4010) and overwrites nothing",
    ),
    source=_SOURCE, severity=Severity.MAJOR, hint=_HINT,
)  # fmt: skip
async def older_version(probe: Probe) -> None:
    """Tell a product twice, the newer version first."""
    older = probe.request("productInfoSync", Status="5", OPFlag="2")
    await probe.do("productInfoSync", Status="0", OPFlag="2")
    probe.expect_result(await probe.ask("productInfoSync", older), "0", OUTDATED)


@VERSIONS.case(
    152, "同一版本再次同步", "the same version comes again",
    rule=Text("以新的流水号重发同一版本: 答复0(或4010)", "the same version under a new StreamingNo is answered by 0 (or 4010)"),
    source=_SOURCE, severity=Severity.MINOR, hint=_HINT,
)  # fmt: skip
async def same_version(probe: Probe) -> None:
    """Tell an offer twice in one version."""
    first = probe.request("PPOfferInfoSync")
    await probe.do("PPOfferInfoSync", first)
    again = probe.request("PPOfferInfoSync", Version=first.Version)
    probe.expect_result(await probe.ask("PPOfferInfoSync", again), "0", OUTDATED)


@VERSIONS.case(
    153, "注销的产品", "a product that is cancelled",
    rule=Text(
        "OPFlag 3: 产品注销, 不删除; 之后可以以更新的版本重新发布",
        "OPFlag 3 cancels a product and does not remove it: a later version may publish it again",
    ),
    source=_SOURCE, severity=Severity.MAJOR, hint=_HINT,
)  # fmt: skip
async def cancelled(probe: Probe) -> None:
    """Cancel a product, then publish it again."""
    await probe.do("productInfoSync", Status="0", OPFlag="1")
    await probe.do("productInfoSync", Status="4", OPFlag="3")
    await probe.do("productInfoSync", Status="0", OPFlag="2")
