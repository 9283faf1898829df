"""Our contract suites: for each operation a good message and what its answer must be, and each bad message with the fault it must get.

One list, from the contract and the messages of wsdl/examples. The exporter writes it as SoapUI projects, the tests run it directly: both
must come to the same verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.contract import Contract
from gateway.contract.document import TYPES_NAMESPACE
from gateway.soap.faults import SOAP11
from stubs.soapui.documents import parse_file

SUITES = ("vsop", "ismp", "ppm", "ocs")
"""The contracts that a gateway serves."""
GOOD, BAD = "good messages", "refused messages"
_EXPECTED = re.compile(r"\s*<!-- expect: field=(\S+) code=(\d+) -->")
_DECLARATION = re.compile(r"\A<\?xml[^>]*\?>\s*")


@dataclass(frozen=True, slots=True)
class Check:
    """One assertion by SoapUI's id, with the name and the configuration that it has in a project."""

    kind: str
    name: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ContractCase:
    """One message and what its answer must be. `operation` is the one whose SOAPAction goes with it."""

    contract: str
    suite: str
    name: str
    operation: str
    request: str
    streaming_no: str
    code: str
    """What the fault must say; empty where there must be none."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """What is asserted of the answer."""
        return _refused(self) if self.code else _taken(self)


def suite_of(contract: Contract, examples: Path) -> list[ContractCase]:
    """Give the cases of a contract: good ones in the order of its operations, then bad ones by name."""
    return [*_good(contract, examples), *_bad(contract, examples)]


def _good(contract: Contract, examples: Path) -> Iterator[ContractCase]:
    for name, operation in contract.operations.items():
        text = (examples / contract.name / f"{name}.xml").read_text(encoding="utf-8")
        number = parse_file(text.encode()).findtext(f".//{{{contract.namespace}}}StreamingNo")
        if number is None:
            number = parse_file(text.encode()).findtext(".//{*}StreamingNo") or ""
        yield ContractCase(contract.name, GOOD, name, operation.name, _DECLARATION.sub("", text), number, "")


def _bad(contract: Contract, examples: Path) -> Iterator[ContractCase]:
    for path in sorted((examples / "bad").glob(f"{contract.name}.*.xml")):
        data = path.read_bytes()
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            continue  # its bytes are the point, and a project holds texts
        expected = _EXPECTED.search(text)
        body = _DECLARATION.sub("", _EXPECTED.sub("", text))
        if expected is None or _depends_on_bytes(text):
            continue
        yield ContractCase(contract.name, BAD, path.name.removesuffix(".xml"), _operation(contract, body), body, "", expected[2])


def _depends_on_bytes(text: str) -> bool:
    """Whether the example is about its declaration, which SoapUI writes itself."""
    declared = re.match(r"<\?xml[^>]*encoding=[\"']([\w.-]+)", text)
    return declared is not None and declared[1].lower() != "utf-8"


def _operation(contract: Contract, body: str) -> str:
    """The operation that a bad message is nearest to: the one it names, else the first."""
    named = [name for name in contract.operations if re.search(rf"<(\w+:)?{name}[\s/>]", body)]
    return named[0] if len(named) == 1 else next(iter(contract.operations))


def _taken(case: ContractCase) -> tuple[Check, ...]:
    head = f"declare namespace c='urn:vas:{case.contract}:v1';\n"
    answer = f"//c:{case.operation}Response"
    return (
        Check("SOAP Response", "SOAP Response"),
        Check("SOAP Fault Assertion", "Not SOAP Fault"),
        Check("Schema Compliance", "Schema Compliance"),
        Check("Valid HTTP Status Codes", "HTTP 200", (("codes", "200"),)),
        _match("StreamingNo is echoed", f"{head}{answer}/*[local-name()='StreamingNo']", case.streaming_no),
        _match("one ResultCode", f"{head}count({answer}/*[local-name()='ResultCode'])", "1"),
    )


def _refused(case: ContractCase) -> tuple[Check, ...]:
    head = f"declare namespace s='{SOAP11}';\ndeclare namespace t='{TYPES_NAMESPACE}';\n"
    return (
        Check("SOAP Response", "SOAP Response"),
        Check("Not SOAP Fault Assertion", "SOAP Fault"),
        Check("Schema Compliance", "Schema Compliance"),
        Check("Valid HTTP Status Codes", "HTTP 500", (("codes", "500"),)),
        _match(f"code {case.code}", f"{head}//s:Fault/detail/t:ContractFault/t:Code", case.code),
    )


def _match(name: str, path: str, content: str) -> Check:
    flags = (("allowWildcards", "false"), ("ignoreNamspaceDifferences", "false"), ("ignoreComments", "false"))
    return Check("XPath Match", name, (("path", path), ("content", content), *flags))


