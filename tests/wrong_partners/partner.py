"""An X platform that shares no line with the gateway or its stubs: standard library and lxml. It keeps every rule; others break one each.

What a rule needs is a method of its own, so that a wrong partner is this one with one method replaced.
"""

from __future__ import annotations

import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

WSDL = Path(__file__).parents[2] / "wsdl"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SPACE = "urn:vas:xplatform:v1"
TYPES = "urn:vas:types:v1"
T = f"{{{TYPES}}}"
CHARSETS = {"utf-8": "utf-8", "utf-16": "utf-16", "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030"}


class Refused(Exception):
    """The message is not taken: a SOAP fault."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Partner:
    """Answers requests; state lives as long as it does."""

    def __init__(self) -> None:
        self.services: dict[tuple[str, str], str] = {}
        self.objects: set[str] = set()
        self.answered: dict[tuple[str, str], tuple[bytes, bytes]] = {}
        self.lock = threading.RLock()
        types = "".join(
            f'<xs:import namespace="{space}" schemaLocation="{(WSDL / "xsd" / file).as_uri()}"/>'
            for space, file in ((SPACE, "xplatform.xsd"), (TYPES, "vas-types.xsd"))
        )
        self.schema = etree.XMLSchema(
            etree.fromstring(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{types}</xs:schema>')
        )

    # ---- HTTP

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
        """Answer one request: status, Content-Type and body."""
        try:
            root = self.read(body, headers.get("content-type", ""))
            request = self.understand(root)
            return 200, "text/xml; charset=utf-8", self.envelope(self.once(request))
        except Refused as refused:
            fault = f"<s:Fault><faultcode>s:{refused.code}</faultcode><faultstring>{escape(str(refused))}</faultstring></s:Fault>"
            return 500, "text/xml; charset=utf-8", self.envelope(fault.encode())

    def get(self) -> tuple[int, str, bytes]:
        """Show the contract."""
        return 200, "text/xml; charset=utf-8", (WSDL / "xplatform.wsdl").read_bytes()

    def envelope(self, inner: bytes) -> bytes:
        return b'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="%b"><s:Body>%b</s:Body></s:Envelope>' % (SOAP.encode(), inner)

    # ---- reading

    def read(self, body: bytes, content_type: str) -> etree._Element:
        charset = content_type.lower().partition("charset=")[2].strip(" \"';") or "utf-8"
        if charset not in CHARSETS:
            raise Refused("Client", "charset")
        try:
            text = body.decode(CHARSETS[charset]).removeprefix("\ufeff")
            text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
            if "<!DOCTYPE" in text:
                raise Refused("Client", "DTD")
            parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
            return etree.fromstring(text.encode(), parser)
        except (UnicodeDecodeError, etree.XMLSyntaxError):
            raise Refused("Client", "not well-formed") from None

    def understand(self, root: etree._Element) -> etree._Element:
        """Give the request of an envelope, validated."""
        if root.tag != f"{{{SOAP}}}Envelope":
            raise Refused("VersionMismatch", "envelope")
        self.check_headers(root)
        body = root.find(f"{{{SOAP}}}Body")
        if body is None or len(body) != 1:
            raise Refused("Client", "Body")
        request = body[0]
        if request.tag not in {f"{{{SPACE}}}{name}" for name in OPERATIONS}:
            raise Refused("Client", "unknown operation")
        self.validate(request)
        return request

    def check_headers(self, root: etree._Element) -> None:
        for block in root.iterfind(f"{{{SOAP}}}Header/*"):
            if block.get(f"{{{SOAP}}}mustUnderstand") == "1":
                raise Refused("MustUnderstand", "header")

    def validate(self, request: etree._Element) -> None:
        if not self.schema.validate(request):
            raise Refused("Client", "the message breaks its contract")

    # ---- answering

    def once(self, request: etree._Element) -> bytes:
        """Do what is asked, once for each number."""
        key = (self.text(request, "SystemId"), self.text(request, "StreamingNo"))
        digest = hashlib.sha256(etree.tostring(request, method="c14n", exclusive=True)).digest()
        with self.lock:
            if key in self.answered:
                known, answer = self.answered[key]
                return answer if known == digest else self.answer(request, "2003")
            answer = self.act(request)
            self.answered[key] = digest, answer
            return answer

    def text(self, request: etree._Element, name: str) -> str:
        return request.findtext(f"{T}{name}") or ""

    def act(self, request: etree._Element) -> bytes:
        operation = etree.QName(request).localname
        doer: Any = getattr(self, operation)
        done: bytes = doer(request)
        return done

    def answer(self, request: etree._Element, code: str, desc: str = "ok", more: str = "") -> bytes:
        operation, number = etree.QName(request).localname, self.streaming_no(request)
        desc = self.escaped(desc)
        return (
            f'<m:{operation}Response xmlns:m="{SPACE}" xmlns:t="{TYPES}"><t:StreamingNo>{number}</t:StreamingNo>'
            f"<t:ResultCode>{code}</t:ResultCode><t:ResultDesc>{desc}</t:ResultDesc>{more}</m:{operation}Response>"
        ).encode()

    def streaming_no(self, request: etree._Element) -> str:
        return self.text(request, "StreamingNo")

    def escaped(self, text: str) -> str:
        return escape(text)

    # ---- operations

    def serverAction(self, request: etree._Element) -> bytes:
        number = self.text(request, "ProductNo")
        results = []
        for item in request.iterfind(f"{T}VProductInfo"):
            product = self.text(item, "VProductID")
            code = self.serve(self.text(item, "ActionType"), (number, product))
            results.append(f"<t:ResultInfo><t:ProductID>{product}</t:ProductID><t:OPResult>{code}</t:OPResult></t:ResultInfo>")
        return self.answer(request, "0", more="".join(results))

    def serve(self, action: str, key: tuple[str, str]) -> str:
        """Carry out one action: 0 subscribe, 3 unsubscribe, 5 suspend, 6 resume."""
        if action == "0":
            self.services[key] = "active"
        elif action == "3":
            self.services.pop(key, None)
        elif key not in self.services:
            return "5002"
        elif action == "5":
            self.suspend(key)
        else:
            self.services[key] = "active"
        return "0"

    def suspend(self, key: tuple[str, str]) -> None:
        self.services[key] = "suspended"

    def productInfoSync(self, request: etree._Element) -> bytes:
        return self.keep(request, "ProductInfo", "ProductID")

    def PPOfferInfoSync(self, request: etree._Element) -> bytes:
        return self.keep(request, "ProductOfferInfo", "ProductOfferID")

    def keep(self, request: etree._Element, part: str, name: str) -> bytes:
        held = request.find(f"{T}{part}")
        held = request if held is None else held
        self.objects.add(self.text(held, name))
        return self.answer(request, "0", desc=f"已收到 {self.text(held, 'PNameCN')}")

    def notifyProductTest(self, request: etree._Element) -> bytes:
        return self.answer(request, "0" if self.text(request, "ObjectID") in self.objects else "4001")

    def userInfoSync(self, request: etree._Element) -> bytes:
        work, number = self.text(request, "ActionType"), self.text(request, "ProductNo")
        if work == "12":
            old = self.text(request, "OldProductNo")
            moved = {key: state for key, state in self.services.items() if key[0] == old}
            for key, state in moved.items():
                del self.services[key]
                self.services[number, key[1]] = state
        elif work == "15":
            self.end_all(number)
        return self.answer(request, "0")

    def end_all(self, number: str) -> None:
        for key in [key for key in self.services if key[0] == number]:
            del self.services[key]


OPERATIONS = ("serverAction", "productInfoSync", "PPOfferInfoSync", "notifyProductTest", "userInfoSync")


class Served:
    """A partner at a port of loopback, as a context manager; `url` is its endpoint."""

    def __init__(self, partner: Partner) -> None:
        self.stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(partner, self.stopping))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/xplatform"

    def __enter__(self) -> Served:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(partner: Partner, stopping: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body leave together

        def do_GET(self) -> None:
            self.reply(*partner.get())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if hasattr(partner, "raw"):
                partner.raw(self, stopping)
                return
            self.reply(*partner.post(body, {name.lower(): value for name, value in self.headers.items()}))

        def reply(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
