"""What the domain demands of a sample beyond its contract: what must be new, and what must have happened before it.

Only what no schema can say stands here. Must not know values: those are the examples'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FILES_NEW: Mapping[str, tuple[str, str]] = {
    "ppm.submitProductApplication": ("ProductInfo", "ProductID"),
    "ppm.prodInfoSynFromISMP": ("ProductInfo", "ProductID"),
    "ppm.submitOfferApplication": ("ProductOfferInfo", "ProductOfferID"),
    "ppm.offerInfoSynFromISMP": ("ProductOfferInfo", "ProductOfferID"),
}
"""Messages that bring an object nobody knows yet: where its id stands."""


@dataclass(frozen=True, slots=True)
class Story:
    """What a sample needs before it: another sample of the same set, or something that only a running order brings about."""

    after: str = ""
    """As contract.operation; empty where no sample brings it about."""
    alone: str = "0"
    """The ResultCode that the lab gives to the sample by itself, with nothing before it."""
    zh: str = ""
    en: str = ""


STORIES: Mapping[str, Story] = {
    "vsop.orderStateQry": Story(
        "vsop.subscribeToVSOP", "5006", "先发送 subscribeToVSOP 的样例", "send the sample of subscribeToVSOP first"
    ),
    "ppm.auditResultQry": Story(
        "ppm.submitProductApplication", "4014",
        "先发送 submitProductApplication 的样例", "send the sample of submitProductApplication first",
    ),
    "vsop.serverActionResult": Story(
        "", "8003", "只有平台先被要求激活, 才有结果可报", "a platform reports a result only after it was asked to activate"
    ),
    "vsop.recvRQMessage": Story(
        "", "5012", "只有订单在等用户二次确认时才会被接受", "taken only while an order waits for the user's confirmation"
    ),
}  # fmt: skip
