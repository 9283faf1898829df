"""What a case has in its hands: it sends, waits for callbacks, and says what it expects; all of it is kept for the report.

An expectation that fails is noted and the case goes on; `require` and what is built on it end the case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred, gatherResults

from gateway.contract.codec import Message
from stubs.kit.times import sleep
from stubs.partnerkit.case import Role
from stubs.partnerkit.data import TestData
from stubs.partnerkit.exchange import Answer, Exchange
from stubs.partnerkit.line import Line
from stubs.partnerkit.listener import Listener, Received
from stubs.partnerkit.samples import Samples
from stubs.partnerkit.texts import Text
from stubs.partnerkit.tongue import Tongue

LOOK_AGAIN = 0.02
"""Seconds between two looks for a callback."""
SHORTEST_WAIT = 0.5


@dataclass(slots=True)
class Patience:
    """How long a callback is waited for, in seconds: half as long after each wait in vain, or a run would take minutes."""

    seconds: float

    def wear(self) -> None:
        """Note a wait in vain."""
        self.seconds = max(SHORTEST_WAIT, self.seconds / 2)


class CaseEnded(Exception):
    """The case cannot go on; why is noted."""


class NotApplicable(Exception):
    """The case is not about this partner."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be: a sentence, the exchanges that show it, and the elements to look at in them."""

    text: Text
    exchanges: tuple[Exchange, ...]
    marks: tuple[str, ...] = ()
    """Local names of elements."""


class Probe:
    """One case under way against one partner."""

    def __init__(
        self, role: Role, *, data: TestData, samples: Samples, tongue: Tongue, line: Line, listener: Listener | None,
        patience: Patience,
    ) -> None:  # fmt: skip
        self.role = role
        self.data = data
        self.samples = samples
        self.tongue = tongue
        self.line = line
        self.listener = listener
        self.patience = patience
        self.contract = samples.codec.contract
        self.operations = list(self.contract.operations)
        self.findings: list[Finding] = []
        self.exchanges: list[Exchange] = []
        self.step: Text | None = None
        """What the case is about to do, such as to resume: said before what is found."""

    # ---- sending

    def request(self, operation: str, **fields: Any) -> Message:
        """Make a good request with a StreamingNo of its own: see Samples.request."""
        return self.samples.request(operation, **fields)

    def text(self, operation: str, message: Message | None = None, /, *, blocks: str = "", **fields: Any) -> str:
        """Write a whole envelope as text, to be sent by `raw`, perhaps with damage."""
        return self.tongue.write(operation, self.request(operation, **fields) if message is None else message, blocks)

    async def ask(self, operation: str, message: Message | None = None, /, **fields: Any) -> Answer:
        """Send a good request, or `message`, and give the answer as it is: nothing is expected of it yet."""
        return await self.raw(operation, self.text(operation, message, **fields))

    async def call(self, operation: str, message: Message | None = None, /, **fields: Any) -> Answer:
        """Send a good request, or `message`; what is not an answer by the contract ends the case."""
        answer = await self.ask(operation, message, **fields)
        self.expect_answer(answer)
        if answer.message is None:
            raise CaseEnded
        return answer

    async def do(self, operation: str, message: Message | None = None, /, **fields: Any) -> Answer:
        """Send what must be answered with ResultCode 0, and with OPResult 0 for each product where they are told; else the case ends."""
        answer = await self.call(operation, message, **fields)
        self.expect_result(answer, "0")
        if refusals(answer) or answer.code != "0":
            raise CaseEnded
        return answer

    async def raw(
        self, operation: str, body: str | bytes, headers: Mapping[str, str | None] | None = None, title: str = ""
    ) -> Answer:
        """Send any bytes as if they were a request of an operation. `headers` replace the usual ones; None leaves one out."""
        usual: dict[str, str | None] = {**self.tongue.headers(operation), **(headers or {})}
        sent = {name: value for name, value in usual.items() if value is not None}
        exchange = await self.line.post(title or operation, body.encode() if isinstance(body, str) else body, sent)
        self.exchanges.append(exchange)
        answer = self.tongue.read(operation, exchange)
        if self.line.seems_gone:
            self.expect_answer(answer)
            raise CaseEnded
        return answer

    async def together(self, *asked: tuple[str, str]) -> list[Answer]:
        """Send several (operation, text) at once, each on a connection of its own."""
        return await gatherResults([Deferred.fromCoroutine(self.raw(name, text)) for name, text in asked])

    async def get(self, query: str) -> Exchange:
        """Get the endpoint's address with a query, such as wsdl."""
        exchange = await self.line.get(f"?{query}", query)
        self.exchanges.append(exchange)
        return exchange

    # ---- expecting

    def expect(self, holds: bool, zh: str, en: str, *shown: Answer | Exchange, marks: tuple[str, ...] = ()) -> bool:
        """Note what is wrong unless it holds, and go on. `shown` are the exchanges that show it, `marks` the elements to look at."""
        if not holds:
            exchanges = tuple(one.exchange if isinstance(one, Answer) else one for one in shown)
            said = Text(zh, en) if self.step is None else Text(f"{self.step.zh}: {zh}", f"{self.step.en}: {en}")
            self.findings.append(Finding(said, exchanges, marks))
        return holds

    def require(self, holds: bool, zh: str, en: str, *shown: Answer | Exchange, marks: tuple[str, ...] = ()) -> None:
        """As `expect`, but the case ends here if it does not hold."""
        if not self.expect(holds, zh, en, *shown, marks=marks):
            raise CaseEnded

    def expect_answer(self, answer: Answer) -> bool:
        """Expect a message of the contract, whatever its ResultCode."""
        if answer.fault is not None:
            fault = answer.fault
            return self.expect(
                False,
                f"{answer.name}: 应为普通应答, 实际是fault {fault.code}: {fault.text[:200]}",
                f"{answer.name}: expected an answer, found the fault {fault.code}: {fault.text[:200]}",
                answer, marks=("Fault",),
            )  # fmt: skip
        if answer.problem is None:
            return True
        zh, en = f"{answer.name}: {answer.problem.zh}", f"{answer.name}: {answer.problem.en}"
        return self.expect(False, zh, en, answer, marks=answer.places)

    def expect_result(self, answer: Answer, *codes: str) -> bool:
        """Expect one of these ResultCodes; with 0, each product that is told must have OPResult 0 too."""
        if not self.expect_answer(answer):
            return False
        wanted = " / ".join(codes)
        if answer.code not in codes:
            desc = str(getattr(answer.message, "ResultDesc", ""))[:80]
            return self.expect(
                False,
                f"{answer.name}: ResultCode应为 {wanted}, 实际是 {answer.code} ({desc})",
                f"{answer.name}: expected ResultCode {wanted}, found {answer.code} ({desc})",
                answer, marks=("ResultCode",),
            )  # fmt: skip
        wrong = refusals(answer) if codes == ("0",) else []
        return self.expect(
            not wrong,
            f"{answer.name}: 各产品的OPResult应为0, 实际有 {', '.join(wrong)}",
            f"{answer.name}: expected OPResult 0 for each product, found {', '.join(wrong)}",
            answer, marks=("OPResult",),
        )  # fmt: skip

    def expect_refused(self, answer: Answer, zh: str, en: str) -> bool:
        """Expect a refusal: a fault, a ResultCode other than 0, or an OPResult other than 0. The words say what must be refused."""
        if answer.message is None and answer.fault is None:
            return self.expect_answer(answer)
        return self.expect(
            answer.refused or bool(refusals(answer)),
            f"{answer.name}: {zh}, 应被拒绝, 实际被接受(ResultCode {answer.code})",
            f"{answer.name}: {en} must be refused, but was taken (ResultCode {answer.code})",
            answer, marks=("ResultCode", "OPResult"),
        )  # fmt: skip

    def expect_fault(self, answer: Answer, zh: str, en: str, *codes: str) -> bool:
        """Expect a SOAP fault with HTTP 500, with one of these codes if any are given. The words say what must be refused."""
        if answer.message is None and answer.fault is None:
            return self.expect_answer(answer)
        found = answer.fault.code if answer.fault is not None else f"ResultCode {answer.code}"
        wanted = " / ".join(codes)
        right = answer.fault is not None and (not codes or found.partition(".")[0] in codes)
        if not self.expect(
            right,
            f"{answer.name}: {zh}, 应答复fault {wanted}, 实际是 {found}",
            f"{answer.name}: {en} must be answered by a fault {wanted}, found {found}",
            answer, marks=("faultcode", "ResultCode"),
        ):  # fmt: skip
            return False
        return self.expect(
            answer.exchange.status == 500,
            f"{answer.name}: fault的HTTP状态应为500, 实际是 {answer.exchange.status}",
            f"{answer.name}: a fault has HTTP 500, found {answer.exchange.status}",
            answer,
        )

    def skip(self, zh: str, en: str) -> None:
        """Say that the case is not about this partner, and end it."""
        raise NotApplicable(Text(zh, en))

    # ---- callbacks

    async def wait_callback(
        self, operation: str, match: Callable[[Message], bool] = lambda _: True, times: int = 1
    ) -> Received:
        """Give the first call of the partner that matches, also one that came before; the n-th, if `times` is n.

        None within the time ends the case.
        """
        listener = self._listening()
        clock, seconds = self.line.pool.reactor, self.patience.seconds
        until = clock.seconds() + seconds
        while True:
            found = self.callbacks(operation, match)
            if len(found) >= times:
                return found[times - 1]
            if clock.seconds() >= until:
                break
            await sleep(clock, LOOK_AGAIN)
        self.patience.wear()
        which = ("", "") if times == 1 else (f"第{times}次的", f" {times} times")
        self.expect(
            False,
            f"{seconds:g}秒内没有收到{which[0]} {operation}; 收到的有: {self._heard() or '无'}",
            f"no {operation} came{which[1]} within {seconds:g} s; what came: {self._heard() or 'nothing'}",
            *self.exchanges[-1:], *listener.exchanges[-3:],
        )  # fmt: skip
        raise CaseEnded

    def reply(self, operation: str, times: int = 1, **fields: Any) -> None:
        """Let the kit answer the partner's next calls of an operation with these fields, such as ResultCode 9001."""
        self._listening().reply(operation, fields, times)

    def spoil(self, operation: str, fault: str, times: int = 1) -> None:
        """Let a fault of the stubs' catalogue, such as html-answer, meet the kit's answers to the partner's next calls of an operation."""
        self._listening().spoil(operation, fault, times)

    def callbacks(self, operation: str, match: Callable[[Message], bool] = lambda _: True) -> list[Received]:
        """Give what the partner has called of an operation during this case."""
        return [one for one in self._listening().received if one.operation == operation and match(one.message)]

    async def pause(self, seconds: float) -> None:
        """Give the partner time, where nothing is to be waited for."""
        await sleep(self.line.pool.reactor, seconds)

    def _listening(self) -> Listener:
        if self.listener is None:
            raise NotApplicable(Text("测试工具没有监听回调", "the kit does not listen for callbacks"))
        return self.listener

    def _heard(self) -> str:
        return ", ".join(one.operation for one in self._listening().received[-5:])


def refusals(answer: Answer) -> list[str]:
    """Give the OPResults of an answer that are not 0; what a query lists has none."""
    results = getattr(answer.message, "ResultInfo", None) or []
    return [str(one.OPResult) for one in results if "OPResult" in one.field_names and str(one.OPResult) != "0"]
