"""Contract suites as SoapUI 5.7 project files: only elements and attributes that were seen in real ones.

The same input gives the same bytes. SoapUI itself could not be run where this was written: see docs/decisions/0036.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import groupby

from lxml import etree

from gateway.contract import Contract
from gateway.contract.document import WSDL
from stubs.soapui.documents import parse_file
from stubs.soapui.reading import CONFIG
from stubs.soapui.suites import Check, ContractCase

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SOAPUI = "5.7.2"
_TYPED = ("interface", "config")  # these carry xsi:type


def project_of(contract: Contract, cases: Sequence[ContractCase], *, definition: str) -> bytes:
    """Write a contract's cases as a project. `definition`: where the WSDL is, such as ${projectDir}/wsdl/vsop.wsdl."""
    return _Writer(contract).project(cases, definition)


class _Writer:
    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        binding = parse_file(contract.path.read_bytes()).find(f"{{{WSDL}}}binding")
        assert binding is not None  # load_contract has seen it
        self._binding = binding.get("name", "")
        self._name = f"{contract.name} contract"

    def project(self, cases: Sequence[ContractCase], definition: str) -> bytes:
        root = etree.Element(f"{{{CONFIG}}}soapui-project", nsmap={"con": CONFIG})
        root.attrib.update({
            "id": self._id("project"), "activeEnvironment": "Default", "name": self._name, "resourceRoot": "",
            "soapui-version": _SOAPUI, "abortOnError": "false", "runType": "SEQUENTIAL",
        })  # fmt: skip
        _add(root, "settings")
        self._interface(root, definition)
        for suite, members in groupby(cases, key=lambda case: case.suite):
            self._suite(root, suite, list(members))
        _add(root, "properties")
        _add(root, "wssContainer")
        etree.indent(root, "  ")
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"

    def _interface(self, root: etree._Element, definition: str) -> None:
        node = _add(root, "interface")
        node.set(f"{{{XSI}}}type", "con:WsdlInterface")
        node.attrib.update({
            "id": self._id("interface"), "wsaVersion": "NONE", "name": self._binding, "type": "wsdl",
            "bindingName": f"{{{self._contract.namespace}}}{self._binding}", "soapVersion": "1_1", "anonymous": "optional",
            "definition": definition,
        })  # fmt: skip
        _add(node, "settings")
        _add(node, "definitionCache")
        _add(_add(node, "endpoints"), "endpoint", self._contract.address)
        for operation in self._contract.operations.values():
            _add(_add(node, "operation", None, **{
                "id": self._id("operation", operation.name), "isOneWay": "false", "action": operation.action,
                "name": operation.name, "bindingOperationName": operation.name, "type": "Request-Response",
                "inputName": "", "receivesAttachments": "false", "sendsAttachments": "false", "anonymous": "optional",
            }), "settings")  # fmt: skip

    def _suite(self, root: etree._Element, name: str, cases: Sequence[ContractCase]) -> None:
        node = _add(root, "testSuite", id=self._id("suite", name), name=name)
        _add(node, "settings")
        _add(node, "runType", "SEQUENTIAL")
        for case in cases:
            self._case(node, case)
        _add(node, "properties")

    def _case(self, suite: etree._Element, case: ContractCase) -> None:
        node = _add(suite, "testCase", None, **{
            "id": self._id("case", case.suite, case.name), "failOnError": "true", "failTestCaseOnErrors": "true",
            "keepSession": "false", "maxResults": "0", "name": case.name, "searchProperties": "true",
        })  # fmt: skip
        _add(node, "settings")
        step = _add(node, "testStep", type="request", name=case.name, id=self._id("step", case.suite, case.name))
        _add(step, "settings")
        config = _add(step, "config")
        config.set(f"{{{XSI}}}type", "con:RequestStep")
        _add(config, "interface", self._binding)
        _add(config, "operation", case.operation)
        self._request(config, case)
        _add(node, "properties")

    def _request(self, config: etree._Element, case: ContractCase) -> None:
        node = _add(config, "request", name=case.name, id=self._id("request", case.suite, case.name))
        _add(node, "settings")
        _add(node, "encoding", "UTF-8")
        _add(node, "endpoint", self._contract.address)
        body = _add(node, "request")
        text = case.request.replace("${", "$${")  # not a property expansion
        body.text = text if "]]>" in text else etree.CDATA(text)
        for check in case.checks:
            self._assertion(node, case, check)
        _add(_add(node, "credentials"), "authType", "No Authorization")
        _add(node, "jmsConfig", JMSDeliveryMode="PERSISTENT")
        _add(node, "jmsPropertyConfig")
        _add(node, "wsaConfig", mustUnderstand="NONE", version="200508", action=self._contract.operations[case.operation].action)
        _add(node, "wsrmConfig", version="1.2")

    def _assertion(self, request: etree._Element, case: ContractCase, check: Check) -> None:
        node = _add(request, "assertion", type=check.kind, name=check.name, id=self._id("assertion", case.suite, case.name, check.name))
        if check.values or check.kind == "Schema Compliance":
            config = _add(node, "configuration")
            for name, value in check.values:
                etree.SubElement(config, name).text = value

    def _id(self, *names: str) -> str:
        """An id in the form of a UUID that is the same for the same thing in every export."""
        digest = hashlib.sha256("\0".join((self._contract.name, *names)).encode()).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def _add(parent: etree._Element, tag: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, f"{{{CONFIG}}}{tag}", nsmap={"xsi": XSI} if tag in _TYPED else None)
    node.attrib.update(attributes)
    node.text = text
    return node
