"""What is served where: paths, published files, and what may pass while the gateway is busy."""

from __future__ import annotations

import pytest
import zeep
from lxml import etree
from office import CODEC, Office, X
from oldoffice import VSOP, order, source, wrapped

from gateway.contract import ContractError
from gateway.legacy.documents import Schema
from gateway.legacy.profile import PREFIX, services
from gateway.resources import contracts_dir
from gateway.soap.endpoint import Endpoint
from gateway.soap.faults import SOAP11
from gateway.soap.front import Front
from gateway.soap.http import HttpRequest, HttpResponse

WSDL = contracts_dir()
PUBLIC = "https://vsop.jx.example:8443"
NEW_WORK = frozenset({"vsop/subscribeToVSOP"})


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def front(office) -> Front:
    endpoint = Endpoint(CODEC, office.service, reference=lambda: "ref", check_answers=True)
    old = services(WSDL, {"vsop": endpoint}, source, lambda: "ref", NEW_WORK)
    return Front([endpoint], public_url=PUBLIC, new_work=NEW_WORK, services=old)


def get(front: Front, target: str) -> HttpResponse:
    path, _, query = target.partition("?")
    answer = front.check_head("GET", path, {}) or front.handle(HttpRequest("GET", path, query, {}, b"", "192.0.2.9"))
    assert isinstance(answer, HttpResponse)
    return answer


def test_wsdl_names_the_configured_address(front):
    """Byte for byte the file, but for the address."""
    file = (WSDL / "legacy/SubscribeReqSV.wsdl").read_bytes()
    expected = file.replace(b"http://127.0.0.1/VsopWeb", f"{PUBLIC}/VsopWeb".encode())
    assert get(front, f"{PREFIX}SubscribeReqSV?wsdl").body == expected


@pytest.mark.parametrize("name", sorted(path.stem for path in (WSDL / "legacy").glob("*.wsdl")))
def test_every_service_has_its_file_and_all_that_it_imports(name):
    """Each WSDL is well-formed and its imports are there: a toolkit can read it."""
    root = etree.parse(WSDL / f"legacy/{name}.wsdl").getroot()
    missing = [n for n in root.iter("{*}import") if not (WSDL / "legacy" / str(n.get("schemaLocation"))).is_file()]
    assert (root.get("name"), missing) == (name, [])


@pytest.mark.parametrize("path", sorted((WSDL / "legacy").glob("*.wsdl")), ids=lambda path: path.stem)
def test_toolkits_read_every_service(path):
    """Zeep, in strict mode, finds an operation in each."""
    port = next(iter(next(iter(zeep.Client(str(path), settings=zeep.Settings(strict=True)).wsdl.services.values())).ports.values()))
    assert port.binding._operations


@pytest.mark.parametrize("name", ["strings.xsd", "ismp-sp.xsd", "ismp-sp-req.xsd", "ismp-sp-rsp.xsd"])
def test_imported_files_are_served_beside_it(front, name):
    """By the relative names that the WSDL and the schemas use, and as they are."""
    assert get(front, f"{PREFIX}xsd/{name}").body == (WSDL / "legacy/xsd" / name).read_bytes()


def test_services_without_an_endpoint_are_not_there(front):
    """A gateway serves what its contracts have; what partners serve is not among it."""
    assert [get(front, f"{PREFIX}{name}?wsdl").status for name in ("SendSubRTSV", "FeeCheckSV", "Nothing")] == [404, 404, 404]


def test_order_goes_through_the_front(front, office):
    """A POST to the old path is answered like one to the contract's."""
    document = wrapped(order(office, X))
    message = (
        f'<s:Envelope xmlns:s="{SOAP11}"><s:Body><SubscribeToVSOPReq xmlns="{VSOP}"><request><![CDATA[{document}]]></request>'
        "</SubscribeToVSOPReq></s:Body></s:Envelope>"
    )
    headers = {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}
    path = f"{PREFIX}SubscribeReqSV"
    assert front.check_head("POST", path, headers) is None
    answer = front.handle(HttpRequest("POST", path, "", headers, message.encode(), "192.0.2.9"))
    told = answer if isinstance(answer, HttpResponse) else answer.result
    assert (told.status, "<ResultCode>0</ResultCode>" in told.body.decode()) == (200, True)


@pytest.mark.parametrize(("action", "urgent"), [("subscribeToVSOP", False), ("subInstQryFromVSOP", True), ('"recvRQMessage"', True)])
def test_what_begins_nothing_passes_while_busy(front, action, urgent):
    """SOAPAction of the string profile is the bare operation name."""
    assert front.is_urgent({"soapaction": action, "content-type": "text/xml"}) is urgent


def test_schema_that_is_none_stops_the_start(tmp_path):
    """By its file."""
    broken = tmp_path / "broken.xsd"
    broken.write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a" type="nothing"/></xs:schema>')
    with pytest.raises(ContractError, match=r"broken\.xsd:1: schema error"):
        Schema(broken)


def test_service_without_its_file_stops_the_start(tmp_path, office):
    """A directory of contracts without the old ones cannot serve them."""
    endpoint = Endpoint(CODEC, office.service, reference=lambda: "ref")
    (tmp_path / "legacy/xsd").mkdir(parents=True)
    for path in (WSDL / "legacy/xsd").glob("*.xsd"):
        (tmp_path / "legacy/xsd" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ContractError, match="contract file does not exist"):
        services(tmp_path, {"vsop": endpoint}, source, lambda: "ref")
