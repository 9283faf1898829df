"""The stock Spyne peers' hand-written models of wsdl/xsd/vsop.xsd: subscribeToVSOP and its answer.

They must not know the gateway; every pattern, list, length and occurrence of the contract is repeated here by hand, as
a user of Spyne would.
"""

from typing import ClassVar

from spyne import ComplexModel, Unicode

VSOP = "urn:vas:vsop:v1"
TIME_PATTERN = r"(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"

StreamingNo = Unicode(pattern=r"[0-9A-Za-z]{6,60}", type_name="StreamingNo", min_occurs=1, nillable=False)
TimeStamp14 = Unicode(pattern=TIME_PATTERN, type_name="TimeStamp14", min_occurs=1, nillable=False)
OptionalTime = Unicode(pattern=TIME_PATTERN, type_name="OptionalTime", min_occurs=0, nillable=False)
SystemId = Unicode(pattern=r"[1-9][0-9]{2}", type_name="SystemId", min_occurs=1, nillable=False)
OrderId = Unicode(pattern=r"[0-9A-Za-z._\-]{1,60}", type_name="OrderId", min_occurs=1, nillable=False)
ProdSpecCode = Unicode(pattern=r"[0-9A-Za-z]{1,25}", type_name="ProdSpecCode", min_occurs=1, nillable=False)
ProductNo = Unicode(pattern=r"(\+?86)?(1[0-9]{10}|0[0-9]{9,11})", type_name="ProductNo", min_occurs=1, nillable=False)
VProductID = Unicode(pattern=r"[0-9A-Za-z._\-]{1,25}", type_name="VProductID", min_occurs=1, nillable=False)
ProductOfferID = Unicode(pattern=r"[0-9A-Za-z._\-]{1,25}", type_name="ProductOfferID", min_occurs=1, nillable=False)
SubscribeAction = Unicode(values=["0", "1", "2", "3", "4"], type_name="SubscribeAction", min_occurs=1, nillable=False)
ProductOfferType = Unicode(values=["0", "1", "2"], type_name="ProductOfferType", min_occurs=1, nillable=False)
ResultCode = Unicode(pattern=r"-?[0-9]{1,5}", type_name="ResultCode", min_occurs=1, nillable=False)
ResultDesc = Unicode(max_len=512, type_name="ResultDesc", min_occurs=1, nillable=False)
OptionalDesc = Unicode(max_len=512, type_name="OptionalDesc", min_occurs=0, nillable=False)


class SubProdInfo(ComplexModel):  # type: ignore[misc]
    """One product of an offer."""

    __namespace__ = VSOP
    _type_info: ClassVar = [("VProductID", VProductID), ("EffDate", OptionalTime), ("ExpDate", OptionalTime)]


class OfferInfo(ComplexModel):  # type: ignore[misc]
    """One offer of the order."""

    __namespace__ = VSOP
    _type_info: ClassVar = [
        ("ProductOfferType", ProductOfferType),
        ("ProductOfferID", ProductOfferID),
        ("VSubProdInfo", SubProdInfo.customize(min_occurs=0, max_occurs=20, nillable=False)),
        ("EffDate", OptionalTime),
        ("ExpDate", OptionalTime),
    ]


class OfferResult(ComplexModel):  # type: ignore[misc]
    """What became of one offer."""

    __namespace__ = VSOP
    _type_info: ClassVar = [("ProductOfferID", ProductOfferID), ("OPResult", ResultCode), ("OPDesc", OptionalDesc)]


SUBSCRIBE = (
    StreamingNo,
    TimeStamp14,
    SystemId,
    SubscribeAction,
    OrderId,
    ProdSpecCode,
    ProductNo,
    OfferInfo.customize(min_occurs=0, max_occurs=20, nillable=False),
)
ANSWER = (StreamingNo, ResultCode, ResultDesc, OfferResult.customize(min_occurs=0, max_occurs=20, nillable=False))
ANSWER_NAMES = ("StreamingNo", "ResultCode", "ResultDesc", "ResultInfo")
