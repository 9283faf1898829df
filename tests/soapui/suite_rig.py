"""Both ways to run our contract suites: the exported project by the SoapUI runner, and the same list of cases judged in Python.

The direct judge uses the contract's codec and validator, and nothing of the runner. Servers are the gateway's own endpoints, called in
this process; a broken one spoils its answers on the way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from examples import EXAMPLES, WSDL, ask, codec_of
from lxml import etree

from gateway.contract.document import CONTRACT_FAULT
from gateway.soap.envelope import parse_envelope
from gateway.soap.faults import SOAP11, SoapFault
from stubs.soapui.reading import read_project
from stubs.soapui.results import CaseResult, Verdict
from stubs.soapui.running import Runner
from stubs.soapui.sending import HttpAnswer
from stubs.soapui.setting import Options, Tools
from stubs.soapui.suites import SUITES, ContractCase, suite_of

HERE = Path(__file__).parent
CASES = {name: suite_of(codec_of(name).contract, EXAMPLES) for name in SUITES}
ALL = [case for cases in CASES.values() for case in cases]


@dataclass(frozen=True)
class Answer:
    """Status and body, as they come from a server."""

    status: int
    body: bytes


Server = Callable[[str, bytes, str], Answer]
"""Answers a contract's message with its SOAPAction."""


def good(contract: str, data: bytes, action: str) -> Answer:
    """Our own endpoint, whose handler says yes to all."""
    answer = ask(contract, data, action=action)
    return Answer(answer.status, answer.body)


def _swap(old: bytes, new: bytes) -> Callable[[Answer], Answer]:
    return lambda answer: Answer(answer.status, answer.body.replace(old, new))


def _other_number(answer: Answer) -> Answer:
    root = etree.fromstring(answer.body)
    for node in root.iter("{*}StreamingNo"):
        node.text = "99920260101120000000000001"
    return Answer(answer.status, etree.tostring(root))


def _without_detail(answer: Answer) -> Answer:
    root = etree.fromstring(answer.body)
    for node in list(root.iter("detail")):
        node.getparent().remove(node)
    return Answer(answer.status, etree.tostring(root))


def _fault_200(answer: Answer) -> Answer:
    return Answer(200, answer.body)


def _result_twice(answer: Answer) -> Answer:
    root = etree.fromstring(answer.body)
    for node in list(root.iter("{*}ResultCode")):
        node.addnext(etree.fromstring(etree.tostring(node)))
    return Answer(answer.status, etree.tostring(root))


SPOILS: Mapping[str, Callable[[Answer], Answer]] = {
    "another StreamingNo": _other_number,
    "faults with 200": _fault_200,
    "another namespace": _swap(b":v1", b":v9"),
    "no detail": _without_detail,
    "another code": _swap(b"<t:Code>1", b"<t:Code>2"),
    "ResultCode twice": _result_twice,
    "ResultCode in words": _swap(b"ResultCode>0<", b"ResultCode>fine<"),
    "HTML": lambda answer: Answer(answer.status, b"<html><body>It works!</body></html>"),
    "not XML": lambda answer: Answer(answer.status, b"Service Unavailable"),
    "cut off": lambda answer: Answer(answer.status, answer.body[: len(answer.body) // 2]),
    "SOAP 1.2": _swap(SOAP11.encode(), b"http://www.w3.org/2003/05/soap-envelope"),
    "empty body": lambda answer: Answer(answer.status, f'<s:Envelope xmlns:s="{SOAP11}"><s:Body/></s:Envelope>'.encode()),
}


def accepts_all(contract: str, data: bytes, action: str) -> Answer:
    """A server that does not look at what it gets: it answers the good message to each of its operation."""
    operation = action.rpartition("/")[2]
    return good(contract, (EXAMPLES / contract / f"{operation}.xml").read_bytes(), action)


def spoiled(name: str) -> Server:
    """Our own endpoint with its answers spoiled."""
    return lambda contract, data, action: SPOILS[name](good(contract, data, action))


# ---- the direct judge


def judged_directly(case: ContractCase, server: Server) -> dict[str, bool]:
    """Run a case in Python; gives what holds, by the names that the assertions have in the project."""
    contract = codec_of(case.contract).contract
    answer = server(case.contract, case.request.encode(), contract.operations[case.operation].action)
    enveloped, body = _body(answer)
    fault = None if body is None else body if body.tag in _FAULTS else None
    judge = _refused if case.code else _taken
    judged = judge(case, answer, body, fault)
    if not case.code:
        judged["Not SOAP Fault"] = enveloped and fault is None
    return {"SOAP Response": enveloped, **judged}


_FAULTS = (f"{{{SOAP11}}}Fault", "{http://www.w3.org/2003/05/soap-envelope}Fault")


def _body(answer: Answer) -> tuple[bool, etree._Element | None]:
    """Whether it is an envelope at all, and what stands in it."""
    try:
        return True, parse_envelope(answer.body, "utf-8", frozenset()).body
    except SoapFault:
        return answer.body.endswith(b"<s:Body/></s:Envelope>"), None


def _taken(case: ContractCase, answer: Answer, body: etree._Element | None, fault: etree._Element | None) -> dict[str, bool]:
    codec = codec_of(case.contract)
    expected = codec.contract.operations[case.operation].response
    sound = body is not None and body.tag == expected and codec.contract.validator.validate(body)
    named = body is not None and body.tag == expected
    fields = [etree.QName(child).localname for child in body] if body is not None and named else []
    echoed = [child.text for child in body if etree.QName(child).localname == "StreamingNo"] if body is not None and named else []
    faulty_schema = fault is not None and _sound_fault(case, fault)
    return {
        "Schema Compliance": sound or faulty_schema,
        "HTTP 200": answer.status == 200,
        "StreamingNo is echoed": case.streaming_no in echoed,
        "one ResultCode": fields.count("ResultCode") == 1,
    }


def _refused(case: ContractCase, answer: Answer, body: etree._Element | None, fault: etree._Element | None) -> dict[str, bool]:
    codec = codec_of(case.contract)
    told = ""
    detail = None if fault is None else fault.find("detail")
    if fault is not None and fault.tag == _FAULTS[0] and detail is not None and len(detail) and detail[0].tag == CONTRACT_FAULT:
        told = detail[0].findtext("{*}Code") or ""
    answered = body is not None and fault is None and body.tag == codec.contract.operations[case.operation].response
    return {
        "SOAP Fault": fault is not None,
        "Schema Compliance": _sound_fault(case, fault) if fault is not None else answered and codec.contract.validator.validate(body),
        "HTTP 500": answer.status == 500,
        f"code {case.code}": told == case.code,
    }


def _sound_fault(case: ContractCase, fault: etree._Element) -> bool:
    contract = codec_of(case.contract).contract
    entries = [entry for part in fault if etree.QName(part).localname.lower() == "detail" for entry in part]
    return all(entry.tag in contract.operations[case.operation].faults and contract.validator.validate(entry) for entry in entries)


# ---- the runner


class InProcess:
    """Stands in the place of the runner's sender: calls a server in this process."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def post(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> HttpAnswer:
        """Answer at once."""
        contract = urlsplit(url).path.rpartition("/")[2]
        answer = self.server(contract, body, headers["SOAPAction"].strip('"'))
        return HttpAnswer(answer.status, "", (("Content-Type", "text/xml; charset=utf-8"),), answer.body, 0.001)


@cache
def runner_of(contract: str) -> tuple[Runner, InProcess]:
    """The runner of an exported project, made once: its definition is compiled once."""
    sender = InProcess(good)
    tools = Tools(lambda: 0.0, lambda seconds: None, lambda: "id", sender)  # type: ignore[arg-type]
    return Runner(read_project(HERE / f"{contract}-soapui-project.xml"), Options(WSDL), tools), sender


def judged_by_runner(case: ContractCase, server: Server) -> dict[str, bool]:
    """Run the case of the exported project; gives what holds, by the names of its assertions."""
    runner, sender = runner_of(case.contract)
    sender.server = server
    ((suite, one),) = runner.selected(case.suite, case.name)
    result: CaseResult = runner.run_case(suite, one)
    verdicts = {a.name: a.verdict for step in result.steps for a in step.assertions}
    assert Verdict.NOT_RUN not in verdicts.values(), json.dumps(verdicts)
    return {name: verdict is Verdict.VALID for name, verdict in verdicts.items()}
