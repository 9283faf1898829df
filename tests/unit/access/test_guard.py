"""Who is let in: each rule of the guard, asked through a real endpoint."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from callers import PORTAL, SOAP12, TEXT, Place, message, number, token

from gateway.soap.endpoint import Exchange
from gateway.soap.faults import SoapFault

ROUTING = (
    '<t:Routing xmlns:t="urn:vas:types:v1"><t:TraceId>T1</t:TraceId><t:OriginSystem>211</t:OriginSystem>'
    "<t:OriginProvince>15</t:OriginProvince><t:HopCount>1</t:HopCount></t:Routing>"
)
GATEWAY = PORTAL.replace('systems = ["211"]', 'systems = ["100"]\ngateway = true').replace("[portal]", "[group]").replace(
    'password_file', 'user = "portal"\npassword_file')  # fmt: skip


@pytest.fixture
def place(tmp_path):
    """A gateway that knows one partner."""
    return Place(tmp_path)


def test_good_token(place):
    """The partner is let in, and the handler learns who asks."""
    assert (place.ask(message(token())), place.answers.callers) == ((200, "0"), ["portal"])


def test_security_that_must_be_understood(place):
    """Where tokens are asked for, the header block counts as understood."""
    assert place.ask(message(token(must=True))) == (200, "0")


def test_security_is_not_understood_where_nobody_is_asked(tmp_path):
    """Without a partner who shows a token or a signature a block that must be understood is refused."""
    only = '[near]\nsystems = ["211"]\nauthentication = ["none"]\nnetworks = ["192.0.2.0/24"]\noperations = ["*"]\nprovinces = ["*"]\n'
    assert Place(tmp_path, only).ask(message(token(must=True))) == (500, "1004")


def test_soap_12(place):
    """A refusal is a fault of the caller's version, HTTP 400 there, with the code of WS-Security below Sender."""
    answer = place.answer(message(token(secret="wrong password"), soap=SOAP12))
    assert (answer.status, b"<s:Subcode>" in answer.body, b"wsse:FailedAuthentication<" in answer.body) == (400, True, True)


def test_fault_code_of_ws_security(place):
    """In SOAP 1.1 the fault code is that of WS-Security."""
    assert b"wsse:FailedAuthentication</faultcode>" in place.answer(message(token(secret="wrong password"))).body


REFUSED = {
    "nothing at all": ("", "2005"),
    "wrong password": (token(secret="not this one"), "2004"),
    "unknown user": (token("somebody"), "2004"),
    "user in capitals": (token("Portal"), "2004"),
    "user with a blank": (token("portal "), "2004"),
    "user of SQL": (token("' OR '1'='1"), "2004"),
    "stale": (token(created="2026-03-01T11:54:59Z"), "2007"),
    "from the future": (token(created="2026-03-01T12:01:01Z"), "2007"),
    "no zone": (token(created="2026-03-01T12:00:00"), "2006"),
    "no time": (token(created="yesterday"), "2006"),
    "no such month": (token(created="2026-13-01T12:00:00Z"), "2006"),
    "no password": (token(leave_out="Password"), "2006"),
    "no user": (token(leave_out="Username"), "2006"),
    "no nonce": (token(leave_out="Nonce"), "2006"),
    "no created": (token(leave_out="Created"), "2006"),
    "nonce too short": (token(nonce=b"seven b"), "2006"),
    "nonce too long": (token(nonce=b"x" * 129), "2006"),
    "nonce of 40 KB": (token(nonce=b"x" * 30_000), "2006"),
    "user of 10 000 characters": (token("x" * 10_000), "2006"),
    "password of an unknown type": (token(kind="urn:other"), "2006"),
    "digest without a type": (token(kind=None), "2006"),
    "plain text": (token(kind=TEXT), "2006"),
    "two tokens": (token(beside="<wsse:UsernameToken><wsse:Username>root</wsse:Username></wsse:UsernameToken>"), "2006"),
    "two passwords": (token(inner="<wsse:Password>x</wsse:Password>"), "2006"),
    "key derivation": (token(inner="<wsse11:Salt xmlns:wsse11='urn:x'>AAAA</wsse11:Salt>"), "2006"),
    "an encrypted key beside it": (token(beside="<e:EncryptedKey xmlns:e='urn:x'/>"), "2006"),
    "an ended timestamp": (token(beside="<wsu:Timestamp><wsu:Expires>2026-03-01T11:59:59Z</wsu:Expires></wsu:Timestamp>"), "2007"),
    "two Security blocks": (token() + token(nonce=b"another nonce"), "1012"),
    "wrapped": (f"<x:Wrap xmlns:x='urn:x'>{token()}</x:Wrap>", "2005"),
    "meant for somebody else": (token().replace(" xmlns:wsu", ' s:actor="urn:other" xmlns:wsu', 1), "2005"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(place, case):
    """Nothing is run, the code says what may be said, and the next good message is served."""
    header, code = REFUSED[case]
    assert (place.ask(message(header)), place.answers.callers) == ((500, code), [])
    assert place.ask(message(token(nonce=b"a good one later"))) == (200, "0")


def test_wrong_user_reads_like_wrong_password(place):
    """Who guesses does not learn which of them was wrong."""
    answers = [place.answer(message(header)).body for header in (token("somebody"), token(secret="not this one"))]
    assert answers[0] == answers[1]


def test_replay(place):
    """The same token is taken once."""
    assert [place.ask(message(token())) for _ in range(2)] == [(200, "0"), (500, "2008")]


def test_replay_of_a_token_dated_ahead(place):
    """It is remembered until it ends by its own time, not for as long from its arrival: else it could be used again at the end."""
    ahead = message(token(created="2026-03-01T12:00:50Z"))
    first = place.ask(ahead)
    place.time.pass_by(349)
    assert (first, place.ask(ahead)) == ((200, "0"), (500, "2008"))


def test_nonce_under_another_time(place):
    """A nonce that was used is not taken with a new time either."""
    place.ask(message(token()))
    assert place.ask(message(token(created="2026-03-01T12:00:01Z"))) == (500, "2008")


def test_wrong_password_marks_nothing(place):
    """A stranger who has seen a nonce cannot use it up."""
    place.ask(message(token(secret="not this one")))
    assert place.ask(message(token())) == (200, "0")


def test_broken_message_is_judged_after_its_sender(place):
    """Who is not let in learns nothing of the contract, and costs no look at the schema."""
    broken = message(token("somebody"), fields="")
    assert (place.ask(broken), place.ask(message(token(), fields=""))) == ((500, "2004"), (500, "1006"))


def test_plain_text_over_tls(tmp_path):
    """Where the profile allows it, and only over TLS, the password itself is taken."""
    place = Place(tmp_path, PORTAL + "plain_text = true\n")
    plain = message(token(kind=TEXT))
    assert [place.ask(plain), place.ask(plain, secure=True), place.ask(message(token(kind=TEXT, secret="no")), secure=True)] == [
        (500, "2006"), (200, "0"), (500, "2004"),
    ]  # fmt: skip


def test_spoofed_system(place):
    """A partner speaks in its own name."""
    assert place.ask(message(token(), system="212")) == (500, "2009")


def test_operation_that_is_not_allowed(place):
    """What is not listed is refused."""
    header = token()
    assert place.ask(message(header, operation="userInfoSync", fields="")) == (500, "2010")


@pytest.mark.parametrize(("digits", "told"), [("18907915678", (200, "0")), ("18907715678", (500, "2011")), ("18900005678", (200, "0"))])
def test_province(place, digits, told):
    """A number of another province is refused; one that the plan does not know is the flow's to refuse."""
    assert place.ask(message(token(), **number(digits))) == told


@pytest.mark.parametrize("field", ["ProductNo", "OldProductNo", "DA", "OA", "FA", "UserID"])
def test_no_number_of_a_message_is_foreign(place, field):
    """Who renumbers a user, or lets one pay for another, acts for both."""
    request = SimpleNamespace(SystemId="211", ProductNo="18907910001", field_names={"SystemId", "ProductNo", field})
    exchange = Exchange("192.0.2.7", "", caller="portal")
    setattr(request, field, "18907910002")
    assert place.door.guard.judge(request, exchange) is None
    setattr(request, field, "18907710001")
    with pytest.raises(SoapFault) as refused:
        place.door.guard.judge(request, exchange)
    assert refused.value.result.code == 2011


def test_foreign_network(place):
    """A good token from elsewhere is refused, and told why: its owner has proved who he is."""
    assert place.ask(message(token()), peer="198.51.100.7") == (500, "2012")


def test_stranger_in_a_foreign_network(place):
    """One that is not proved learns nothing of networks."""
    assert place.ask(message(token(secret="not this one")), peer="198.51.100.7") == (500, "2004")


def test_suspended(tmp_path):
    """He is refused and told so."""
    assert Place(tmp_path, PORTAL + 'state = "suspended"\n').ask(message(token())) == (500, "2013")


def test_isolated(tmp_path):
    """He is refused as a stranger is."""
    assert Place(tmp_path, PORTAL + 'state = "isolated"\n').ask(message(token())) == (500, "2004")


def test_routing_of_a_partner(place):
    """Only another gateway may say that it passes something on."""
    assert place.ask(message(ROUTING + token())) == (500, "2014")


def test_routing_of_a_gateway(tmp_path):
    """It may, and in the name of whom it passes on; what is its own bears its own SystemId."""
    place = Place(tmp_path, GATEWAY)
    asked = [message(ROUTING + token(nonce=b"number one")), message(token(nonce=b"number two"))]
    assert [place.ask(each) for each in asked] == [(200, "0"), (500, "2009")]


MTLS = PORTAL.replace('"username-token"', '"mtls"') + 'certificates = ["cn:portal.example"]\n'


def test_certificate(tmp_path):
    """The certificate that TLS has verified is one of his; none, or another's, is not."""
    place = Place(tmp_path, MTLS)
    links = [("cn:portal.example",), ("cn:other.example",), ()]
    assert [place.ask(message(), certificate=each, secure=True) for each in links] == [(200, "0"), (500, "2005"), (500, "2005")]


def test_certificate_and_token(tmp_path):
    """Who must show both is refused with one of them."""
    place = Place(tmp_path, MTLS.replace('"mtls"', '"mtls", "username-token"'))
    own = ("cn:portal.example",)
    asked = [(message(token()), own), (message(), own), (message(token(nonce=b"number two")), ())]
    assert [place.ask(text, certificate=shown, secure=True) for text, shown in asked] == [(200, "0"), (500, "2004"), (500, "2004")]


def test_certificate_of_one_and_token_of_another(tmp_path):
    """Two names are nobody's message."""
    other = MTLS.replace("[portal]", "[other]").replace("portal.example", "other.example")
    place = Place(tmp_path, PORTAL + other)
    assert place.ask(message(token()), certificate=("cn:other.example",), secure=True) == (500, "2004")


NEAR = """
[near]
systems = ["211"]
authentication = ["none"]
networks = ["192.0.2.0/24"]
operations = ["*"]
provinces = ["*"]
[nearer]
systems = ["212"]
authentication = ["none"]
networks = ["192.0.2.7"]
operations = ["*"]
provinces = ["*"]
"""


def test_address_alone(tmp_path):
    """Of two at one address SystemId tells which; from elsewhere nobody is let in."""
    place = Place(tmp_path, NEAR)
    asked = [place.ask(message(system=system)) for system in ("211", "212", "213")]
    assert (asked, place.answers.callers, place.ask(message(), peer="198.51.100.7")) == (
        [(200, "0"), (200, "0"), (500, "2009")], ["near", "nearer"], (500, "2005"),
    )  # fmt: skip


def test_rate(tmp_path):
    """Beyond the burst a message is refused, retryable, and told when to come again; later it is taken."""
    place = Place(tmp_path, PORTAL + "[portal.rate]\nper_second = 0.5\nburst = 1\n")
    asked = [place.ask(message(token(nonce=bytes(8) + bytes([n])))) for n in range(2)]
    answer = place.answer(message(token(nonce=b"number three")))
    place.time.pass_by(2)
    assert (asked, answer.retry_after, place.ask(message(token(nonce=b"number four")))) == ([(200, "0"), (500, "9002")], 2, (200, "0"))


def test_rate_that_is_only_reported(tmp_path):
    """The message is let in, and the audit log says that it was above."""
    place = Place(tmp_path, PORTAL + '[portal.rate]\nper_second = 0.5\nburst = 1\nmode = "report"\n')
    asked = [place.ask(message(token(nonce=bytes(8) + bytes([n])))) for n in range(2)]
    assert (asked, place.audit()) == ([(200, "0")] * 2, [("quota.exceeded", "portal", "9002")])


def test_refusals_are_audited(place):
    """Each kind at once, under the partner that it claims to be from, or as a stranger's."""
    for header, system in ((token("somebody"), "211"), (token(), "212"), ("", "211")):
        place.ask(message(header, system=system))
    assert place.audit() == [("call.refused", "stranger", "2004"), ("call.refused", "portal", "2009"), ("call.refused", "stranger", "2005")]


