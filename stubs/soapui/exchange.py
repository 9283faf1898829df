"""A request that was sent and what came back, as assertions see it: texts, and the answer as XML, parsed once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from gateway.soap.faults import SOAP11, SOAP12
from stubs.soapui.documents import NotXml, local, parse_message
from stubs.soapui.results import Broken, Said
from stubs.soapui.sending import HttpAnswer

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.-]{1,30})", re.IGNORECASE)
_ENVELOPES = {f"{{{namespace}}}Envelope": namespace for namespace in (SOAP11, SOAP12)}


@dataclass(slots=True)
class Exchange:
    """One request and its answer; `operation` is the WSDL's name of what was called."""

    url: str
    request: str
    answer: HttpAnswer
    interface: str
    operation: str
    _root: etree._Element | None = None
    _problem: str | None = field(default=None)

    @property
    def charset(self) -> str | None:
        """What the Content-Type says, in small letters."""
        match = _CHARSET.search(self.answer.header("Content-Type"))
        return match[1].lower() if match else None

    @property
    def text(self) -> str:
        """The answer's body as text."""
        charset = {"gb2312": "gb18030", "gbk": "gb18030"}.get(self.charset or "", self.charset or "utf-8")
        try:
            return self.answer.body.decode(charset, "replace")
        except LookupError:
            return self.answer.body.decode("utf-8", "replace")

    def root(self) -> etree._Element:
        """The answer as XML; raises Broken where it is none."""
        if self._root is None and self._problem is None:
            try:
                self._root = parse_message(self.answer.body, self.charset)
            except NotXml as error:
                self._problem = error.reason
        if self._root is None:
            raise Broken(Said(f"应答不是XML: {self._problem}", f"the answer is not XML: {self._problem}"))
        return self._root

    def body(self) -> list[etree._Element]:
        """What stands in the answer's SOAP Body; raises Broken where the answer is no envelope."""
        body = self._in_envelope("Body")
        if body is None:
            raise Broken(Said("SOAP信封没有Body", "the SOAP envelope has no Body"))
        return list(body.iterchildren(etree.Element))

    def headers(self) -> list[etree._Element]:
        """The answer's header blocks; raises Broken where it is no envelope."""
        header = self._in_envelope("Header")
        return [] if header is None else list(header.iterchildren(etree.Element))

    def fault(self) -> etree._Element | None:
        """The SOAP fault in the Body, if one is there; raises Broken where the answer is no envelope."""
        return next((node for node in self.body() if node.tag in (f"{{{SOAP11}}}Fault", f"{{{SOAP12}}}Fault")), None)

    def _in_envelope(self, name: str) -> etree._Element | None:
        root = self.root()
        namespace = _ENVELOPES.get(str(root.tag))
        if namespace is None:
            raise Broken(Said("应答不是SOAP信封", f"the answer is no SOAP envelope but {local(root)}"))
        return root.find(f"{{{namespace}}}{name}")
