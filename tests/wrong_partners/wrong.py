"""Partners that are wrong on purpose, each in one way that was seen in the field or in public code. See `Partner`."""

from __future__ import annotations

import http.client
import itertools
import re
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from partner import SPACE, TYPES, Partner, Refused


class SuspendDeletes(Partner):
    """Takes a suspension for the end of the service."""

    def suspend(self, key: tuple[str, str]) -> None:
        del self.services[key]


class NoDuplicateCheck(Partner):
    """Logs the StreamingNo and never looks at it again."""

    def once(self, request: etree._Element) -> bytes:
        with self.lock:
            return self.act(request)


class UnescapedText(Partner):
    """Joins strings to XML."""

    def escaped(self, text: str) -> str:
        return text


class ConstantStreamingNo(Partner):
    """Answers every request under the same number."""

    def streaming_no(self, request: etree._Element) -> str:
        return "123456"


class OperationThrows(Partner):
    """Has an operation that nobody has written: the container answers with its own page of an exception."""

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
        try:
            return super().post(body, headers)
        except NotImplementedError:
            page = (
                b"<html><body><h1>HTTP Status 500</h1><pre>java.lang.UnsupportedOperationException\n"
                b"\tat sp.Engine.notify(Engine.java:42)</pre></body></html>"
            )
            return 500, "text/html", page

    def notifyProductTest(self, request: etree._Element) -> bytes:
        raise NotImplementedError


class WrongCharset(Partner):
    """Writes GBK, and says that it is UTF-8."""

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
        status, content_type, answer = super().post(body, headers)
        return status, content_type, answer.decode().encode("gb18030")


class AcceptsBadInput(Partner):
    """Takes whatever can be read."""

    def validate(self, request: etree._Element) -> None:
        """Find nothing."""


class MismatchedRoot(Partner):
    """Calls the answer of one operation as its Java class is called."""

    def userInfoSync(self, request: etree._Element) -> bytes:
        return super().userInfoSync(request).replace(b"userInfoSyncResponse", b"UserInfoSyncResp")


class LooksForSubstrings(Partner):
    """Cuts values out of the text: sees neither prefixes nor CDATA, and no structure."""

    def read(self, body: bytes, content_type: str) -> etree._Element:
        found = re.search(rb"<t:SystemId>(.*?)</t:SystemId>", body)
        if found is not None and found[1].isalnum():
            return super().read(body, content_type)
        super().read(body, content_type)
        raise Refused("Client", "no SystemId")


class IgnoresMustUnderstand(Partner):
    """Looks at no header."""

    def check_headers(self, root: etree._Element) -> None:
        """Find nothing."""


class SharesState(Partner):
    """Keeps the request's number in a member of the one servlet."""

    current = ""

    def once(self, request: etree._Element) -> bytes:
        self.current = self.text(request, "StreamingNo")
        time.sleep(0.005)
        return super().once(request)

    def streaming_no(self, request: etree._Element) -> str:
        return self.current


class TearDownForgotten(Partner):
    """Leaves the services of a user who is gone, who pays for them."""

    def end_all(self, number: str) -> None:
        """Do nothing."""


class TellsInsides(Partner):
    """Puts the exception into the fault."""

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
        status, content_type, answer = super().post(body, headers)
        inside = b"org.xml.sax.SAXParseException: bad\n\tat com.sp.Engine.parse(Engine.java:77)</faultstring>"
        return status, content_type, answer.replace(b"</faultstring>", inside)


class Hangs(Partner):
    """Takes requests and says nothing."""

    def raw(self, handler: Any, stopping: Any) -> None:
        stopping.wait(30)
        handler.close_connection = True


class Endless(Partner):
    """Begins an answer that has no end."""

    def raw(self, handler: Any, stopping: Any) -> None:
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("Content-Type", "text/xml")
        handler.end_headers()
        try:
            for _ in itertools.count():
                handler.wfile.write(b"<a>" * 100)
                handler.wfile.flush()
                if stopping.wait(0.01):
                    return
        except OSError:
            return  # the kit has hung up


class PlainHtml(Partner):
    """Is not a service at all: a page that says so, with status 200."""

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
        return 200, "text/html", b"<html><body>It works!</body></html>"

    def get(self) -> tuple[int, str, bytes]:
        return self.post(b"", {})


class OtherNamespace(Partner):
    """Answers in a namespace that its tool made of a package's name."""

    def answer(self, request: etree._Element, code: str, desc: str = "ok", more: str = "") -> bytes:
        made = super().answer(request, code, desc, more)
        if etree.QName(request).localname == "PPOfferInfoSync":
            return made.replace(f'xmlns:m="{SPACE}"'.encode(), b'xmlns:m="http://impl.ws.xplatform.sp.com/"')
        return made


class CallsBack(Partner):
    """Keeps every rule, too: takes an activation at once and reports its result to `gateway`, until that says 0."""

    def __init__(self, gateway: str) -> None:
        super().__init__()
        self.gateway = urlsplit(gateway)
        self.numbers = itertools.count(1)

    def serverAction(self, request: etree._Element) -> bytes:
        whole = super().serverAction(request)
        results = re.findall(rb"<t:ResultInfo>.*</t:ResultInfo>", whole)
        threading.Thread(target=self.report, args=(request, b"".join(results).decode()), daemon=True).start()
        return self.answer(request, "0")

    def report(self, request: etree._Element, results: str) -> None:
        time.sleep(0.05)  # the answer goes first
        message = (
            f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            f'<v:serverActionResult xmlns:v="urn:vas:vsop:v1" xmlns:t="{TYPES}"><t:StreamingNo>303{time.time_ns()}{next(self.numbers)}'
            f"</t:StreamingNo><t:TimeStamp>{self.text(request, 'TimeStamp')}</t:TimeStamp><t:SystemId>303</t:SystemId>"
            f"<t:RefStreamingNo>{self.reference(request)}</t:RefStreamingNo><t:OrderId>{self.text(request, 'OrderId')}</t:OrderId>"
            f"<t:ResultCode>0</t:ResultCode><t:ResultDesc>ok</t:ResultDesc>{results}</v:serverActionResult></s:Body></s:Envelope>"
        )
        for _ in range(20):
            try:
                if b"ResultCode>0<" in self.send(message.encode()):
                    return
            except OSError:
                return  # the kit has ended
            time.sleep(0.05)

    def send(self, message: bytes) -> bytes:
        line = http.client.HTTPConnection(str(self.gateway.hostname), self.gateway.port, timeout=5)
        try:
            line.request("POST", "/services/vsop", message, {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'})
            return line.getresponse().read()
        except http.client.HTTPException as error:
            raise OSError("no answer") from error
        finally:
            line.close()

    def reference(self, request: etree._Element) -> str:
        return self.text(request, "StreamingNo")


class WrongReference(CallsBack):
    """Reports under a constant where the number of the request belongs."""

    def reference(self, request: etree._Element) -> str:
        return "1234567890"


class ReportsOnce(CallsBack):
    """Does not look at what the gateway answers to a report."""

    def send(self, message: bytes) -> bytes:
        super().send(message)
        return b"<t:ResultCode>0</t:ResultCode>"
