"""Which operation carries a step, how its message is written, and what its answer means for the domain."""

from __future__ import annotations

from datetime import datetime

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.catalogue_change import ObjectKind
from gateway.domain.order import Action
from gateway.domain.party import Party
from gateway.errors import PLATFORM_REFUSED, RESULTS, Temporary
from gateway.partners.head import Head
from gateway.partners.order_messages import ORDER_WRITERS
from gateway.partners.other_messages import OTHER_WRITERS
from gateway.steps import (
    Activate,
    Archive,
    Ask,
    AskConfirmation,
    FeeCheck,
    NotifyTest,
    Reply,
    ReportRelations,
    Request,
    ReturnActivation,
    ReturnWork,
    SyncObject,
    Tell,
    TellResult,
    TellUser,
)
from gateway.vocabulary import read_items

_WRITERS = {**ORDER_WRITERS, **OTHER_WRITERS}

_AT_ISMP = {
    Action.SUBSCRIBE: "subActionFromVSOP",
    Action.UNSUBSCRIBE: "unSubActionFromVSOP",
    Action.SUSPEND: "suspendSubscription",
    Action.RESUME: "resumeSubscription",
}

_OPERATIONS: dict[type[Request], str] = {
    FeeCheck: "feeCheck",
    Archive: "subsInstSynToHB",
    ReportRelations: "subsInstSynToVSOP",
    ReturnActivation: "serverActionResult",
    AskConfirmation: "sendRQMessage",
    ReturnWork: "workListVSOPToFK",
    TellUser: "userInfoSync",
    NotifyTest: "notifyProductTest",
}


def operation_of(step: Ask | Tell) -> str:
    """Name the wire operation that carries a step."""
    request = step.request
    if isinstance(request, Activate):
        return _AT_ISMP[request.action] if step.to.party is Party.ISMP else "serverAction"
    if isinstance(request, TellResult):
        return "subResultToUser" if step.to.party is Party.SMSHALL else "subResultFromVSOP"
    if isinstance(request, SyncObject):
        return "productInfoSync" if request.object.kind is ObjectKind.PRODUCT else "PPOfferInfoSync"
    return _OPERATIONS[type(request)]


def write(operation: str, request: Request, head: Head, codec: Codec) -> Message:
    """Make the message of an operation."""
    return _WRITERS[operation](request, head, codec)


def _results(step: Ask | Tell, told: list[Message], asked: tuple[str, ...], at: datetime) -> Reply | None:
    """Read results by product; None where there are none yet. Half a list says nothing of the rest, which may well be done: it is open."""
    if told and not set(asked) <= {info.ProductID for info in told}:
        raise Temporary(str(step.to), "the answer names not every product")
    return Reply(at, items=read_items(told, asked)) if told else None


def read(step: Ask | Tell, answer: Message, at: datetime) -> Reply | None:
    """Read an answer; None means accepted, the result follows. Raises Temporary where the partner says "later"."""
    code = int(answer.ResultCode)
    known = RESULTS.get(code)
    if known is not None and known.retryable:
        raise Temporary(str(step.to), f"{known.code} {known.en}")
    if code != 0:
        return Reply(at, code if known is not None else PLATFORM_REFUSED.code, answer.ResultDesc)
    if isinstance(step.request, FeeCheck):
        if answer.Balance is None:
            raise Temporary(str(step.to), "the answer has no balance")
        return Reply(at, balance=answer.Balance)
    if isinstance(step.request, Activate):
        return _results(step, answer.ResultInfo, step.request.product_ids, at)
    return Reply(at)
