"""What is served over HTTP: each contract at /services/<contract>, its files beside it, other ways to it, and health.

No sockets, no parsing of HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from email.message import Message as Headers
from typing import Any, Protocol

from twisted.internet.defer import Deferred

from gateway.contract import Contract
from gateway.soap.endpoint import Endpoint, SoapAnswer
from gateway.soap.faults import Version
from gateway.soap.http import HttpRequest, HttpResponse
from gateway.soap.multipart import RELATED, NotOnePart, root_part
from gateway.soap.packed import NotPacked, TooLong, unpacked

SERVICES = "/services/"
_TEXT = "text/plain; charset=utf-8"
_XML = "text/xml; charset=utf-8"
_GZIP = ("gzip", "x-gzip")
_USE = "use text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2)"
_SOAP12_TYPE = "application/soap+xml"
_SOAP_TYPES = {"text/xml", _SOAP12_TYPE}
# What nearly all clients send.
_USUAL_TYPES = {"text/xml; charset=utf-8": "utf-8", "text/xml;charset=UTF-8": "utf-8"}


@dataclass(frozen=True, slots=True)
class Packing:
    """From whom requests in gzip, or as the part of a multipart, are taken, by address.

    `limit` is the most that may come out of gzip, in bytes, `limits` the same for single paths, `ratio` the most in times of what came in.
    """

    gzip: Callable[[str], bool] | None
    multipart: Callable[[str], bool] | None
    limit: int
    ratio: int
    limits: Mapping[str, int] = field(default_factory=dict)

    def unpack(self, request: HttpRequest) -> HttpResponse | None:
        """Put the message in place of what came; gives the refusal where that is not to be."""
        refusal = None
        if request.headers.get("content-encoding", "identity").lower() in _GZIP:
            refusal = self._inflate(request)
        if refusal is None and _media_type(request.headers) == RELATED:
            refusal = self._unwrap(request)
        return refusal

    def _unwrap(self, request: HttpRequest) -> HttpResponse | None:
        if self.multipart is None or not self.multipart(request.peer):
            return _plain(415, "multipart requests are not taken from here")
        try:
            request.headers["content-type"], request.body = root_part(request.body, request.headers["content-type"])
        except NotOnePart:
            return _plain(400, "the body is no multipart/related with one part")
        return None if _media_type(request.headers) in _SOAP_TYPES else _plain(415, _USE)

    def _inflate(self, request: HttpRequest) -> HttpResponse | None:
        if self.gzip is None or not self.gzip(request.peer):
            return _plain(415, "compressed requests are not taken from here")
        try:
            request.body = unpacked(request.body, limit=self.limits.get(request.path, self.limit), ratio=self.ratio)
        except TooLong:
            return _plain(413, "the body is too long when unpacked")
        except NotPacked:
            return _plain(400, "the body is not gzip")
        return None


class Service(Protocol):
    """Another way to an endpoint, at a path of its own."""

    @property
    def door(self) -> Door:
        """What answers."""

    @property
    def urgent(self) -> Collection[str]:
        """Actions that begin nothing."""

    def published(self, address: str) -> dict[str, bytes]:
        """Give its files by name for an address, the WSDL first."""


class Door(Protocol):
    """Answers messages as an endpoint does."""

    def answer(self, body: bytes, *, charset: str | None, action: str, **sender: Any) -> SoapAnswer | Deferred[SoapAnswer]:
        """Answer one message; `sender` is what an endpoint is told of who sent it."""


class Observer(Protocol):
    """Sees messages, as they are unpacked, and what they are answered with."""

    def __call__(
        self, request: HttpRequest, answer: Callable[[HttpRequest], HttpResponse | Deferred[HttpResponse]], /
    ) -> HttpResponse | Deferred[HttpResponse]:
        """Let a request be answered; gives that answer."""


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
        packing: Packing | None = None,
        services: Mapping[str, Service] | None = None,
        named: Mapping[str, Endpoint] | None = None,
    ) -> None:
        """Serve endpoints; `new_work` names the operations that begin something, as [contract]/[operation].

        `packing` says from whom gzip and multipart are taken, from nobody where there is none; `services` are more ways to the endpoints,
        by path; `named` are endpoints that serve a contract under another last step than its name.
        """
        services = services or {}
        served = {**(named or {}), **{e.contract.name: e for e in endpoints}}
        self._ready = ready
        self._packing = packing
        self.beginning = 0
        """Requests that begin something and are not answered yet."""
        self.observer: Observer | None = None
        """Sees each message with its answer, while there is one."""
        self._urgent = {
            f"{quote}{operation.action}{quote}"
            for e in (*served.values(), *(older for e in endpoints for older in e.older))
            for operation in e.contract.operations.values()
            if f"{e.serves}/{operation.name}" not in new_work
            for quote in ("", '"')
        } | {f"{quote}{action}{quote}" for service in services.values() for action in service.urgent for quote in ("", '"')}
        self._endpoints: dict[str, Endpoint | Door] = {f"{SERVICES}{name}": e for name, e in served.items()}
        self._published = {
            f"{SERVICES}{name}": _publish(e.contract, f"{public_url.rstrip('/')}{SERVICES}{name}") for name, e in served.items()
        }
        self._wsdl = {f"{SERVICES}{name}": _documents(e.contract) for name, e in served.items()}
        self._files = {f"{SERVICES}{name}": text for files in self._published.values() for name, text in files.items()}
        for endpoint in endpoints:
            self._add_older(endpoint, f"{SERVICES}{endpoint.contract.name}", public_url.rstrip("/"))
        for path, service in services.items():
            self._endpoints[path] = service.door
            files = self._published[path] = service.published(f"{public_url.rstrip('/')}{path}")
            self._wsdl[path] = (next(iter(files)),) * 2
            self._files |= {f"{path.rpartition('/')[0]}/{name}": text for name, text in files.items()}

    def _add_older(self, endpoint: Endpoint, path: str, public_url: str) -> None:
        """Publish older versions below the contract's path, where their schemas do not meet the present ones.

        Messages of any version are taken at the contract's own address, and at /services/CONTRACT/VERSION as well.
        """
        for older in endpoint.older:
            version = f"{path}/{older.contract.name.partition('.')[2]}"
            self._endpoints[version], self._wsdl[version] = endpoint, _documents(older.contract)
            self._published[version] = _publish(older.contract, f"{public_url}{path}")
            self._files |= {f"{path}/{name}": text for name, text in self._published[version].items()}

    def check_head(self, method: str, path: str, headers: Mapping[str, str]) -> HttpResponse | None:
        """Refuse what cannot become a SOAP message before its body is read."""
        if method == "GET":
            known = path in self._endpoints or path in self._files or path in ("/healthz", "/readyz")
            return None if known else _plain(404, "not found")
        if path not in self._endpoints:
            return _plain(404, "not found")
        if method != "POST":
            return HttpResponse(405, b"use POST", _TEXT, (("Allow", "GET, POST"),))
        if "content-encoding" in headers and not self._takes(headers["content-encoding"].lower()):
            return _plain(415, "compressed requests are not taken")
        kind = _media_type(headers)
        if kind not in _SOAP_TYPES and not (kind == RELATED and self._packing is not None and self._packing.multipart is not None):
            return _plain(415, _USE)
        return None

    def _takes(self, encoding: str) -> bool:
        return encoding == "identity" or (self._packing is not None and self._packing.gzip is not None and encoding in _GZIP)

    def is_urgent(self, headers: Mapping[str, str]) -> bool:
        """Whether a request completes, asks or ends work, going by its action; one that lies is refused when it is read.

        SOAP 1.1 may leave it out: such a request is taken for new work.
        """
        return _media_type(headers) != RELATED and _parameters(headers)[1] in self._urgent

    def handle(self, request: HttpRequest) -> HttpResponse | Deferred[HttpResponse]:
        """Answer a request whose head was taken."""
        if request.method == "GET":
            return self._get(request)
        return self._post(request) if self.observer is None else self.observer(request, self._post)

    def _post(self, request: HttpRequest) -> HttpResponse | Deferred[HttpResponse]:
        if self._packing is not None:
            refusal = self._packing.unpack(request)
            if refusal is not None:
                return refusal
        charset, action, spoken = _parameters(request.headers)
        answer = self._endpoints[request.path].answer(
            request.body, charset=charset, action=action, spoken=spoken,
            peer=request.peer, secure=request.secure, certificate=request.certificate, line=request.line,
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
        if asked[0].lower() == "wsdl":
            return self._wsdl[request.path]["soap=1.2" in asked[1:]]
        if asked[0].lower().startswith("xsd="):
            return asked[0][4:]
        return None


def _documents(contract: Contract) -> tuple[str, str]:
    """Name the contract's WSDLs, that of SOAP 1.1 and that of SOAP 1.2."""
    return contract.path.name, contract.soap12_path.name


def _publish(contract: Contract, address: str) -> dict[str, bytes]:
    """Give the contract's files byte for byte, but for the address."""
    old, new = f'location="{contract.address}"'.encode(), f'location="{address}"'.encode()
    return {
        name: path.read_bytes().replace(old, new) if path.suffix == ".wsdl" else path.read_bytes()
        for name, path in contract.published().items()
    }


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").split(";")[0].strip().lower()


def _parameters(headers: Mapping[str, str]) -> tuple[str | None, str, Version]:
    """Give charset, action and SOAP version; SOAP 1.2 carries the action in Content-Type (RFC 3902), SOAP 1.1 in a header."""
    content_type = headers.get("content-type", "text/xml")
    action = headers.get("soapaction", "").strip().strip('"')
    usual = _USUAL_TYPES.get(content_type)
    if usual is not None:
        return usual, action, Version.V11
    if content_type == "text/xml":
        return None, action, Version.V11
    parsed = Headers()
    version = Version.V12 if content_type.split(";")[0].strip().lower() == _SOAP12_TYPE else Version.V11
    try:
        parsed["content-type"] = content_type
        charset, named = parsed.get_param("charset"), parsed.get_param("action")
    except (TypeError, ValueError):  # parameters in a form of their own (RFC 2231) that do not parse
        return "unreadable", action, version
    parameter = named.strip() if isinstance(named, str) else ""
    first, second = (parameter, action) if version is Version.V12 else (action, parameter)
    return (charset.strip().lower() if isinstance(charset, str) else None), first or second, version


def _response(answer: SoapAnswer) -> HttpResponse:
    if answer.retry_after:
        return HttpResponse(answer.status, answer.body, answer.content_type, (("Retry-After", str(answer.retry_after)),))
    return HttpResponse(answer.status, answer.body, answer.content_type)


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(status, text.encode(), _TEXT)
