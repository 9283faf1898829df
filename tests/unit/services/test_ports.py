"""ISMP and OCS as routed ports: every operation is served, goes to the right system unchanged, and its answer comes back unchanged."""

from __future__ import annotations

import pytest
from office import GUANGXIS, ISMP, NATIONAL_ISMP, NOBODYS, USER, X
from rig import run
from wires import GUANGXI_VSOP, JIANGXI_VSOP, Country, Wire, dead

from gateway.contract import Codec, load_contract
from gateway.domain.party import GROUP_VSOP, OCS, Address, Party
from gateway.errors import Permanent, Temporary
from gateway.resources import contracts_dir
from gateway.services.ports import RoutedPort
from gateway.soap.endpoint import Endpoint, Exchange

CODECS = {name: Codec(load_contract(contracts_dir() / f"{name}.wsdl")) for name in ("ismp", "ocs")}
STAMP = "20261123120000"
ISMP_B, ISMP_M = Address(Party.ISMP, "203"), Address(Party.ISMP, "204")


def head(system):
    """The fields that begin a request."""
    return {"StreamingNo": f"{system}{STAMP}000000001", "TimeStamp": STAMP, "SystemId": system}


def fee_check(number=USER, *, system="204"):
    """ISMP asks for a balance."""
    return CODECS["ocs"]["feeCheck"](**head(system), ProdSpecCode="003", ProductNo=number, ContentType="2")


def product_sync():
    """PPM tells a product."""
    codec = CODECS["ocs"]
    product = codec["Product"](
        ProductID=X, SPID="15000001", PNameCN="铃", PNameEN="tone", ProductHost="200", PlatForm="303", Scope="1", ProvinceID="15",
        Status="0",
    )  # fmt: skip
    return codec["ProductSyncRequest"](**head("202"), OPFlag="1", Version=1, ProductInfo=product)


def offer_sync():
    """PPM tells an offer."""
    codec = CODECS["ocs"]
    offer = codec["Offer"](
        ProductOfferType="0", ProductOfferID=X, PNameCN="铃", PNameEN="tone", Scope="1", ProvinceID="15", Status="0",
        PartialAllowed=False, ProductID=[X],
    )  # fmt: skip
    return codec["OfferSyncRequest"](**head("202"), OPFlag="1", Version=1, ProductOfferInfo=offer)


def products(*ids):
    """The products of a request to ISMP."""
    return [CODECS["ismp"]["ProductAction"](ProductID=i) for i in ids]


def subscription(number=USER, *ids, system="200", payer=USER):
    """Subscribe products for a user."""
    return CODECS["ismp"]["subActionFromVSOP"](
        **head(system), OrderId="O1", OA=payer, OAType="0", DA=number, DAType="0", FA=payer, FAType="0",
        ProductInfo=products(*(ids or (ISMP,))),
    )  # fmt: skip


def act(operation, number=USER, *ids, system="200"):
    """End, suspend or resume products."""
    return CODECS["ismp"][operation](
        **head(system), OrderId="O1", UserID=number, UserIDType="0", ProductInfo=products(*(ids or (ISMP,)))
    )  # fmt: skip


def listing(number=USER, product=None):
    """Ask what ISMP holds."""
    return CODECS["ismp"]["getSubscription"](**head("201"), UserID=number, UserIDType="0", ProductID=product)


def user_info(number=USER):
    """Tell ISMP of a user."""
    return CODECS["ismp"]["UserInfoSyncRequest"](
        **head("200"), OrderId="O1", ActionType="11", ProdSpecCode="003", ProductNo=number, UserState="0", UserPayType="1"
    )  # fmt: skip


REQUESTS = {
    "ocs": {"feeCheck": fee_check, "productInfoSync": product_sync, "PPOfferInfoSync": offer_sync},
    "ismp": {
        "subActionFromVSOP": subscription, "unSubActionFromVSOP": lambda *a: act("unSubActionFromVSOP", *a),
        "userInfoSync": user_info, "suspendSubscription": lambda *a: act("suspendSubscription", *a),
        "resumeSubscription": lambda *a: act("resumeSubscription", *a), "getSubscription": listing,
    },
}  # fmt: skip
OPERATIONS = [(contract, operation) for contract, made in REQUESTS.items() for operation in made]
ABOUT_A_NUMBER = [
    (contract, operation)
    for contract, operation in OPERATIONS
    if operation not in ("productInfoSync", "PPOfferInfoSync")
]


class Platform(Wire):
    """A system that takes everything; its answers are kept as well."""

    def __init__(self, contract) -> None:
        super().__init__(CODECS[contract], self._take)
        self.answers = []

    async def _take(self, operation, request, routing):
        element = self.codec.contract.operations[operation].response
        answer = self.codec.by_element[element].type(
            StreamingNo=request.StreamingNo, ResultCode="0", ResultDesc="their text"
        )
        self.answers.append(answer)
        return answer


class Ports:
    """The routed ports of a country: each gateway's, and the platforms of both provinces behind them."""

    def __init__(self) -> None:
        self.country = Country()
        offices = {"jiangxi": self.country.jiangxi, "guangxi": self.country.guangxi, "group": self.country.group}
        self.served = {
            (place, contract): RoutedPort(office.desk, codec)
            for place, office in offices.items()
            for contract, codec in CODECS.items()
        }
        self.wires, self.platforms = {}, {}
        for contract, codec in CODECS.items():
            to_group = self._wire("group", contract, codec)
            self.country.jiangxi.lines[GROUP_VSOP, contract] = self.country.guangxi.lines[GROUP_VSOP, contract] = (
                to_group
            )
            self.country.group.lines[JIANGXI_VSOP, contract] = self._wire("jiangxi", contract, codec)
            self.country.group.lines[GUANGXI_VSOP, contract] = self._wire("guangxi", contract, codec)
        for place in ("jiangxi", "guangxi"):
            for address, contract in ((OCS, "ocs"), (ISMP_B, "ismp"), (ISMP_M, "ismp")):
                self.platforms[place, address] = offices[place].lines[address, contract] = Platform(contract)

    def _wire(self, place, contract, codec):
        async def answer(operation, request, block):
            return await self.answer(place, contract, operation, request, block)

        self.wires[place, contract] = Wire(codec, answer)
        return self.wires[place, contract]

    async def answer(self, place, contract, operation, request, block=None):
        handler = getattr(self.served[place, contract], operation)
        return await handler(request, Exchange(peer="test", action="", routing=block))

    def call(self, place, contract, operation, request, block=None):
        """Give the answer at a gateway's port."""
        return run(self.answer(place, contract, operation, request, block))

    def taken(self):
        """Which platform of which province got which operation."""
        return [(place, address, o) for (place, address), p in self.platforms.items() for o, _, _ in p.carried]


@pytest.fixture
def ports():
    return Ports()


# ---- every operation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contract", CODECS)
def test_every_operation_is_served(ports, contract):
    """The port is a whole handler of its contract, made from the contract alone; our requests are all of them."""
    Endpoint(CODECS[contract], ports.served["jiangxi", contract], reference=lambda: "r")
    assert set(REQUESTS[contract]) == set(CODECS[contract].contract.operations)


def test_operation_of_no_contract(ports):
    """What the contract does not have is no handler either."""
    assert not hasattr(ports.served["jiangxi", "ocs"], "subActionFromVSOP")


@pytest.mark.parametrize(("contract", "operation"), OPERATIONS)
def test_own_number_goes_to_the_platform(ports, contract, operation):
    """Each operation reaches the province's own system, unchanged, and its very answer comes back."""
    request = REQUESTS[contract][operation]()
    answer = ports.call("jiangxi", contract, operation, request)
    platform = ports.platforms["jiangxi", OCS if contract == "ocs" else ISMP_M]
    assert ([(o, r) for o, r, _ in platform.carried], platform.answers, len(ports.taken())) == (
        [(operation, request)], [answer], 1,
    )  # fmt: skip


@pytest.mark.parametrize(("contract", "operation"), ABOUT_A_NUMBER)
@pytest.mark.parametrize("start", ["jiangxi", "group", "guangxi"])
def test_number_of_another_province(ports, start, contract, operation):
    """From any gateway a request comes to the platform of the number's province; national products count as that province's."""
    made = REQUESTS[contract][operation]
    with_product = contract == "ismp" and operation not in ("userInfoSync",)
    request = made(GUANGXIS, NATIONAL_ISMP) if with_product else made(GUANGXIS)
    answer = ports.call(start, contract, operation, request)
    platform = OCS if contract == "ocs" else ISMP_M
    assert (ports.taken(), answer.ResultDesc) == ([("guangxi", platform, operation)], "their text")


def test_hops_of_a_request(ports):
    """Each gateway adds one, the platform hears of all of them, and the trace is the caller's StreamingNo."""
    request = fee_check(GUANGXIS)
    ports.call("jiangxi", "ocs", "feeCheck", request)
    blocks = [
        wire.carried[0][2]
        for wire in (ports.wires["group", "ocs"], ports.wires["guangxi", "ocs"], ports.platforms["guangxi", OCS])
    ]
    assert [(b.HopCount, b.TraceId, b.OriginProvince) for b in blocks] == [
        (n, request.StreamingNo, "15") for n in (1, 2, 3)
    ]


def test_trace_of_the_caller_is_kept(ports):
    """A fee check of ISMP that belongs to an order stays with it."""
    block = CODECS["ocs"]["RoutingType"](
        TraceId="ORDER", OriginSystem="200", OriginProvince="15", HopCount=1, Section="4.1.2"
    )
    ports.call("jiangxi", "ocs", "feeCheck", fee_check(), block)
    passed_on = ports.platforms["jiangxi", OCS].carried[0][2]
    assert (passed_on.TraceId, passed_on.HopCount, passed_on.Section) == ("ORDER", 2, "4.1.2")


# ---- which platform --------------------------------------------------------------------------------------------------

CHOICES = {
    "product decides": (listing(USER, ISMP), ISMP_M),
    "without product, mobile": (listing(), ISMP_M),
    "without product, fixed line": (listing("07916660001"), ISMP_B),
    "with 86": (listing(f"86{USER}"), ISMP_M),
}


@pytest.mark.parametrize("case", CHOICES)
def test_which_ismp_of_the_province(ports, case):
    """The product's ISMP; where none is named, the one that knows users of that kind."""
    request, expected = CHOICES[case]
    ports.call("jiangxi", "ismp", "getSubscription", request)
    assert ports.taken() == [("jiangxi", expected, "getSubscription")]


def test_using_party_decides(ports):
    """Of ordering, using and paying party, the using one says which province it is."""
    ports.call("jiangxi", "ismp", "subActionFromVSOP", subscription(GUANGXIS, NATIONAL_ISMP, payer=USER))
    assert ports.taken() == [("guangxi", ISMP_M, "subActionFromVSOP")]


# ---- what is refused -------------------------------------------------------------------------------------------------

BLOCK = {"TraceId": "T", "OriginSystem": "200", "OriginProvince": "15"}
REFUSALS = {
    "unknown number": ("ocs", "feeCheck", fee_check(NOBODYS), "7001"),
    "unknown system": ("ocs", "feeCheck", fee_check(system="999"), "2001"),
    "unknown product": ("ismp", "subActionFromVSOP", subscription(USER, "GONE"), "4001"),
    "product of X": ("ismp", "subActionFromVSOP", subscription(USER, X), "4015"),
    "unknown number at ISMP": ("ismp", "getSubscription", listing(NOBODYS), "7001"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusal_at_a_port(ports, case):
    """Each reason has its code; nobody is asked, and no number is repeated."""
    contract, operation, request, code = REFUSALS[case]
    answer = ports.call("jiangxi", contract, operation, request)
    assert (answer.ResultCode, answer.StreamingNo, ports.taken(), NOBODYS in answer.ResultDesc) == (
        code, request.StreamingNo, [], False,
    )  # fmt: skip


@pytest.mark.parametrize("system", ["204", "211", "303"])
def test_systems_that_are_known(ports, system):
    """Systems of the field, and service platforms of the catalogue."""
    assert ports.call("jiangxi", "ocs", "feeCheck", fee_check(system=system)).ResultCode == "0"


@pytest.mark.parametrize(("contract", "operation"), OPERATIONS)
def test_request_that_circles(ports, contract, operation):
    """After too many gateways a request is refused, even one that names no number."""
    block = CODECS[contract]["RoutingType"](**BLOCK, HopCount=4)
    assert ports.call("jiangxi", contract, operation, REQUESTS[contract][operation](), block).ResultCode == "7004"


@pytest.mark.parametrize(("contract", "operation"), OPERATIONS)
@pytest.mark.parametrize(("failure", "code"), [(Temporary("x", "deadline"), "8005"), (Permanent("x", "fault"), "8002")])
def test_platform_that_does_not_answer(ports, contract, operation, failure, code):
    """Every operation can say that its system is away, or refuses our message."""
    address = OCS if contract == "ocs" else ISMP_M
    ports.country.jiangxi.lines[address, contract] = dead(CODECS[contract], failure)
    answer = ports.call("jiangxi", contract, operation, REQUESTS[contract][operation]())
    described = CODECS[contract].contract.operations[operation]
    assert (answer.ResultCode, type(answer)) == (code, CODECS[contract].by_element[described.response].type)


def test_operator_is_told_why(ports):
    """The caller hears who gave no answer, the log also what was wrong."""
    told = []
    ports.country.jiangxi.desk.events = lambda event, /, **fields: told.append((event, fields.get("reason")))
    ports.country.jiangxi.lines[OCS, "ocs"] = dead(CODECS["ocs"], Temporary("ocs", "deadline"))
    ports.call("jiangxi", "ocs", "feeCheck", fee_check())
    assert told == [("partner.failed", "deadline"), ("port.forwarded", None)]


def test_nobody_is_configured(ports):
    """A system without address is named."""
    del ports.country.jiangxi.lines[OCS, "ocs"]
    answer = ports.call("jiangxi", "ocs", "feeCheck", fee_check())
    assert (answer.ResultCode, answer.ResultDesc.endswith(": ocs")) == ("7003", True)


# ---- what is logged --------------------------------------------------------------------------------------------------


def test_forwarding_of_a_port_is_logged(ports):
    """One line: which contract and operation, to whom, under which number, with which result, after how many gateways."""
    told = []
    ports.country.jiangxi.desk.events = lambda event, /, **fields: told.append((event, fields))
    request = fee_check()
    ports.call("jiangxi", "ocs", "feeCheck", request)
    fields = {
        "contract": "ocs",
        "operation": "feeCheck",
        "party": "ocs",
        "streaming_no": request.StreamingNo,
        "code": 0,
        "hops": 1,
    }
    assert told == [("port.forwarded", fields)]
