"""An office that is asked in old forms: the doors before the real services, and what an old client reads of an answer."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree
from office import CODEC, Office

from gateway.contract.document import CONTRACT_FAULT
from gateway.legacy.profile import PREFIX, services
from gateway.legacy.table import Known
from gateway.resources import contracts_dir
from gateway.soap.endpoint import Endpoint, SoapAnswer
from gateway.soap.faults import SOAP11

STAMP = "20261123120000"
VSOP = "http://www.mbossvsop.com.cn/vsop"


def source(dialect):
    """What old messages do not carry."""
    return lambda known: STAMP if known is Known.NOW else "204"


@dataclass(frozen=True)
class Told:
    """An answer: HTTP status, the element in the Body, and the fields that it tells."""

    status: int
    body: etree._Element

    @property
    def fields(self) -> dict[str, str]:
        """Fields of a document in a string, or of an answer with fields, by local name."""
        held = self.body if len(self.body) != 1 else self.body[0]
        if not len(held):
            held = etree.fromstring(held.text.encode())[-1]
        return {etree.QName(node).localname: node.text or "" for node in held.iter(etree.Element) if not len(node)}

    @property
    def code(self) -> str:
        """Our code: in the detail of a fault, or at the head of the text."""
        fault = next(self.body.iter(CONTRACT_FAULT), None)
        if fault is not None:
            return next(node.text for node in fault if etree.QName(node).localname == "Code")
        return self.fields["ResultDesc"].partition("] ")[0].lstrip("[")


class OldOffice:
    """Jiangxi's vsop contract behind its old services."""

    def __init__(self) -> None:
        self.office = Office()
        self.endpoint = Endpoint(CODEC, self.office.service, reference=lambda: "ref", check_answers=True)
        self.services = services(contracts_dir(), {"vsop": self.endpoint}, source, lambda: "ref")

    def post(self, service: str, body: str, action: str = "") -> Told:
        """Send what stands in the Body."""
        return self.send(service, f'<s:Envelope xmlns:s="{SOAP11}"><s:Body>{body}</s:Body></s:Envelope>'.encode(), action)

    def send(self, service: str, message: bytes, action: str = "") -> Told:
        """Send a whole message."""
        answer = self.services[PREFIX + service].door.answer(message, charset=None, action=action, peer="192.0.2.9")
        if not isinstance(answer, SoapAnswer):
            answer = answer.result
        assert isinstance(answer, SoapAnswer), answer
        return Told(answer.status, etree.fromstring(answer.body)[-1][0])

    def ask(self, document: str, service: str = "SubscribeReqSV", request: str = "SubscribeToVSOPReq") -> Told:
        """Send a document in the usual form: wrapped, in CDATA."""
        return self.post(service, f'<{request} xmlns="{VSOP}"><request><![CDATA[{document}]]></request></{request}>')


def order(office: Office, *offers: str, **changes: str) -> str:
    """Write a SubscribeToVSOPReq, as an old client does: by string."""
    fields = {
        **office._head("211"), "ActionType": "0", "OrderId": f"W{next(office._serials)}", "ProdSpecCode": "003", "ProductNo": "18907910001",
    }  # fmt: skip
    fields |= {name: value for name, value in changes.items() if name != "EffDate"}
    date = f"<EffDate>{changes['EffDate']}</EffDate>" if "EffDate" in changes else ""
    infos = "".join(
        f"<ProductOfferInfo><ProductOfferType>0</ProductOfferType><ProductOfferID>{offer}</ProductOfferID>{date}</ProductOfferInfo>"
        for offer in offers
    )
    return f"<SubscribeToVSOPReq>{''.join(f'<{n}>{v}</{n}>' for n, v in fields.items())}{infos}</SubscribeToVSOPReq>"


def wrapped(message: str) -> str:
    """Put a request into its usual document."""
    return f"<Request><SessionBody>{message}</SessionBody></Request>"


def report(**changes: str) -> str:
    """Give the fields of an orderRelationUpdateNotify of ISMP, as they stand in the bare form."""
    fields = {
        "OPType": "0", "packageID": "", "productID": "115000000000000000201", "streamingNo": "204" + STAMP + "000000001",
        "userID": "18907910001", "userIDType": "0", **changes,
    }  # fmt: skip
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())


def bare(fields: str) -> str:
    """The bare form of IsmpSpEngine."""
    return (
        '<orderRelationUpdateNotifyReq xmlns="http://sp.ismp.chinatelecom.com" xmlns:q="http://req.sp.ismp.chinatelecom.com">'
        + fields.replace("</", "\0").replace("<", "<q:").replace("\0", "</q:")
        + "</orderRelationUpdateNotifyReq>"
    )


def rpc(fields: str) -> str:
    """The rpc form, with a type at each field and no namespaces."""
    typed = fields.replace("</", "\0").replace(">", ' xsi:type="xsd:string">').replace("\0", "</")
    for name in ("OPType", "packageID", "productID", "streamingNo", "userID", "userIDType"):
        typed = typed.replace(f'</{name} xsi:type="xsd:string">', f"</{name}>")
    return (
        '<m:orderRelationUpdateNotify xmlns:m="http://sp.ismp.chinatelecom.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">'
        '<orderRelationUpdateNotifyReq xmlns:r="http://req.sp.ismp.chinatelecom.com" xsi:type="r:OrderRelationUpdateNotifyReq">'
        f"{typed}</orderRelationUpdateNotifyReq></m:orderRelationUpdateNotify>"
    )
