"""Do one test step: send a request and judge the answer, transfer properties, pause, go on elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from stubs.soapui.addressing import add_headers
from stubs.soapui.assertions import Judged, judge
from stubs.soapui.definitions import Definitions
from stubs.soapui.exchange import Exchange
from stubs.soapui.model import DelayStep, GotoStep, Project, PropertiesStep, RequestStep, Step, TransferStep
from stubs.soapui.results import AssertionResult, Broken, CannotRun, Said, StepResult, StepStatus, Verdict
from stubs.soapui.scope import Scope
from stubs.soapui.sending import NoAnswer, Outcome
from stubs.soapui.setting import Options, Tools
from stubs.soapui.transfers import transfer
from stubs.soapui.xpath import select, text_of

LONGEST_DELAY = 600.0
SOAP11_TYPE, SOAP12_TYPE = "text/xml", "application/soap+xml"


class Doer:
    """Does the steps of one case."""

    def __init__(self, project: Project, scope: Scope, definitions: Definitions, options: Options, tools: Tools) -> None:
        self._project = project
        self._scope = scope
        self._definitions = definitions
        self._options = options
        self._tools = tools
        self._last: Exchange | None = None
        self._previous: str | None = None
        self.silent: list[Said] = []
        self.answered = False

    def do(self, step: Step) -> tuple[StepResult, str | None]:
        """Do a step; gives its result, and the step to go on with where that is not the next one."""
        result = StepResult(step.name, step.kind)
        goto: str | None = None
        if step.disabled:
            result.status = StepStatus.DISABLED
            return result, None
        begun = self._tools.clock()
        try:
            goto = self._act(step, result)
        except Broken as error:
            result.status = StepStatus.FAILED
            result.messages.append(error.said)
        except CannotRun as error:
            result.status = StepStatus.NOT_RUN
            result.messages.append(error.said)
        result.notes += self._scope.take_notes()
        result.seconds = result.seconds or self._tools.clock() - begun
        return result, goto

    @staticmethod
    def not_run(done: StepResult) -> list[Said]:
        """What of a step was not run: all of it, or some of its assertions."""
        if done.status is StepStatus.NOT_RUN:
            return done.messages
        skipped = [a for a in done.assertions if a.verdict is Verdict.NOT_RUN]
        return [Said(f"断言{a.name}: {a.why.zh}", f"assertion {a.name}: {a.why.en}") for a in skipped if a.why is not None]

    @staticmethod
    def too_many(last: StepResult, most: int) -> None:
        """Fail the last step of a case that goes round and round."""
        last.status = StepStatus.FAILED
        last.messages.append(Said(f"用例超过{most}步, 已中断", f"the case did more than {most} steps: given up"))

    def _act(self, step: Step, result: StepResult) -> str | None:
        match step:
            case RequestStep():
                self._request(step, result)
            case TransferStep():
                self._transfers(step, result)
            case DelayStep():
                self._delay(step)
            case GotoStep():
                return self._goto(step)
            case PropertiesStep():
                pass
            case _:
                raise CannotRun(Said(f"不支持的步骤类型 {step.kind}", f"steps of type {step.kind} are not run"))
        return None

    # Requests

    def _request(self, step: RequestStep, result: StepResult) -> None:
        self._previous = step.name
        if step.cannot:
            zh, en = step.cannot[0]
            raise CannotRun(Said(f"请求使用了{zh}", f"the request uses {en}"))
        result.url = url = self._address(step)
        body = self._body(step, url)
        result.request = body
        headers = self._headers(step)
        try:
            data = body.encode(step.encoding)
            answer = self._tools.sender.post(url, data, headers, self._seconds(step))
        except NoAnswer as failed:
            if failed.outcome is Outcome.UNREACHABLE:
                self.silent.append(failed.said)
            else:
                self.answered = True
            result.assertions = [AssertionResult(a.name, a.kind, Verdict.UNKNOWN) for a in step.assertions if not a.disabled]
            raise Broken(failed.said) from None
        except LookupError:
            raise Broken(Said(f"未知的编码 {step.encoding}", f"unknown encoding {step.encoding}")) from None
        except UnicodeEncodeError:
            raise Broken(Said(f"请求无法用{step.encoding}编码", f"the request cannot be written in {step.encoding}")) from None
        except ValueError:
            if not url:
                raise Broken(Said("项目中没有地址; 用 -e 给出", "the project names no address here; give one by -e")) from None
            raise Broken(Said(f"不是HTTP地址: {url[:200]}", f"not an http address, or a header that cannot be sent: {url[:200]}")) from None
        self.answered = True
        result.seconds = answer.seconds
        exchange = self._last = Exchange(url, body, answer, step.interface, step.operation)
        head = "".join(f"{name}: {value}\n" for name, value in answer.headers)
        result.answer = f"HTTP/1.1 {answer.status} {answer.reason}\n{head}\n{exchange.text}"
        holder = self._scope.step(step.name)
        holder.update({"Response": exchange.text, "ResponseAsXml": exchange.text, "RawResponse": exchange.text, "RawRequest": body})
        self._judge(step, exchange, result)

    def _judge(self, step: RequestStep, exchange: Exchange, result: StepResult) -> None:
        interface = self._project.interfaces[step.interface]
        for spec in step.assertions:
            if not spec.disabled:
                judged = Judged(spec, exchange, self._scope.expand, lambda: self._definitions.of(interface))
                result.assertions.append(judge(judged))
        verdicts = {a.verdict for a in result.assertions}
        if Verdict.FAILED in verdicts:
            result.status = StepStatus.FAILED
            failed = [(a.name, a.why) for a in result.assertions if a.verdict is Verdict.FAILED and a.why is not None]
            result.messages += [Said(f"[{name}] {why.zh}", f"[{name}] {why.en}") for name, why in failed]
        elif not verdicts:
            result.status = StepStatus.UNKNOWN

    def _address(self, step: RequestStep) -> str:
        url = self._scope.expand(self._scope.step(step.name)["Endpoint"]).strip()
        other = self._options.endpoint
        if other is None:
            return url
        given = urlsplit(other)
        if given.path:
            return other
        parts = urlsplit(url)
        return urlunsplit((given.scheme, given.netloc, parts.path, parts.query, ""))

    def _body(self, step: RequestStep, url: str) -> str:
        body = self._scope.expand(self._scope.step(step.name)["Request"], entitize=step.entitize)
        if step.addressing is None:
            return body
        message_id = f"uuid:{self._tools.identifier()}"
        return add_headers(
            body, step.addressing, action=self._action(step), url=url, message_id=message_id, expand=self._scope.expand
        )

    def _action(self, step: RequestStep) -> str:
        return self._project.interfaces[step.interface].actions.get(step.operation, "")

    def _headers(self, step: RequestStep) -> dict[str, str]:
        action = self._action(step)
        if self._project.interfaces[step.interface].soap12:
            kind = f"{SOAP12_TYPE};charset={step.encoding}" + (f';action="{action}"' if action else "")
            headers = {"Content-Type": kind}
        else:
            headers = {"Content-Type": f"{SOAP11_TYPE};charset={step.encoding}", "SOAPAction": f'"{action}"'}
        for name, value in step.headers:
            written = self._scope.expand(value)
            headers = {key: kept for key, kept in headers.items() if key.lower() != name.lower()}
            headers[name] = written
        return headers

    def _seconds(self, step: RequestStep) -> float:
        asked = self._scope.expand(step.timeout).strip()
        limit = self._options.deadline
        return min(limit, int(asked) / 1000) if asked.isdigit() and int(asked) > 0 else limit

    # Other steps

    def _transfers(self, step: TransferStep, result: StepResult) -> None:
        for wanted in step.transfers:
            if wanted.disabled:
                continue
            try:
                transfer(self._scope, wanted, self._previous)
            except Broken as error:
                if wanted.fail_on_error:
                    raise
                result.notes.append(error.said)

    def _delay(self, step: DelayStep) -> None:
        asked = self._scope.expand(step.milliseconds).strip()
        if not asked.isdigit() or int(asked) / 1000 > LONGEST_DELAY:
            most, shown = f"{LONGEST_DELAY:g}", asked[:40]
            raise Broken(Said(f"延时须为不超过{most}秒的毫秒数: {shown}", f"a delay is milliseconds, at most {most} s: {shown}"))
        self._tools.sleep(int(asked) / 1000)

    def _goto(self, step: GotoStep) -> str | None:
        for condition in step.conditions:
            if condition.kind != "XPATH":
                raise CannotRun(Said(f"跳转条件{condition.name}是{condition.kind}", f"condition {condition.name} is {condition.kind}"))
            if self._last is None:
                raise Broken(Said("跳转之前没有应答", "there is no answer before the goto"))
            found = select(self._last.root(), self._scope.expand(condition.expression))
            if found and text_of(found[0]) == "true":
                return condition.target
        return None
