"""The admin API itself, on twisted.web: a token in the Authorization header, JSON in, JSON out."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from gateway.access.door import Door
from gateway.admin import callers, catalogue, coverage, fallout, finding, ppm, recon
from gateway.admin.legs import Leg, leg
from gateway.admin.partners import Watched, views
from gateway.admin.problems import Problem, decode
from gateway.admin.routes import explained
from gateway.domain.catalogue import Catalogue, ContentPartner, Offer, Product
from gateway.domain.catalogue_change import ObjectKind
from gateway.domain.numbers import Number
from gateway.domain.subscriber import Subscriber
from gateway.engine.ports import AuditKept, CatalogueLoaded, OrderRow, StoreFailed, SubscribersLoaded
from gateway.services.desk import Desk

_log = Logger("gateway.admin")
_MAX_BODY = 64 << 20


class CatalogueUpload(msgspec.Struct):
    """Body of POST /v1/catalogue."""

    products: list[Product]
    offers: list[Offer]
    partners: list[ContentPartner] = []
    who: str = ""


class SubscribersUpload(msgspec.Struct):
    """Body of POST /v1/subscribers; the bare list is taken as well."""

    subscribers: list[Subscriber]
    who: str = ""


class AdminApi(Resource):
    """All paths under /v1/."""

    isLeaf = True

    def __init__(
        self,
        desk: Desk,
        token: str,
        status: Callable[[], dict[str, object]],
        partners: tuple[Watched, ...] = (),
        door: Door | None = None,
        older: Callable[[], Sequence[object]] = tuple,
        more: Mapping[tuple[str, str], Callable[[str, bytes], Awaitable[object]]] | None = None,
    ) -> None:
        """`older` gives who still calls older versions of contracts; `more` are resources of other rooms, by method and first word."""
        super().__init__()
        self._older = older
        self._more = more or {}
        self._door = door
        self._partners = partners
        self._desk = desk
        self._token = token
        self._status = status
        self._coverage = coverage.resources(desk)

    def render(self, request: Request) -> int:
        """Answer a request when its coroutine has; a caller that went away is no error."""
        request.notifyFinish().addErrback(lambda _: None)
        Deferred.fromCoroutine(self._respond(request)).addErrback(self._failed, request)
        return NOT_DONE_YET

    async def _respond(self, request: Request) -> None:
        try:
            status, value = 200, await self._answer(request)
        except Problem as problem:
            status, value = problem.status, {"error": problem.text}
        except StoreFailed as failure:
            self._desk.events("store.failed", error=failure)
            status, value = 503, {"error": "its store cannot be reached at present"}
        _write(request, status, value)

    def _failed(self, failure: Any, request: Request) -> None:
        _log.failure("admin.failed", failure)
        _write(request, 500, {"error": "internal error, see the gateway's log"})

    async def _answer(self, request: Request) -> object:
        given = (request.getHeader(b"authorization") or b"").removeprefix(b"Bearer ")
        if not hmac.compare_digest(given, self._token.encode()):
            raise Problem(401, "the token is wrong: it stands in the gateway's token file")
        method = (request.method or b"").decode("latin-1")
        parts = [unquote(part) for part in (request.path or b"").decode("latin-1").strip("/").split("/")]
        act: Callable[[str, bytes], Awaitable[object]] | None = {
            ("GET", "status"): self._get_status,
            ("GET", "partners"): self._get_partners,
            ("GET", "older"): self._get_older,
            ("GET", "orders"): self._get_order,
            ("GET", "traces"): self._get_trace,
            ("GET", "numbers"): self._get_number,
            ("GET", "route"): self._get_route,
            ("GET", "objects"): self._get_object,
            ("POST", "catalogue"): self._post_catalogue,
            ("POST", "subscribers"): self._post_subscribers,
            **ppm.resources(self._desk),
            **catalogue.resources(self._desk),
            **self._coverage,
            **fallout.resources(self._desk),
            **recon.resources(self._desk),
            **callers.resources(self._door, self._desk.clock),
            **finding.resources(self._desk, self._partners, self._callers),
            **self._more,
        }.get((method, parts[1] if len(parts) > 1 else ""))
        if parts[0] != "v1" or act is None:
            raise Problem(404, "no such resource")
        await self._desk.load()
        return await act("/".join(parts[2:]), _sent(request, method))

    def _callers(self) -> list[str]:
        """Name who may call us."""
        return [] if self._door is None else list(self._door.roster.partners.all)

    async def _get_status(self, name: str, body: bytes) -> object:
        return {**self._status(), "runs": await self._desk.store.counts()}

    async def _get_partners(self, name: str, body: bytes) -> object:
        return views(self._partners)

    async def _get_older(self, name: str, body: bytes) -> object:
        return self._older()

    async def _get_order(self, order_id: str, body: bytes) -> object:
        row = await fallout.find(self._desk, order_id)
        if row is None:
            raise Problem(404, f"no order {order_id[:60]} at this gateway")
        return await self._leg(row)

    async def _get_trace(self, trace_id: str, body: bytes) -> object:
        return [await self._leg(row) for row in await self._desk.store.orders_by_trace(trace_id)]

    async def _get_number(self, text: str, body: bytes) -> object:
        try:
            number = Number.parse(text)
        except ValueError:
            raise Problem(400, "not a subscriber number") from None
        orders = [await self._leg(row) for row in await self._desk.store.orders_by_number(number, 50)]
        relations = [
            {
                "product": r.product_id, "offer": r.offer_id, "channel": r.channel, "state": r.state,
                "subscribed_at": r.subscribed_at, "effective_at": r.effective_at, "expires_at": r.expires_at,
            }
            for r in await self._desk.store.relations(number)
        ]  # fmt: skip
        user = await self._desk.store.subscriber(number)
        known = None if user is None else {"spec": user.spec, "pay": user.pay, "state": user.state, "capabilities": user.capabilities}
        return {"number": str(number), "subscriber": known, "orders": orders, "relations": relations}

    async def _get_route(self, path: str, body: bytes) -> object:
        found = explained(self._desk, path)
        if found is None:
            raise Problem(400, "not of the form NUMBER/PRODUCT")
        return found

    async def _get_object(self, name: str, body: bytes) -> object:
        """Give a product or offer as this VSOP holds it, named as `product:ID` or `offer:ID`."""
        kind, _, object_id = name.partition(":")
        held: Product | Offer | None = None
        if kind == ObjectKind.PRODUCT:
            held = self._desk.catalogue.products.get(object_id)
        elif kind == ObjectKind.OFFER:
            held = self._desk.catalogue.offers.get(object_id)
        if held is None:
            raise Problem(404, f"no {name[:60]} at this VSOP")
        return held

    async def _post_catalogue(self, name: str, body: bytes) -> object:
        upload = decode(body, CatalogueUpload)
        now = self._desk.catalogue
        merged = Catalogue(
            {**now.products, **{p.id: p for p in upload.products}},
            {**now.offers, **{o.id: o for o in upload.offers}},
            {**now.partners, **{p.id: p for p in upload.partners}},
        )
        mistakes = merged.mistakes()
        if mistakes:
            raise Problem(400, "; ".join(mistakes[:20]))
        rows = CatalogueLoaded(tuple(upload.products), tuple(upload.offers), tuple(upload.partners))
        counts = {"products": len(upload.products), "offers": len(upload.offers), "partners": len(upload.partners)}
        await self._desk.store.commit([rows, self._loaded("catalogue", upload.who, counts)])
        return counts

    async def _post_subscribers(self, name: str, body: bytes) -> object:
        given = decode(body, SubscribersUpload | list[Subscriber])
        upload = given if isinstance(given, SubscribersUpload) else SubscribersUpload(given)
        counts = {"subscribers": len(upload.subscribers)}
        rows = SubscribersLoaded(tuple(upload.subscribers))
        await self._desk.store.commit([rows, self._loaded("subscribers", upload.who, counts)])
        return counts

    def _loaded(self, what: str, who: str, counts: dict[str, int]) -> AuditKept:
        """Make the line of the audit log for an upload."""
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        return AuditKept(self._desk.clock.now(), who, f"{what}.load", what, "", told)

    async def _leg(self, row: OrderRow) -> Leg:
        run = await self._desk.store.run(row.order.id)
        now = await self._desk.store.order(row.order.id)  # read after its run: a run that has ended has written how
        if run is None or now is None:
            raise Problem(500, f"order {row.order.id} has no run")
        return leg(self._desk.here, now, run)


def _sent(request: Request, method: str) -> bytes:
    """Give what a resource is to read: a query's string, or what is posted."""
    if method == "GET":
        return bytes((request.uri or b"").partition(b"?")[2])
    return b"" if request.content is None else bytes(request.content.read(_MAX_BODY))


def _write(request: Request, status: int, value: object) -> None:
    if request._disconnected:
        return
    request.setResponseCode(status)
    request.setHeader("content-type", "application/json; charset=utf-8")
    request.responseHeaders.removeHeader(b"server")
    request.write(msgspec.json.encode(value))
    request.finish()


class _QuietSite(Site):
    """No access log: paths of the API hold subscriber numbers."""

    noisy = False

    def log(self, request: Request) -> None:
        """Write nothing."""


class _Root(Resource):
    """The API, and pages beside it by the first word of their path."""

    def __init__(self, api: AdminApi, pages: Mapping[str, Resource]) -> None:
        super().__init__()
        self._api = api
        for name, page in pages.items():
            self.putChild(name.encode(), page)  # type: ignore[arg-type]  # zope's interfaces are no types without a plugin

    def getChild(self, path: bytes, request: Request) -> Resource:  # noqa: N802 -- Twisted's
        """Give the API for all that is no page."""
        return self._api


def site(api: AdminApi, pages: Mapping[str, Resource] | None = None) -> Site:
    """Wrap the API for a listener, with pages of other rooms beside it; no access log, no Server header."""
    return _QuietSite(_Root(api, pages or {}))
