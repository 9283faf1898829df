"""SoapUI's assertions on an answer: each says nothing where it holds, else why not, in both languages.

A kind that is not in the table is not run, and is told as that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.soap.violations import violations
from stubs.soapui.addressing import judge_request, judge_response
from stubs.soapui.comparing import difference, similar
from stubs.soapui.definitions import Definition
from stubs.soapui.documents import NotXml, parse_text
from stubs.soapui.exchange import Exchange
from stubs.soapui.model import AssertionSpec
from stubs.soapui.results import AssertionResult, Broken, CannotRun, Said, Verdict
from stubs.soapui.xpath import select, split, text_of

SHOWN = 300
"""Characters of a value that a person is shown."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What an assertion may look at. `definition` gives the interface's, and raises CannotRun where there is none."""

    spec: AssertionSpec
    exchange: Exchange
    expand: Callable[[str], str]
    definition: Callable[[], Definition]

    def value(self, name: str, default: str = "") -> str:
        """Give a value of the configuration, expanded; raises CannotRun and Broken."""
        return self.expand(self.spec.values.get(name, default))

    def flag(self, name: str) -> bool:
        """Give a truth of the configuration."""
        return self.spec.values.get(name, "").strip().lower() == "true"


def judge(judged: Judged) -> AssertionResult:
    """Give the verdict of one assertion."""
    spec = judged.spec
    check = _CHECKS.get(spec.kind)
    if check is None:
        why = Said(f"不支持的断言: {spec.kind}", f"assertions of kind {spec.kind} are not run")
        return AssertionResult(spec.name, spec.kind, Verdict.NOT_RUN, why)
    try:
        wrong = check(judged)
    except Broken as error:
        wrong = error.said
    except CannotRun as error:
        return AssertionResult(spec.name, spec.kind, Verdict.NOT_RUN, error.said)
    return AssertionResult(spec.name, spec.kind, Verdict.VALID if wrong is None else Verdict.FAILED, wrong)


def _soap_response(judged: Judged) -> Said | None:
    judged.exchange.body()  # raises Broken where there is no envelope with a Body; an empty one will do
    return None


def _not_fault(judged: Judged) -> Said | None:
    fault = judged.exchange.fault()
    if fault is None:
        return None
    told = _shown(" ".join(" ".join(map(str, fault.itertext())).split()))
    return Said(f"应答是SOAP Fault: {told}", f"the answer is a SOAP fault: {told}")


def _fault(judged: Judged) -> Said | None:
    return Said("应答不是SOAP Fault", "the answer is not a SOAP fault") if judged.exchange.fault() is None else None


def _schema(judged: Judged) -> Said | None:
    definition = judged.definition()
    body, fault = judged.exchange.body(), judged.exchange.fault()
    operation = definition.operations.get(judged.exchange.operation)
    if operation is None:
        name = judged.exchange.operation
        raise CannotRun(Said(f"WSDL没有操作 {name}", f"the WSDL has no operation {name}"))
    if fault is not None:
        details = [part for part in fault if str(part.tag).lower().endswith("detail")]
        found, wanted = [entry for detail in details for entry in detail if isinstance(entry.tag, str)], operation.faults
    else:
        found, wanted = body, (operation.response,)
        if [str(each.tag) for each in body] != [operation.response]:
            there = ", ".join(str(each.tag) for each in body) or "nothing"
            return Said(f"Body应为 {operation.response}, 实为 {there}", f"the Body must hold {operation.response}, it holds {there}")
    for entry in found:
        if str(entry.tag) not in wanted:
            return Said(f"WSDL没有声明故障 {entry.tag!s}", f"the WSDL declares no fault {entry.tag!s}")
        if not definition.validator.validate(entry):
            first = violations(definition.validator.error_log, entry)[0]
            place = f"{first.path}, line {first.line}"
            return Said(f"不符合Schema: {first.path}, 第{first.line}行: {first.zh}", f"breaks the schema: {place}: {first.en}")
    return None


def _xpath(judged: Judged) -> Said | None:
    path, expected = judged.value("path"), judged.value("content")
    if not path.strip():
        raise Broken(Said("断言没有XPath", "the assertion has no XPath"))
    items = select(judged.exchange.root(), path)
    shown = _shown(" ".join(split(path)[0].split()))  # a person knows the namespaces
    if not items:
        return Said(f"没有节点符合 {shown}", f"nothing is selected by {shown}")
    wildcards, prefixes = judged.flag("allowWildcards"), not judged.flag("ignoreNamspaceDifferences")
    tree = None
    if not path.rstrip().endswith("text()"):
        try:
            tree = parse_text(expected)
        except NotXml:
            tree = None  # a text, then
    last = Said("", "")
    for item in items:
        if tree is None:
            if similar(expected, text_of(item), wildcards=wildcards):
                return None
            wanted, found = _shown(expected), _shown(text_of(item))
            last = Said(f"应为 [{wanted}], 实为 [{found}]", f"expected [{wanted}], found [{found}]")
        elif isinstance(item, str):
            last = Said(f"应为元素, 实为 [{_shown(item)}]", f"expected an element, found [{_shown(item)}]")
        else:
            told = _shown(difference(tree, item, wildcards=wildcards, prefixes=prefixes))
            if not told:
                return None
            last = Said(told, told)
    return Said(f"{shown} 的值不符: {last.zh}", f"comparison failed for path [{shown}]: {last.en}")


def _contains(judged: Judged) -> Said | None:
    token, found = _found(judged)
    return None if found or not token else Said(f"应答中没有 [{_shown(token)}]", f"missing token [{_shown(token)}] in Response")


def _not_contains(judged: Judged) -> Said | None:
    token, found = _found(judged)
    return Said(f"应答中有 [{_shown(token)}]", f"Response contains token [{_shown(token)}]") if found and token else None


def _found(judged: Judged) -> tuple[str, bool]:
    """SoapUI asks of a regular expression that it matches the whole answer, and has it tell capitals from small letters."""
    token, text = (each.replace("\r\n", "\n") for each in (judged.value("token"), judged.exchange.text))
    if judged.flag("useRegEx"):
        try:
            return token, re.fullmatch(token, text) is not None
        except re.error:
            shown = _shown(token)
            raise CannotRun(Said(f"正则表达式无法使用: {shown}", f"the regular expression cannot be used: {shown}")) from None
    return (token, token.upper() in text.upper()) if judged.flag("ignoreCase") else (token, token in text)


def _sla(judged: Judged) -> Said | None:
    limit = judged.value("SLA", "200").strip()
    if not limit.isdigit():
        raise Broken(Said(f"SLA不是数字: {_shown(limit)}", f"the SLA is not a number: {_shown(limit)}"))
    taken = round(judged.exchange.answer.seconds * 1000)
    return None if taken <= int(limit) else Said(f"用时{taken}ms, 超过{limit}ms", f"response did not meet SLA {taken}/{limit}")


def _status(judged: Judged) -> Said | None:
    codes, status = _codes(judged), str(judged.exchange.answer.status)
    shown = ",".join(codes)
    return None if status in codes else Said(f"HTTP状态{status}不在 {shown} 中", f"HTTP status {status} is not one of {shown}")


def _not_status(judged: Judged) -> Said | None:
    codes, status = _codes(judged), str(judged.exchange.answer.status)
    shown = ",".join(codes)
    return Said(f"HTTP状态{status}在 {shown} 中", f"HTTP status {status} is one of {shown}") if status in codes else None


def _codes(judged: Judged) -> list[str]:
    return [code.strip() for code in judged.value("codes").split(",") if code.strip()]


def _wsa_response(judged: Judged) -> Said | None:
    return judge_response(judged.exchange, judged.spec.values, judged.definition)


def _wsa_request(judged: Judged) -> Said | None:
    return judge_request(judged.exchange, judged.spec.values)


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


_CHECKS: dict[str, Callable[[Judged], Said | None]] = {
    "SOAP Response": _soap_response,
    "SOAP Fault Assertion": _not_fault,  # SoapUI names these two the wrong way round
    "Not SOAP Fault Assertion": _fault,
    "Schema Compliance": _schema,
    "XPath Match": _xpath,
    "Simple Contains": _contains,
    "Simple NotContains": _not_contains,
    "Response SLA Assertion": _sla,
    "Valid HTTP Status Codes": _status,
    "Invalid HTTP Status Codes": _not_status,
    "WS-A Response Assertion": _wsa_response,
    "WS-A Request Assertion": _wsa_request,
}
