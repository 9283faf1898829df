"""What is served over HTTP: each contract at /services/<contract>, its files beside it, and health; no sockets, no parsing of HTTP."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from email.message import Message as Headers

from twisted.internet.defer import Deferred

from gateway.contract import Contract
from gateway.soap.endpoint import Endpoint, SoapAnswer
from gateway.soap.http import HttpRequest, HttpResponse

SERVICES = "/services/"
_TEXT = "text/plain; charset=utf-8"
_XML = "text/xml; charset=utf-8"
_SOAP_TYPES = {"text/xml", "application/soap+xml"}


class Front:
    """Routes requests to endpoints; implements the handler that the HTTP front asks for.

    `public_url` is the address that clients should use, such as http://vsop.jx.example:7001: the published contract names it.
    The Host header never does.
    """

    def __init__(
        self,
        endpoints: list[Endpoint],
        *,
        public_url: str,
        ready: Callable[[], bool] = lambda: True,
        new_work: Collection[str] = (),
    ) -> None:
        """Serve endpoints; `new_work` names the operations that begin something, as [contract]/[operation]."""
        self._ready = ready
        self.beginning = 0
        """Requests that begin something and are not answered yet."""
        self._urgent = {
            f"{quote}{operation.action}{quote}"
            for e in endpoints
            for operation in e.contract.operations.values()
            if f"{e.contract.name}/{operation.name}" not in new_work
            for quote in ("", '"')
        }
        self._endpoints = {f"{SERVICES}{e.contract.name}": e for e in endpoints}
        self._published = {
            f"{SERVICES}{e.contract.name}": _publish(e.contract, f"{public_url.rstrip('/')}{SERVICES}{e.contract.name}")
            for e in endpoints
        }
        self._files = {f"{SERVICES}{name}": text for files in self._published.values() for name, text in files.items()}

    def check_head(self, method: str, path: str, headers: Mapping[str, str]) -> HttpResponse | None:
        """Refuse what cannot become a SOAP message before its body is read."""
        if method == "GET":
            known = path in self._endpoints or path in self._files or path in ("/healthz", "/readyz")
            return None if known else _plain(404, "not found")
        if path not in self._endpoints:
            return _plain(404, "not found")
        if method != "POST":
            return HttpResponse(405, b"use POST", _TEXT, (("Allow", "GET, POST"),))
        if headers.get("content-encoding", "identity").lower() != "identity":
            return _plain(415, "compressed requests are not taken")
        if headers.get("content-type", "").split(";")[0].strip().lower() not in _SOAP_TYPES:
            return _plain(415, "use text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2)")
        return None

    def is_urgent(self, headers: Mapping[str, str]) -> bool:
        """Whether a request completes, asks or ends work, going by its action; one that lies is refused when it is read.

        SOAP 1.1 may leave it out: such a request is taken for new work.
        """
        return (headers.get("soapaction") or _parameters(headers)[1]) in self._urgent

    def handle(self, request: HttpRequest) -> HttpResponse | Deferred[HttpResponse]:
        """Answer a request whose head was taken."""
        if request.method == "GET":
            return self._get(request)
        charset, action = _parameters(request.headers)
        answer = self._endpoints[request.path].answer(
            request.body, charset=charset, action=action,
            peer=request.peer, secure=request.secure, certificate=request.certificate,
        )  # fmt: skip
        if isinstance(answer, SoapAnswer):
            return _response(answer)
        if not self.is_urgent(request.headers):
            self.beginning += 1
            answer.addBoth(self._begun)
        return answer.addCallback(_response)

    def _begun(self, answer: SoapAnswer) -> SoapAnswer:
        self.beginning -= 1
        return answer

    def _get(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return _plain(200, "ok")
        if request.path == "/readyz":
            return _plain(200, "ready") if self._ready() else _plain(503, "not ready")
        if request.path in self._files:
            return HttpResponse(200, self._files[request.path], _XML)
        name = self._document(request)
        files = self._published[request.path]
        if name is None or name not in files:
            return HttpResponse(405, b"POST a SOAP message here, or GET ?wsdl", _TEXT, (("Allow", "GET, POST"),))
        return HttpResponse(200, files[name], _XML)

    def _document(self, request: HttpRequest) -> str | None:
        """?wsdl, ?wsdl&soap=1.2 and ?xsd=xsd/NAME.xsd; the files also stand under their own names."""
        asked = request.query.split("&")
        contract = self._endpoints[request.path].contract
        if asked[0].lower() == "wsdl":
            return contract.soap12_path.name if "soap=1.2" in asked[1:] else contract.path.name
        if asked[0].lower().startswith("xsd="):
            return asked[0][4:]
        return None


def _publish(contract: Contract, address: str) -> dict[str, bytes]:
    """Give the contract's files byte for byte, but for the address."""
    old, new = f'location="{contract.address}"'.encode(), f'location="{address}"'.encode()
    return {
        name: path.read_bytes().replace(old, new) if path.suffix == ".wsdl" else path.read_bytes()
        for name, path in contract.published().items()
    }


def _parameters(headers: Mapping[str, str]) -> tuple[str | None, str]:
    """Give the charset and the action; SOAP 1.2 carries the action in Content-Type (RFC 3902)."""
    content_type = headers["content-type"]
    action = headers.get("soapaction", "").strip().strip('"')
    if content_type in (
        "text/xml; charset=utf-8",
        "text/xml;charset=UTF-8",
        "text/xml",
    ):  # what nearly all clients send
        return (None if content_type == "text/xml" else "utf-8"), action
    parsed = Headers()
    try:
        parsed["content-type"] = content_type
        charset, named = parsed.get_param("charset"), parsed.get_param("action")
    except (TypeError, ValueError):  # parameters in a form of their own (RFC 2231) that do not parse
        return "unreadable", action
    return (charset.strip().lower() if isinstance(charset, str) else None), (
        named.strip() if isinstance(named, str) else action
    )


def _response(answer: SoapAnswer) -> HttpResponse:
    if answer.retry_after:
        return HttpResponse(answer.status, answer.body, answer.content_type, (("Retry-After", str(answer.retry_after)),))
    return HttpResponse(answer.status, answer.body, answer.content_type)


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(status, text.encode(), _TEXT)
