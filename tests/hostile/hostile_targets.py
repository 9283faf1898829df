"""What the corpus is sent to: of each served contract one operation whose effect can be counted, and the roles that its fields play."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

_NUMBERS = count()
_SERIALS = count(1)
NUMBERS = tuple(f"1890792{n:04d}" for n in range(4000))
"""Subscribers that hold nothing yet: an order for one of them is accepted."""
CHECKED = "18907910001"
"""A subscriber of the lab, for what changes nothing."""
X = "115000000000000000101"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One operation. `fields` are in the contract's order; `@items@` in one of them is where more items of its list go.

    The corpus puts its values into the fields that are named by role: `key` makes a request the same or another one, `strict` has a
    narrow pattern, `loose` takes a word of `loose_max` characters, `coded` is a code or number, `dated` a time.
    """

    contract: str
    namespace: str
    inner: str
    operation: str
    other: str
    fields: tuple[tuple[str, str], ...]
    key: str = "StreamingNo"
    strict: str
    loose: str
    loose_max: int
    coded: str
    dated: str = "TimeStamp"
    items: str | None
    item: str
    """One more item of the list, as it stands in the message, with the prefix v."""
    items_max: int
    changed: tuple[str, str]
    """A field with another good value: the content of a request under a number that is known."""
    counted: str
    """Where executions are counted: `inbox` of the store, or the journal of a stub `role`."""
    marks: int = 1
    """Rows of the inbox for one request: an application is also known by its own id."""
    system: str

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/services/{self.contract}"

    @property
    def action(self) -> str:
        """Its SOAPAction."""
        return f"{self.namespace}/{self.operation}"

    @property
    def other_action(self) -> str:
        """The SOAPAction of another operation of the contract."""
        return f"{self.namespace}/{self.other}"


def fresh_serial(system: str) -> str:
    """A StreamingNo that nobody used in this lab."""
    return f"{system}20261123093000{next(_SERIALS):09d}"


def fresh_number() -> str:
    """A subscriber who holds nothing; they are used in turn."""
    return NUMBERS[next(_NUMBERS) % len(NUMBERS)]


def fresh_name() -> str:
    """An identifier of an object that nobody used."""
    return f"9150{next(_SERIALS):017d}"


_NOW = "20261123093000"

VSOP = Target(
    contract="vsop", namespace="urn:vas:vsop:v1", inner="urn:vas:vsop:v1", operation="subscribeToVSOP", other="orderStateQry",
    fields=(
        ("StreamingNo", ""), ("TimeStamp", _NOW), ("SystemId", "211"), ("ActionType", "0"), ("OrderId", "@name@"),
        ("ProdSpecCode", "003"), ("ProductNo", "@number@"),
        (
            "ProductOfferInfo",
            f"<v:ProductOfferType>0</v:ProductOfferType><v:ProductOfferID>{X}</v:ProductOfferID>"
            f"<v:VSubProdInfo><v:VProductID>{X}</v:VProductID></v:VSubProdInfo>",
        ),
    ),
    strict="ProductNo", loose="OrderId", loose_max=60, coded="ActionType", items="ProductOfferInfo",
    item="<v:ProductOfferInfo><v:ProductOfferType>0</v:ProductOfferType><v:ProductOfferID>1</v:ProductOfferID></v:ProductOfferInfo>",
    items_max=20, changed=("ProductNo", CHECKED), counted="inbox", system="211",
)  # fmt: skip

_RELATION = "<v:RelationType>1</v:RelationType><v:RProductID>115000000000000000101</v:RProductID>"
PPM = Target(
    contract="ppm", namespace="urn:vas:ppm:v1", inner="urn:vas:types:v1", operation="submitProductApplication",
    other="submitOfferApplication",
    fields=(
        ("StreamingNo", ""), ("TimeStamp", _NOW), ("SystemId", "201"), ("ApplicationId", "@name@"),
        (
            "ProductInfo",
            "<v:ProductID>@name@</v:ProductID><v:SPID>15000001</v:SPID><v:PNameCN>铃音盒</v:PNameCN><v:PNameEN>Box</v:PNameEN>"
            "<v:ProductHost>200</v:ProductHost><v:PlatForm>303</v:PlatForm><v:Scope>1</v:Scope><v:ProvinceID>15</v:ProvinceID>"
            "<v:Status>1</v:Status><v:ServiceCapabilityID>8</v:ServiceCapabilityID><v:ProdSpecCode>003</v:ProdSpecCode>@items@",
        ),
    ),
    strict="SystemId", loose="ApplicationId", loose_max=60, coded="SystemId", items="ProdRelation",
    item=f"<v:ProdRelation>{_RELATION}</v:ProdRelation>", items_max=100, changed=("TimeStamp", "20261123093001"), counted="inbox",
    marks=2, system="201",
)  # fmt: skip

ISMP = Target(
    contract="ismp", namespace="urn:vas:ismp:v1", inner="urn:vas:ismp:v1", operation="suspendSubscription", other="resumeSubscription",
    fields=(
        ("StreamingNo", ""), ("TimeStamp", _NOW), ("SystemId", "200"), ("OrderId", "@name@"), ("UserID", CHECKED),
        ("UserIDType", "0"), ("ProductInfo", "<v:ProductID>115000000000000000201</v:ProductID>"),
    ),
    strict="UserID", loose="OrderId", loose_max=60, coded="UserIDType", items="ProductInfo",
    item="<v:ProductInfo><v:ProductID>1</v:ProductID></v:ProductInfo>", items_max=100, changed=("UserID", "18907910002"),
    counted="ismp", system="200",
)  # fmt: skip

OCS = Target(
    contract="ocs", namespace="urn:vas:ocs:v1", inner="urn:vas:ocs:v1", operation="feeCheck", other="productInfoSync",
    fields=(
        ("StreamingNo", ""), ("TimeStamp", _NOW), ("SystemId", "200"), ("ProdSpecCode", "003"), ("ProductNo", CHECKED),
        ("ContentType", "2"),
    ),
    strict="ProductNo", loose="ProdSpecCode", loose_max=25, coded="ContentType", items=None, item="", items_max=0,
    changed=("ProductNo", "18907910002"), counted="ocs", system="200",
)  # fmt: skip

TARGETS = {target.contract: target for target in (VSOP, PPM, ISMP, OCS)}
