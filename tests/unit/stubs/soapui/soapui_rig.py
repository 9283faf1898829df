"""Small SoapUI projects as texts, and a server that answers by script instead of over a wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from gateway.resources import contracts_dir
from stubs.soapui.reading import read_project
from stubs.soapui.results import CaseResult
from stubs.soapui.running import Runner
from stubs.soapui.sending import HttpAnswer, NoAnswer
from stubs.soapui.setting import Options, Tools

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
URL = "http://127.0.0.1:9/x"


def envelope(inner: str, header: str = "") -> str:
    """Wrap what stands in a Body."""
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return f'<s:Envelope xmlns:s="{SOAP}">{head}<s:Body>{inner}</s:Body></s:Envelope>'


def assertion(kind: str, **values: str) -> str:
    """Write an assertion; a disabled one has disabled="true" among its values."""
    off = ' disabled="true"' if values.pop("disabled", "") == "true" else ""
    config = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
    return f'<con:assertion type="{kind}"{off}><con:configuration>{config}</con:configuration></con:assertion>'


def request(name: str, body: str = "<a/>", *assertions: str, attributes: str = "", inner: str = "", endpoint: str = URL) -> str:
    """Write a request step."""
    return (
        f'<con:testStep type="request" name="{name}"><con:config><con:interface>B</con:interface><con:operation>op</con:operation>'
        f'<con:request name="{name}" {attributes}><con:endpoint>{endpoint}</con:endpoint><con:request>{escape(body)}</con:request>'
        f"{inner}{''.join(assertions)}</con:request></con:config></con:testStep>"
    )


def properties(**values: str) -> str:
    """Write con:properties."""
    entries = "".join(
        f"<con:property><con:name>{name}</con:name><con:value>{escape(value)}</con:value></con:property>" for name, value in values.items()
    )
    return f"<con:properties>{entries}</con:properties>"


def step(kind: str, name: str, config: str = "", attributes: str = "") -> str:
    """Write any other step."""
    return f'<con:testStep type="{kind}" name="{name}" {attributes}><con:config>{config}</con:config></con:testStep>'


def case(name: str, *inner: str, attributes: str = "") -> str:
    """Write a test case."""
    return f'<con:testCase name="{name}" {attributes}>{"".join(inner)}</con:testCase>'


def project(*cases: str, inner: str = "", suite: str = "", definition: str = "", soap: str = "1_1") -> str:
    """Write a project with one suite S, and one interface B that has the operation op."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<con:soapui-project name="P" xmlns:con="http://eviware.com/soapui/config" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<con:interface xsi:type="con:WsdlInterface" name="B" soapVersion="{soap}" bindingName="{{urn:x}}B" definition="{definition}">'
        '<con:operation name="op" action="urn:x/op"/></con:interface>'
        f'<con:testSuite name="S">{"".join(cases)}{suite}</con:testSuite>{inner}</con:soapui-project>'
    )


@dataclass
class Script:
    """A server by script: answers in their order, the last one again and again; keeps what it was sent. Time moves with each answer."""

    answers: list[str | HttpAnswer | NoAnswer]
    sent: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> HttpAnswer:
        """Answer what is next."""
        self.sent.append(body.decode("utf-8", "replace"))
        self.headers.append(headers)
        self.urls.append(url)
        self.seconds.append(seconds)
        answer = self.answers[min(len(self.sent), len(self.answers)) - 1]
        if isinstance(answer, NoAnswer):
            raise answer
        return answer if isinstance(answer, HttpAnswer) else http(answer)


def http(text: str, status: int = 200, seconds: float = 0.01, content_type: str = "text/xml; charset=utf-8") -> HttpAnswer:
    """Make an answer."""
    return HttpAnswer(status, "OK", (("Content-Type", content_type),), text.encode(), seconds)


def runner_of(tmp_path: Path, text: str, script: Script, **options: object) -> Runner:
    """Write a project and make its runner."""
    path = tmp_path / "p-soapui-project.xml"
    path.write_text(text, encoding="utf-8")
    ids: Callable[[], str] = iter(f"id-{number}" for number in range(100)).__next__
    tools = Tools(lambda: 0.0, script.slept.append, ids, script)  # type: ignore[arg-type]
    return Runner(read_project(path), Options(contracts_dir(), **options), tools)  # type: ignore[arg-type]


def run(tmp_path: Path, text: str, *answers: str | HttpAnswer | NoAnswer, **options: object) -> tuple[list[CaseResult], Script]:
    """Run a project against a script of answers."""
    script = Script(list(answers) or [envelope("<a/>")])
    runner = runner_of(tmp_path, text, script, **options)
    return list(runner.run(runner.selected())), script
