"""What beats what, how text becomes a value, each default, the shipped files, and the reference."""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from configuring import GATEWAY, load

from gateway.config import Audit, Config, LogLevel, StoreKind, config_reference, load_config
from gateway.config.reference import _docstrings
from gateway.config.sections import PARTNERS, SECTIONS, PartnerConfig
from gateway.domain.authorisation import Policy, Replacement
from gateway.domain.numbers import Number
from gateway.domain.party import GROUP_VSOP, OCS, Address, Party
from gateway.domain.routing import Tier
from gateway.engine.wiring import Backoff, Patience, Wiring
from gateway.partners.breaker import BreakerRules
from gateway.resources import contracts_dir, data_root, etc_dir
from gateway.soap.http import HttpLimits
from gateway.telemetry import Level

# ---- environment and overrides -------------------------------------------------------------------------------------


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    """A variable is read as its key's type wants it."""
    config = load(tmp_path, GATEWAY + "port = 7001\n", {"VSOPGW_GATEWAY__PORT": "7011"})
    assert config.gateway.port == 7011


def test_overrides_beat_the_environment(tmp_path: Path) -> None:
    """An override may have its type or be text."""
    config = load(tmp_path, GATEWAY, {"VSOPGW_GATEWAY__PORT": "7011"}, {"gateway.port": 7012, "admin.port": "7013"})
    assert (config.gateway.port, config.admin.port) == (7012, 7013)


VARIABLES: dict[str, tuple[str, Callable[[Config], object], object]] = {
    "VSOPGW_CALL__DEADLINE_S": ("2.5", lambda c: c.call.deadline, timedelta(seconds=2.5)),
    "VSOPGW_RETRY__BASE_MS": ("20", lambda c: c.retry.base, timedelta(milliseconds=20)),
    "VSOPGW_STORE__KIND": ("memory", lambda c: c.store.kind, StoreKind.MEMORY),
    "VSOPGW_STORE__PATH": ("/var/lib/v.sqlite", lambda c: c.store.path, Path("/var/lib/v.sqlite")),
    "VSOPGW_STORE__URL": ("postgresql://a@b:5433/c?x=y", lambda c: c.store.url, "postgresql://a@b:5433/c?x=y"),
    "VSOPGW_STORE__LEASE_S": ("3", lambda c: c.store.lease, timedelta(seconds=3)),
    "VSOPGW_CHANNELS__ALLOWED": ("211, 214", lambda c: c.channels, frozenset({"211", "214"})),
    "VSOPGW_PARTNERS__VSOP__35__TRACE": ("false", lambda c: c.partners[GROUP_VSOP].trace, False),
    "VSOPGW_LOG__LEVEL": ("error", lambda c: c.log.level, LogLevel.ERROR),
    "VSOPGW_POLICY__SUBSCRIBE_RULES": ("11, 1,3", lambda c: c.policy.subscribe_rules, (11, 1, 3)),
    "VSOPGW_POLICY__REPLACEMENT": ("refuse", lambda c: c.policy.replacement, Replacement.REFUSE),
    "VSOPGW_CONFIRMATION__CHANNELS": ("212,213", lambda c: c.confirmation.channels, frozenset({"212", "213"})),
    "VSOPGW_CONFIRMATION__WITHIN_S": ("90", lambda c: c.confirmation.within, timedelta(seconds=90)),
    "VSOPGW_PPM__SERVE": ("true", lambda c: c.ppm.serve, True),
    "VSOPGW_PPM__AUDIT": ("held", lambda c: c.ppm.audit, Audit.HELD),
    "VSOPGW_PARTNERS__VSOP__35__USER_STATE": ("true", lambda c: c.partners[GROUP_VSOP].user_state, True),
}


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_has_the_type_of_its_key(tmp_path: Path, name: str) -> None:
    """Durations, words, paths, lists and flags are read from text."""
    text, read, expected = VARIABLES[name]
    config = load(tmp_path, GATEWAY + '[partners.vsop.35]\nurl = "http://x/"\n[partners.smshall]\nurl = "http://y/"\n', {name: text})
    assert read(config) == expected


def test_a_partner_may_come_from_the_environment_alone(tmp_path: Path) -> None:
    """Deeper sections have further double underscores."""
    config = load(tmp_path, GATEWAY, {"VSOPGW_PARTNERS__XPLATFORM__303__URL": "http://x/services/xplatform"})
    assert config.partners[Address(Party.XPLATFORM, "303")].url == "http://x/services/xplatform"


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    """Only names that begin with VSOPGW_ are ours."""
    assert load(tmp_path, GATEWAY, {"PATH": "/bin", "MY_VSOPGW_X": "1"}) == load(tmp_path)


def test_an_override_mends_a_mistake_of_the_file(tmp_path: Path) -> None:
    """Only the value that counts is judged."""
    assert load(tmp_path, GATEWAY + "port = 70000\n", {}, {"gateway.port": 7001}).gateway.port == 7001


def test_breaker_defaults_are_those_of_the_code(tmp_path: Path) -> None:
    """A file without [breaker] gives what the breaker itself does by default."""
    described, rules = load(tmp_path).breaker, BreakerRules()
    assert BreakerRules(
        described.window, described.minimum, described.share, described.open, described.open_cap, described.probes
    ) == rules


def test_deadlines_of_operations(tmp_path: Path) -> None:
    """In seconds, by the operation's name; a variable, in capitals, finds it as well."""
    text = GATEWAY + '[partners.ocs]\nurl = "http://x/"\n[partners.ocs.deadlines]\nfeeCheck = 2.5\n'
    config = load(tmp_path, text, {"VSOPGW_PARTNERS__OCS__DEADLINES__PRODUCTINFOSYNC": "30"})
    assert config.partners[OCS].deadlines == {"feeCheck": timedelta(seconds=2.5), "productInfoSync": timedelta(seconds=30)}


def test_deadlines_of_the_ports_of_a_vsop(tmp_path: Path) -> None:
    """A VSOP serves ports beside its own contract: their operations are known as well."""
    text = GATEWAY + '[partners.vsop.35]\nurl = "http://x/"\ndeadlines = {serverAction = 5, feeCheck = 1}\n'
    assert set(load(tmp_path, text).partners[GROUP_VSOP].deadlines) == {"serverAction", "feeCheck"}


# ---- defaults ------------------------------------------------------------------------------------------------------


def test_names_and_places_follow_from_the_province(tmp_path: Path) -> None:
    """A file that names tier and province is enough."""
    config = load(tmp_path)
    assert (config.gateway.name, config.gateway.state_dir, config.store.path, config.admin.token_file) == (
        "vsop-15",
        Path("var/vsop-15"),
        Path("var/vsop-15/vsop.sqlite"),
        Path("var/vsop-15/admin.token"),
    )


def test_the_group_is_national(tmp_path: Path) -> None:
    """The group needs no province."""
    config = load(tmp_path, '[gateway]\ntier = "group"\n')
    assert (config.gateway.tier, config.gateway.province) == (Tier.GROUP, "35")


def test_addresses_follow_from_host_and_port(tmp_path: Path) -> None:
    """The public address is where we listen, and the admin API is 90 ports higher."""
    config = load(tmp_path, GATEWAY + "port = 7002\n")
    assert (config.gateway.public_url, config.admin.host, config.admin.port) == (
        "http://127.0.0.1:7002",
        "127.0.0.1",
        7092,
    )


def test_any_port_leaves_the_admin_port_open_too(tmp_path: Path) -> None:
    """Port 0 takes any free one, for both."""
    assert load(tmp_path, GATEWAY + "port = 0\n").admin.port == 0


def test_an_ipv6_host_is_bracketed_in_the_public_address(tmp_path: Path) -> None:
    """As RFC 3986 wants it."""
    assert load(tmp_path, GATEWAY + 'host = "::1"\n').gateway.public_url == "http://[::1]:7001"


def test_a_public_address_loses_its_last_slash(tmp_path: Path) -> None:
    """Paths are put behind it."""
    config = load(tmp_path, GATEWAY + 'public_url = "https://vsop.jx.example/"\n')
    assert config.gateway.public_url == "https://vsop.jx.example"


def test_the_contracts_are_the_shipped_ones(tmp_path: Path) -> None:
    """Unless another directory is named."""
    assert load(tmp_path).gateway.contracts == contracts_dir()


def test_placeholders_name_this_gateway(tmp_path: Path) -> None:
    """{province}, {tier} and {name} stand for this gateway's in any text."""
    config = load(tmp_path, GATEWAY + 'name = "{tier}-{province}"\nstate_dir = "/srv/{name}"\n')
    assert config.gateway.state_dir == Path("/srv/province-15")


def test_a_partner_has_the_general_deadline_and_no_trace(tmp_path: Path) -> None:
    """Only VSOPs get the Routing header unasked, and only ISMP hears of every user."""
    text = GATEWAY + '[partners.ocs]\nurl = "http://x/{province}"\n[call]\ndeadline_s = 4\n'
    partner = PartnerConfig(url="http://x/15", deadline=timedelta(seconds=4), trace=False, user_state=False)
    assert load(tmp_path, text).partners == {OCS: partner}


def test_another_vsop_gets_the_trace(tmp_path: Path) -> None:
    """The tiers need trace id and hop count of each other."""
    config = load(tmp_path, GATEWAY + '[partners.vsop.35]\nurl = "http://x/"\ndeadline_s = 1\n')
    partner = PartnerConfig(url="http://x/", deadline=timedelta(seconds=1), trace=True, user_state=False)
    assert config.partners == {GROUP_VSOP: partner}


USER_STATE = {
    "ismp": ('[partners.ismp.204]\nurl = "http://x/"\n', True),
    "ismp that does not want to": ('[partners.ismp.204]\nurl = "http://x/"\nuser_state = false\n', False),
    "x platform": ('[partners.xplatform.303]\nurl = "http://x/"\n', False),
    "x platform that wants to": ('[partners.xplatform.303]\nurl = "http://x/"\nuser_state = true\n', True),
}


@pytest.mark.parametrize("case", USER_STATE)
def test_who_hears_of_every_user(tmp_path: Path, case: str) -> None:
    """ISMP unless it is told otherwise, others if they are."""
    text, expected = USER_STATE[case]
    (partner,) = load(tmp_path, GATEWAY + text).partners.values()
    assert partner.user_state is expected


def test_rules_are_those_of_the_domain(tmp_path: Path) -> None:
    """The defaults of the file and of the domain do not drift apart."""
    policy, expected = load(tmp_path).policy, Policy()
    assert (
        policy.subscribe_rules, policy.unsubscribe_rules, policy.counter_rules, policy.counter_unsubscribe_rules, policy.replacement,
    ) == (
        expected.subscribe, expected.unsubscribe, expected.counter, expected.counter_unsubscribe, expected.replacement,
    )  # fmt: skip


RULES = {"in another order": ([12, 3, 1], (12, 3, 1)), "one": ([5], (5,)), "none": ([], ())}


@pytest.mark.parametrize("case", RULES)
@pytest.mark.parametrize("key", ["subscribe", "unsubscribe", "counter", "counter_unsubscribe"])
def test_rules_are_applied_in_the_order_of_the_file(tmp_path: Path, key: str, case: str) -> None:
    """Each list is a province's own; an empty one applies no rule."""
    written, expected = RULES[case]
    policy = load(tmp_path, f"{GATEWAY}[policy]\n{key}_rules = {written}\n").policy
    assert getattr(policy, f"{key}_rules") == expected


def test_no_rules_from_the_environment(tmp_path: Path) -> None:
    """An empty variable is an empty list."""
    assert load(tmp_path, GATEWAY, {"VSOPGW_POLICY__COUNTER_RULES": ""}).policy.counter_rules == ()


def test_nobody_is_asked_by_sms_unless_configured(tmp_path: Path) -> None:
    """Channels ask their users themselves; who is asked has a day."""
    confirmation = load(tmp_path).confirmation
    assert (confirmation.channels, confirmation.within) == (frozenset(), timedelta(hours=24))


# ---- PPM -----------------------------------------------------------------------------------------------------------


def test_ppm_is_served_only_where_configured(tmp_path: Path) -> None:
    """By default a gateway is no PPM, and tells nothing to itself."""
    config = load(tmp_path)
    assert (config.ppm.serve, config.ppm.audit, config.partners) == (False, Audit.AUTOMATIC, {})


SERVED = "[ppm]\nserve = true\n"
OPEN = "[access]\ninsecure = true\n"
HEARD_AT = {
    "where we listen": (GATEWAY + "port = 7011\n" + SERVED, "http://127.0.0.1:7011/services/vsop"),
    "everywhere is here": (
        GATEWAY + 'host = "0.0.0.0"\npublic_url = "http://vsop.jx.example"\n' + SERVED + OPEN, "http://127.0.0.1:7001/services/vsop",
    ),
    "everywhere in IPv6 is here": (
        GATEWAY + 'host = "::"\npublic_url = "http://vsop.jx.example"\n' + SERVED + OPEN, "http://[::1]:7001/services/vsop",
    ),
    "IPv6": (GATEWAY + 'host = "::1"\n' + SERVED, "http://[::1]:7001/services/vsop"),
    "as configured": (GATEWAY + SERVED + '[partners.vsop.15]\nurl = "http://other/"\n', "http://other/"),
    "as configured, on any port": (
        GATEWAY + "port = 0\n" + SERVED + '[partners.vsop.15]\nurl = "http://other/"\n', "http://other/",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HEARD_AT)
def test_ppm_tells_its_own_vsop(tmp_path: Path, case: str) -> None:
    """The VSOP of the same gateway is a partner of its PPM like any other."""
    text, expected = HEARD_AT[case]
    assert load(tmp_path, text).partners[Address(Party.VSOP, "15")].url == expected


def test_own_vsop_is_called_like_any_vsop(tmp_path: Path) -> None:
    """With the general deadline and the Routing header; of users it knows by itself."""
    (partner,) = load(tmp_path, GATEWAY + SERVED + "[call]\ndeadline_s = 4\n").partners.values()
    assert (partner.deadline, partner.trace, partner.user_state) == (timedelta(seconds=4), True, False)


def test_the_number_plan_is_read_from_beside_the_file(tmp_path: Path) -> None:
    """Its path is relative to the configuration file, wherever the process was started."""
    plan = load(tmp_path).numbers
    assert [plan.province(Number(n)) for n in ("18907910001", "079188888888", "18907919999")] == ["15", "15", "21"]


def test_limits_are_those_of_the_http_server(tmp_path: Path) -> None:
    """The defaults of the file and of the code do not drift apart."""
    limits, expected = load(tmp_path).limits, HttpLimits()
    assert (limits.body_bytes, limits.head_bytes, limits.receive.total_seconds(), limits.idle.total_seconds()) == (
        expected.body_bytes,
        expected.head_bytes,
        expected.receive_seconds,
        expected.idle_seconds,
    )
    assert limits.connections == expected.connections


def test_retries_are_those_of_the_engine(tmp_path: Path) -> None:
    """The defaults of the file and of the engine do not drift apart."""
    config, defaults = load(tmp_path), {field.name: field.default for field in fields(Wiring)}
    assert Backoff(config.retry.base, config.retry.cap) == defaults["backoff"]
    assert Patience(config.retry.attempts, config.retry.give_up_after) == defaults["patience"]
    assert config.retry.result_within == defaults["result_within"]
    assert config.limits.max_active_orders == defaults["max_active"]


def test_levels_are_those_of_the_log() -> None:
    """The two rooms do not know each other, so their words are compared here."""
    assert [str(level) for level in LogLevel] == [str(level) for level in Level]


def test_subscriber_numbers_stay_out_of_repr(tmp_path: Path) -> None:
    """A ported number is a subscriber's number."""
    assert "18907919999" not in repr(load(tmp_path))


# ---- PPM -----------------------------------------------------------------------------------------------------------

OWN_VSOP = Address(Party.VSOP, "15")


def test_ppm_tells_the_vsop_beside_it(tmp_path: Path) -> None:
    """Served by the same process, it is called like any other, where we listen."""
    partner = load(tmp_path, GATEWAY + "port = 7005\n[ppm]\nserve = true\n[call]\ndeadline_s = 4\n").partners[OWN_VSOP]
    assert (partner.url, partner.deadline, partner.trace, partner.user_state) == (
        "http://127.0.0.1:7005/services/vsop",
        timedelta(seconds=4),
        True,
        False,
    )


@pytest.mark.parametrize(
    ("host", "url"), [("0.0.0.0", "http://127.0.0.1:7001"), ("::", "http://[::1]:7001"), ("::1", "http://[::1]:7001")]
)
def test_own_vsop_is_called_on_this_machine(tmp_path: Path, host: str, url: str) -> None:
    """Also where we listen on every address."""
    text = GATEWAY + f'host = "{host}"\npublic_url = "https://vsop.jx.example"\n{SERVED}{OPEN}'
    assert load(tmp_path, text).partners[OWN_VSOP].url == f"{url}/services/vsop"


def test_own_vsop_may_stand_elsewhere(tmp_path: Path) -> None:
    """A section of the file goes before."""
    text = GATEWAY + '[ppm]\nserve = true\n[partners.vsop.15]\nurl = "http://x/services/vsop"\n'
    assert load(tmp_path, text).partners[OWN_VSOP].url == "http://x/services/vsop"


def test_without_ppm_there_is_no_own_vsop(tmp_path: Path) -> None:
    """Nobody else calls it from here."""
    assert load(tmp_path).partners == {}


# ---- what ships ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wsdl/vsop.wsdl", "etc/lab.toml"])
def test_the_shipped_files_are_found(name: str) -> None:
    """In the repository as in a wheel."""
    assert (data_root() / name).is_file()


def test_the_shipped_province_is_jiangxi() -> None:
    """etc/provincial.toml works unchanged: its stubs stand at 7115."""
    config = load_config(etc_dir() / "provincial.toml", {})
    ismp = config.partners[Address(Party.ISMP, "203")]
    assert (config.gateway.province, config.gateway.port, config.admin.port) == ("15", 7001, 7091)
    assert (len(config.partners), ismp.url, ismp.trace) == (16, "http://127.0.0.1:7115/services/ismp", True)


def test_the_shipped_province_serves_another_one() -> None:
    """One file serves every province: Guangxi's stubs stand at 7121."""
    config = load_config(etc_dir() / "provincial.toml", {}, {"gateway.province": "21", "gateway.port": 7002})
    assert config.partners[OCS].url == "http://127.0.0.1:7121/services/ocs"


def test_the_shipped_group_knows_both_provinces() -> None:
    """etc/group.toml works unchanged; as the national PPM it tells its own VSOP like any other."""
    config = load_config(etc_dir() / "group.toml", {})
    vsops = {address.code: partner.url for address, partner in config.partners.items() if address.party is Party.VSOP}
    assert (config.gateway.port, vsops) == (
        7000,
        {
            "15": "http://127.0.0.1:7001/services/vsop",
            "21": "http://127.0.0.1:7002/services/vsop",
            "35": "http://127.0.0.1:7000/services/vsop",
        },
    )


def test_the_reference_is_up_to_date() -> None:
    """docs/configuration.md is what the code says; if not: vsopgw docs write."""
    reference = Path(__file__).parents[2] / "docs" / "configuration.md"
    assert reference.read_text(encoding="utf-8") == config_reference()


@pytest.mark.parametrize("kind", [*SECTIONS.values(), PartnerConfig], ids=lambda kind: kind.__name__)
def test_every_field_is_described(kind: type) -> None:
    """The text under a field is all that its reader has."""
    assert list(_docstrings()[kind.__name__]) == [field.name for field in fields(kind)]


def test_the_reference_names_every_section() -> None:
    """Partners included."""
    reference = config_reference()
    assert [name for name in [*SECTIONS, f"{PARTNERS}.NAME"] if f"## [{name}]" not in reference] == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_loopback_needs_no_permission(tmp_path: Path, host: str) -> None:
    """A lab on one machine starts as it is."""
    assert load(tmp_path, GATEWAY + f'host = "{host}"\n').access.insecure is False


def test_file_of_partners_stands_beside_the_configuration(tmp_path: Path) -> None:
    """It is found wherever the process runs."""
    (tmp_path / "partners.toml").write_text("")
    assert load(tmp_path, GATEWAY + '[access]\npartners = "partners.toml"\n').access.partners == str(tmp_path / "partners.toml")


def test_placeholders_in_a_list(tmp_path: Path) -> None:
    """Each text of a list is filled as any other."""
    assert load(tmp_path, GATEWAY + '[channels]\nallowed = ["2{province}"]\n').channels == {"215"}
