"""Common cases: a request that comes again is the same request."""

from __future__ import annotations

from gateway.contract.codec import Message
from gateway.errors import RESULTS
from stubs.partnerkit.case import CaseList, Severity
from stubs.partnerkit.exchange import Answer
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

REPEATS = CaseList()

_HINT = Text(
    "以(SystemId, StreamingNo)为键保存请求摘要和应答, 在做任何事情之前先查; 键要有唯一约束",
    "keep a digest of the request and its answer by (SystemId, StreamingNo) and look there before anything is done; make the key unique",
)


@REPEATS.case(
    10, "相同流水号, 相同内容: 相同应答", "the same StreamingNo with the same content: the same answer",
    rule=Text(
        "网关没有收到应答时以相同的流水号重发; 对端答复与第一次完全相同的应答, 不再做第二次",
        "a gateway that got no answer sends the request again under the same number: it is answered as the first time, and done once",
    ),
    source="WSDL serverAction; docs/guarantees.md; operator's document 3.2.1 (4)",
    severity=Severity.CRITICAL, hint=_HINT,
)  # fmt: skip
async def repeated_request(probe: Probe) -> None:
    """Send each operation's good sample twice."""
    for operation in probe.operations:
        request = probe.request(operation)
        first = await probe.ask(operation, request)
        if _is_later(first):
            continue
        if first.message is not None:
            _expect_same(probe, first, await probe.ask(operation, request))
        else:
            probe.expect_answer(first)


@REPEATS.case(
    11, "同时到达的两个相同请求", "the same request twice at once",
    rule=Text(
        "第一个请求还在处理时又收到相同的请求: 两个应答相同, 只做一次",
        "the same request comes while the first is still worked on: both get the same answer, and it is done once",
    ),
    source="docs/guarantees.md; RFC 9110 9.2.2 (a client may repeat what is idempotent)",
    severity=Severity.MAJOR, hint=_HINT,
)  # fmt: skip
async def repeated_at_once(probe: Probe) -> None:
    """Send the first operation's good sample twice on two connections."""
    operation = probe.operations[0]
    request = probe.request(operation)  # written twice: credentials are good for one message
    first, second = await probe.together(*((operation, probe.text(operation, request)) for _ in range(2)))
    if _is_later(first) or _is_later(second):
        return
    if first.message is not None:
        _expect_same(probe, first, second)
    else:
        probe.expect_answer(first)


@REPEATS.case(
    12, "相同流水号, 不同内容: 拒绝, 第一个有效", "the same StreamingNo with other content is refused, and the first one stands",
    rule=Text(
        "流水号只能用于一个请求; 内容不同的第二个请求被拒绝(如2003), 第一个请求的结果不变",
        "a StreamingNo is of one request; a second one with other content is refused (such as by 2003), and what the first did stays",
    ),
    source="docs/errors.md 2003; docs/guarantees.md",
    severity=Severity.MAJOR, hint=_HINT,
)  # fmt: skip
async def number_used_again(probe: Probe) -> None:
    """Send two good samples of each operation that changes something under one number, then the first again."""
    for operation in (name for name in probe.operations if name not in probe.role.queries):
        request = probe.request(operation)
        other = _other(probe, operation, request)
        if other is None:
            continue
        first = await probe.ask(operation, request)
        if _is_later(first):
            continue
        if first.message is None:
            probe.expect_answer(first)
            continue
        second = await probe.ask(operation, other)
        probe.expect_refused(second, "流水号已用于其他内容的请求", "a StreamingNo that was used for other content")
        _expect_same(probe, first, await probe.ask(operation, request))


def _other(probe: Probe, operation: str, request: Message) -> Message | None:
    """Make another good request under the same number; None if the operation has nothing that could differ."""
    same = {"StreamingNo": request.StreamingNo, "TimeStamp": request.TimeStamp}
    made = probe.request(operation, **same)
    for name in ("ProductNo", "UserID"):
        if made == request and name in request.field_names:
            made = probe.request(operation, **same, **{name: probe.data.other_number})
    return None if made == request else made


def _is_later(answer: Answer) -> bool:
    """Whether the answer is "ask again later" (such as 9001): that is no decision, and need not be kept."""
    known = RESULTS.get(int(answer.code)) if answer.code else None
    return known is not None and known.retryable


def _expect_same(probe: Probe, first: Answer, second: Answer) -> None:
    if not probe.expect_answer(second):
        return
    assert first.message is not None
    assert second.message is not None
    differing = [n for n in first.message.field_names if getattr(first.message, n) != getattr(second.message, n)]
    probe.expect(
        not differing,
        f"{first.operation}: 重发的请求得到不同的应答: {', '.join(differing)}",
        f"{first.operation}: the repeated request is answered otherwise: {', '.join(differing)}",
        first, second, marks=tuple(differing),
    )  # fmt: skip
