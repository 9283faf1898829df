"""A relation notice in the forms that deployed senders use: bare as the WSDL says, rpc with xsi:type, values beside the call.

Must not know what a case wants.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.contract.codec import escape
from gateway.soap.faults import SOAP11
from stubs.partnerkit.probe import Probe

SP = "http://sp.ismp.chinatelecom.com"
REQ = "http://req.sp.ismp.chinatelecom.com"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
_OPEN = (
    f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAP11}" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
)
_CLOSE = "</soapenv:Body></soapenv:Envelope>"
_WHOLE = {"OPType", "userIDType"}
"""Fields that are numbers."""

Fields = Mapping[str, str]


def notice(probe: Probe, op_type: str = "0", **fields: str | None) -> dict[str, str]:
    """Give the fields of a notice about the test data's user and product, under a number of its own; None leaves one out."""
    usual: dict[str, str | None] = {
        "OPType": op_type,
        "packageID": probe.data.offer,
        "productID": probe.data.product,
        "streamingNo": probe.request(probe.operations[0]).StreamingNo,
        "userID": probe.data.number,
        "userIDType": "0",
    }
    return {name: value for name, value in {**usual, **fields}.items() if value is not None}


def bare(fields: Fields) -> str:
    """Write document/literal bare; what is already markup stays as it is."""
    inner = "".join(f"<r:{name}>{escape(value)}</r:{name}>" for name, value in fields.items())
    content = f'<n:orderRelationUpdateNotifyReq xmlns:n="{SP}" xmlns:r="{REQ}">{inner}</n:orderRelationUpdateNotifyReq>'
    return _OPEN + content + _CLOSE


def rpc(fields: Fields) -> str:
    """Write the rpc wrapper with a type at each field, as Axis 1 clients of the engine do."""
    inner = "".join(f"<{name}{_type(name)}>{escape(value)}</{name}>" for name, value in fields.items())
    call = f'<n:orderRelationUpdateNotify xmlns:n="{SP}" soapenv:encodingStyle="{ENCODING}">'
    return f"{_OPEN}{call}<orderRelationUpdateNotifyReq>{inner}</orderRelationUpdateNotifyReq></n:orderRelationUpdateNotify>{_CLOSE}"


def multiref(fields: Fields) -> str:
    """Write rpc/encoded with the struct beside the call, as Axis 1 does by default."""
    inner = "".join(f"<{name}{_type(name)}>{escape(value)}</{name}>" for name, value in fields.items())
    call = f'<n:orderRelationUpdateNotify xmlns:n="{SP}" soapenv:encodingStyle="{ENCODING}">'
    beside = f'<multiRef id="id0" soapenv:encodingStyle="{ENCODING}" xmlns:r="{REQ}" xsi:type="r:OrderRelationUpdateNotifyReq">'
    return f'{_OPEN}{call}<orderRelationUpdateNotifyReq href="#id0"/></n:orderRelationUpdateNotify>{beside}{inner}</multiRef>{_CLOSE}'


def _type(name: str) -> str:
    return f' xsi:type="xsd:{"int" if name in _WHOLE else "string"}"'
