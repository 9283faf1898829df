"""The result of one product, as every platform tells it."""

from __future__ import annotations

from typing import Any

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import OK, Result
from stubs.kit.services import ServiceAct


def product_result(codec: Codec, product: str, act: ServiceAct, result: Result, now: str) -> Message:
    """Make a ProductResult; what was begun or ended says when."""
    dates = act_date(act, now) if result is OK else {}
    return codec["ProductResult"](ProductID=product, OPResult=str(result.code), OPDesc=result.describe(), **dates)


def act_date(act: ServiceAct, now: str) -> dict[str, Any]:
    """Give EffDate of what begins, ExpDate of what ends, nothing for what is suspended or resumed."""
    field = {ServiceAct.START: "EffDate", ServiceAct.END: "ExpDate"}.get(act)
    return {} if field is None else {field: now}
