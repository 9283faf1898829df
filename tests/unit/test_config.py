"""Every kind of mistake with its line, all at once; what beats what; each default; the shipped files, the reference."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.config import Config, ConfigMistakes, LogLevel, StoreKind, config_reference, load_config
from gateway.config.reference import _docstrings
from gateway.config.sections import PARTNERS, SECTIONS, PartnerConfig
from gateway.domain.numbers import Number
from gateway.domain.party import GROUP_VSOP, OCS, Address, Party
from gateway.domain.routing import Tier
from gateway.engine.engine import Backoff, Wiring
from gateway.resources import contracts_dir, data_root, etc_dir
from gateway.soap.http import HttpLimits
from gateway.telemetry import Level

GATEWAY = '[gateway]\ntier = "province"\nprovince = "15"\n'
NUMBERS = '[mobile]\n1890791 = "15"\n[fixed]\n0791 = "15"\n[ported]\n18907919999 = "21"\n'
NOTHING: Mapping[str, str] = {}


def load(
    directory: Path,
    text: str = GATEWAY,
    environ: Mapping[str, str] = NOTHING,
    overrides: Mapping[str, object] = NOTHING,
    numbers: str = NUMBERS,
) -> Config:
    (directory / "numbers.toml").write_text(numbers, encoding="utf-8")
    (directory / "gateway.toml").write_text(text, encoding="utf-8")
    return load_config(directory / "gateway.toml", environ, overrides)


def mistakes(
    directory: Path,
    text: str = GATEWAY,
    environ: Mapping[str, str] = NOTHING,
    overrides: Mapping[str, object] = NOTHING,
    numbers: str = NUMBERS,
) -> list[str]:
    """Give the mistakes as they are shown, without the directory of the test."""
    with pytest.raises(ConfigMistakes) as caught:
        load(directory, text, environ, overrides, numbers)
    return str(caught.value).replace(f"{directory}/", "").splitlines()


# ---- mistakes in the file ------------------------------------------------------------------------------------------

ONE_MISTAKE = {
    "unknown section": (GATEWAY + "[limit]\n", "gateway.toml:4: unknown section limit; did you mean limits?"),
    "unknown key": (GATEWAY + "prot = 7001\n", "gateway.toml:4: unknown key gateway.prot; did you mean port?"),
    "key without its unit": (
        GATEWAY + "[retry]\nresult_within = 3\n",
        "gateway.toml:5: unknown key retry.result_within; did you mean result_within_s?",
    ),
    "unknown key, nothing near": (GATEWAY + "colour = 1\n", "gateway.toml:4: unknown key gateway.colour"),
    "key at top": ("port = 1\n" + GATEWAY, "gateway.toml:1: unknown section port"),
    "value for a section": (
        GATEWAY.replace("[gateway]", "log = 1\n[gateway]"),
        "gateway.toml:1: log must be a section: [log]",
    ),
    "section for a value": (
        GATEWAY + "[gateway.port]\nx = 1\n",
        "gateway.toml:4: gateway.port must be a whole number from 0 to 65 535",
    ),
    "array of sections": (GATEWAY + "[[log]]\n", "gateway.toml:4: log must be a section: [log]"),
    "text for a number": (
        GATEWAY + 'port = "7001x"\n',
        "gateway.toml:4: gateway.port must be a whole number from 0 to 65 535",
    ),
    "true for a number": (
        GATEWAY + "port = true\n",
        "gateway.toml:4: gateway.port must be a whole number from 0 to 65 535",
    ),
    "fraction for a whole number": (
        GATEWAY + "port = 7001.0\n",
        "gateway.toml:4: gateway.port must be a whole number from 0 to 65 535",
    ),
    "port out of range": (
        GATEWAY + "port = 65536\n",
        "gateway.toml:4: gateway.port must be a whole number from 0 to 65 535",
    ),
    "negative port": (
        GATEWAY + "port = -1\n",
        "gateway.toml:4: gateway.port must be a whole number from 0 to 65 535",
    ),
    "admin port beyond the last": (
        GATEWAY + "port = 65500\n",
        "gateway.toml:1: admin.port is missing: gateway.port + 90 is above 65535",
    ),
    "one port twice": (
        GATEWAY + "port = 7001\n[admin]\nport = 7001\n",
        "gateway.toml:6: admin.port is the same as gateway.port",
    ),
    "wildcard without public address": (
        GATEWAY + 'host = "0.0.0.0"\n',
        "gateway.toml:1: gateway.public_url is missing: nobody can call 0.0.0.0",
    ),
    "host": (
        GATEWAY + 'host = "a b"\n',
        "gateway.toml:4: gateway.host must be a host name or address, such as 127.0.0.1",
    ),
    "name that leaves its directory": (
        GATEWAY + 'name = "../x"\n',
        "gateway.toml:4: gateway.name must be a name of letters, digits, dot and hyphen",
    ),
    "duration below its range": (
        GATEWAY + "[call]\ndeadline_s = 0\n",
        "gateway.toml:5: call.deadline_s must be a number of seconds from 0.01 to 600",
    ),
    "duration that is no number": (
        GATEWAY + "[call]\ndeadline_s = nan\n",
        "gateway.toml:5: call.deadline_s must be a number of seconds from 0.01 to 600",
    ),
    "cap below base": (
        GATEWAY + "[retry]\nbase_ms = 2000\ncap_s = 1\n",
        "gateway.toml:6: retry.cap_s must not be below retry.base_ms",
    ),
    "word near a choice": (
        GATEWAY + '[store]\nkind = "sqllite"\n',
        'gateway.toml:5: store.kind must be "sqlite" or "memory"; did you mean sqlite?',
    ),
    "number for a word": (
        GATEWAY + "[log]\nformat = 1\n",
        'gateway.toml:5: log.format must be "text" or "json"',
    ),
    "empty path": (GATEWAY + 'state_dir = ""\n', "gateway.toml:4: gateway.state_dir must be a path in quotes"),
    "missing number plan": (
        GATEWAY + '[numbers]\nplan = "none.toml"\n',
        "gateway.toml:5: numbers.plan names no file: none.toml",
    ),
    "missing contracts": (
        GATEWAY + 'contracts = "none"\n',
        "gateway.toml:4: gateway.contracts must be a directory of WSDL files",
    ),
    "unknown channel": (
        GATEWAY + '[channels]\nallowed = ["211", "299"]\n',
        "gateway.toml:5: channels.allowed must be a list of system codes of channels; unknown: 299",
    ),
    "channels as numbers": (
        GATEWAY + "[channels]\nallowed = [211]\n",
        "gateway.toml:5: channels.allowed must be a list of system codes of channels",
    ),
    "failpoint": (
        GATEWAY + '[failpoint]\nkill = "after-effect:fee-check"\n',
        'gateway.toml:5: failpoint.kill must be "" or "MOMENT:STEP:COUNT"',
    ),
    "unknown placeholder": (
        GATEWAY + 'state_dir = "var/{provnce}"\n',
        "gateway.toml:4: gateway.state_dir has an unknown placeholder {provnce}; "
        "there are {province}, {tier} and {name}",
    ),
    "placeholder of itself": (
        GATEWAY + 'name = "x-{name}"\n',
        "gateway.toml:4: gateway.name cannot be made of {name}, which is not known before it",
    ),
}


@pytest.mark.parametrize("case", ONE_MISTAKE)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, case: str) -> None:
    """Each kind of mistake gives its file, its line and what was expected, and nothing else."""
    text, expected = ONE_MISTAKE[case]
    assert mistakes(tmp_path, text) == [expected]


NOT_TOML = {
    "open text": ('[gateway]\ntier = "province\nport = 1\n', 2),
    "open text of many lines": ('[gateway]\ntier = """province\nport = 1\n', 3),
    "key given twice": (GATEWAY + 'tier = "group"\n', 4),
    "section given twice": (GATEWAY + "[log]\n" + "[log]\n", 5),
}


@pytest.mark.parametrize("case", NOT_TOML)
def test_a_file_that_is_not_toml_is_told_with_its_line(tmp_path: Path, case: str) -> None:
    """The words are the parser's, and differ with the version of Python."""
    text, line = NOT_TOML[case]
    (told,) = mistakes(tmp_path, text)
    assert told.startswith(f"gateway.toml:{line}: not TOML: ")


def test_a_number_plan_that_is_not_toml_is_told_with_its_line(tmp_path: Path) -> None:
    """As for the configuration itself."""
    (told,) = mistakes(tmp_path, numbers="\n[mobile\n")
    assert told.startswith("numbers.toml:2: not TOML: ")


TIERS = {
    "value for the section": ("gateway = 1\n", ["gateway.toml:1: gateway must be a section: [gateway]"]),
    "no section": ("", ['gateway.toml:1: gateway.tier is missing: "province" or "group"']),
    "unknown tier": (
        '[gateway]\ntier = "provincial"\nprovince = "15"\n',
        ['gateway.toml:2: gateway.tier must be "province" or "group"; did you mean province?'],
    ),
    "province missing": (
        '[gateway]\ntier = "province"\n',
        ["gateway.toml:1: gateway.province is missing: a province id of two digits, such as 15"],
    ),
    "unknown province": (
        '[gateway]\ntier = "province"\nprovince = "51"\n',
        ["gateway.toml:3: gateway.province must be a province id of two digits, such as 15"],
    ),
    "province as a number": (
        '[gateway]\ntier = "province"\nprovince = 15\n',
        ["gateway.toml:3: gateway.province must be a province id of two digits, such as 15"],
    ),
    "national province": (
        '[gateway]\ntier = "province"\nprovince = "35"\n',
        ['gateway.toml:3: gateway.province cannot be "35" where tier is "province"'],
    ),
    "group in a province": (
        '[gateway]\ntier = "group"\nprovince = "15"\n',
        ['gateway.toml:3: gateway.province cannot be "15" where tier is "group"'],
    ),
}


@pytest.mark.parametrize("case", TIERS)
def test_tier_and_province_must_be_known_and_fit(tmp_path: Path, case: str) -> None:
    """What is derived from a wrong tier or province (name, directories) is not blamed as well."""
    text, expected = TIERS[case]
    assert mistakes(tmp_path, text) == expected


ADDRESSES = {
    "127.0.0.1/services/ocs": "must be an address that starts with http://",
    "https://127.0.0.1/services/ocs": "must be an address that starts with http://",
    "http:///services/ocs": "must be an address that starts with http://: the host is missing",
    "http://ocs:70000/": "must be an address that starts with http://: host or port is not valid",
    "http://ocs:x/": "must be an address that starts with http://: host or port is not valid",
    "http://ocs:0/": "must be an address that starts with http://: port 0 cannot be called",
    "http://[::1/": "must be an address that starts with http://: host or port is not valid",
    "http://me:secret@ocs/": "must be an address that starts with http://: no user or password here",
    "http://ocs/a b": "must be an address that starts with http://: only visible ASCII characters",
    "http://ocs/#top": "must be an address that starts with http://: # cannot be sent",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_bad_address_of_a_partner_is_told(tmp_path: Path, address: str) -> None:
    """An address that the client could not call is refused, with the reason and without the address."""
    text = f'{GATEWAY}[partners.ocs]\nurl = "{address}"\n'
    assert mistakes(tmp_path, text) == [f"gateway.toml:5: partners.ocs.url {ADDRESSES[address]}"]


def test_a_public_address_with_a_query_is_told(tmp_path: Path) -> None:
    """Paths of services are put behind the public address, so it ends before a query."""
    expected = "gateway.public_url must be an address that starts with http:// or https://: it ends before ?"
    assert mistakes(tmp_path, GATEWAY + 'public_url = "http://a/?x"\n') == [f"gateway.toml:4: {expected}"]


PARTNER_MISTAKES = {
    "unknown kind": ("[partners.osc]\n", "4: unknown partner osc; did you mean ocs?"),
    "kind not near": (
        "[partners.crm]\n",
        "4: unknown partner crm; there are channel, vsop, ocs, billing, ismp, xplatform, smshall",
    ),
    "address missing": (
        "[partners.ocs]\ntrace = true\n",
        "4: partners.ocs.url is missing: an address that starts with http://",
    ),
    "code missing": (
        '[partners.xplatform]\nurl = "http://x/"\n',
        "5: unknown code partners.xplatform.url: xplatform takes three digits",
    ),
    "xplatform of two digits": (
        '[partners.xplatform.33]\nurl = "http://x/"\n',
        "4: unknown code partners.xplatform.33: xplatform takes three digits",
    ),
    "unknown ismp": (
        '[partners.ismp.303]\nurl = "http://x/"\n',
        "4: unknown code partners.ismp.303: ismp takes one of 103, 104, 105, 203, 204, 205",
    ),
    "unknown channel": (
        '[partners.channel.303]\nurl = "http://x/"\n',
        "4: unknown code partners.channel.303: channel takes one of 211, 212, 213, 214, 215",
    ),
    "unknown province": (
        '[partners.vsop.99]\nurl = "http://x/"\n',
        "4: unknown code partners.vsop.99: vsop takes a province id of two digits",
    ),
    "unknown key": (
        '[partners.vsop.21]\nurl = "http://x/"\ntrase = true\n',
        "6: unknown key partners.vsop.21.trase; did you mean trace?",
    ),
    "flag in quotes": (
        '[partners.vsop.21]\nurl = "http://x/"\ntrace = "yes"\n',
        "6: partners.vsop.21.trace must be true or false",
    ),
    "value for a partner": ('[partners]\nocs = "http://x/"\n', "5: partners.ocs must be a section: [partners.ocs]"),
}


@pytest.mark.parametrize("case", PARTNER_MISTAKES)
def test_a_mistake_in_a_partner_is_told_with_its_line(tmp_path: Path, case: str) -> None:
    """Kinds, codes and keys of partners are checked as strictly as sections."""
    text, expected = PARTNER_MISTAKES[case]
    assert mistakes(tmp_path, GATEWAY + text) == [f"gateway.toml:{expected}"]


NUMBER_MISTAKES = {
    "mobile of 8 digits": (
        '[mobile]\n18907911 = "15"\n',
        "2: a key of [mobile] must be the first 7 digits of a mobile number",
    ),
    "area code without 0": ('[fixed]\n791 = "15"\n', "2: a key of [fixed] must be an area code: 0 and 2 or 3 digits"),
    "ported of 12 digits": (
        '[ported]\n189079199999 = "21"\n',
        "2: a key of [ported] must be a whole number: 11 digits, or a fixed line with area code",
    ),
    "unknown province": (
        '[mobile]\n1890791 = "51"\n',
        '2: a number belongs to a province id of two digits in quotes, such as "15"',
    ),
    "national province": (
        '[mobile]\n1890791 = "35"\n',
        '2: a number belongs to a province id of two digits in quotes, such as "15"',
    ),
    "province as a number": (
        "[mobile]\n1890791 = 15\n",
        '2: a number belongs to a province id of two digits in quotes, such as "15"',
    ),
    "unknown table": ('[mobil]\n1890791 = "15"\n', "1: unknown table mobil; did you mean mobile?"),
    "value for a table": ("\nported = 1\n", "2: ported must be a table: [ported]"),
}


@pytest.mark.parametrize("case", NUMBER_MISTAKES)
def test_a_mistake_in_the_number_plan_is_told_with_its_line(tmp_path: Path, case: str) -> None:
    """The plan's mistakes name the plan's file."""
    numbers, expected = NUMBER_MISTAKES[case]
    assert mistakes(tmp_path, numbers=numbers) == [f"numbers.toml:{expected}"]


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    """File, number plan, environment and overrides are judged in one go."""
    text = """[gateway]
tier = "provice"
province = "15"
port = 70000

[limits]
bodybytes = 1
idle_seconds = "long"

[partners.ocs]
url = "ocs"
trace = 1

[partners.crm]
"""
    environ = {"VSOPGW_CALL__DEADLINE_S": "soon"}
    told = mistakes(tmp_path, text, environ, {"log.level": "loud"}, '[mobile]\n1 = "15"\n')
    assert [line.rsplit(" must be ")[0].split(";")[0] for line in told] == [
        "gateway.toml:2: gateway.tier",
        "gateway.toml:4: gateway.port",
        "gateway.toml:7: unknown key limits.bodybytes",
        "gateway.toml:8: limits.idle_seconds",
        "gateway.toml:11: partners.ocs.url",
        "gateway.toml:12: partners.ocs.trace",
        "gateway.toml:14: unknown partner crm",
        "numbers.toml:2: a key of [mobile]",
        "VSOPGW_CALL__DEADLINE_S: call.deadline_s",
        "override log.level: log.level",
    ]


def test_mistakes_are_told_as_file_line_and_text(tmp_path: Path) -> None:
    """Who shows mistakes in another way has the parts."""
    with pytest.raises(ConfigMistakes) as caught:
        load(tmp_path, GATEWAY + "prot = 1\n")
    (mistake,) = caught.value.mistakes
    assert (mistake.file, mistake.line, mistake.text) == (
        str(tmp_path / "gateway.toml"),
        4,
        "unknown key gateway.prot; did you mean port?",
    )


def test_a_file_that_does_not_exist_is_told(tmp_path: Path) -> None:
    """Without a file there is no line."""
    with pytest.raises(ConfigMistakes) as caught:
        load_config(tmp_path / "none.toml", {})
    assert str(caught.value) == f"{tmp_path / 'none.toml'}: there is no such file"


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    """What cannot be read is told with the system's reason."""
    with pytest.raises(ConfigMistakes) as caught:
        load_config(tmp_path, {})
    assert str(caught.value) == f"{tmp_path}: cannot be read: Is a directory"


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    """The line is that of the first byte that is not UTF-8."""
    (tmp_path / "gbk.toml").write_bytes(GATEWAY.encode() + "# 江西\n".encode("gbk"))
    with pytest.raises(ConfigMistakes) as caught:
        load_config(tmp_path / "gbk.toml", {})
    assert str(caught.value) == f"{tmp_path / 'gbk.toml'}:4: not UTF-8"


LINES = {
    "dotted key": ('gateway.tier = "province"\ngateway.province = "15"\n\ngateway.prot = 1\n', 4),
    "quoted key": (GATEWAY + '\n"prot" = 1\n', 5),
    "inline table": ('gateway = { tier = "province", province = "15", prot = 1 }\n', 1),
    "after a text of many lines": (GATEWAY.replace('"15"', '"""\\\n  1\\\n  5"""') + "prot = 1\n", 6),
    "after a literal text of many lines": (GATEWAY + "public_url = '''\nhttp://a''' # [x]\nprot = 1\n", 6),
    "after a list of many lines": ('[channels]\nallowed = [\n  "211", # [\n  "212",\n]\n' + GATEWAY + "prot = 1\n", 9),
    "section header with a comment": (GATEWAY + " [ log ] # the = log\nlevle = 1\n", 5),
    "windows line ends": ((GATEWAY + "prot = 1\n").replace("\n", "\r\n"), 4),
}


@pytest.mark.parametrize("case", LINES)
def test_the_line_is_found_in_any_form_of_toml(tmp_path: Path, case: str) -> None:
    """A key's line does not depend on how the table around it, or the values before it, are written."""
    text, line = LINES[case]
    assert mistakes(tmp_path, text)[0].startswith(f"gateway.toml:{line}: unknown key ")


# ---- environment and overrides -------------------------------------------------------------------------------------


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    """A variable is read as its key's type wants it."""
    config = load(tmp_path, GATEWAY + "port = 7001\n", {"VSOPGW_GATEWAY__PORT": "7011"})
    assert config.gateway.port == 7011


def test_overrides_beat_the_environment(tmp_path: Path) -> None:
    """An override may have its type or be text."""
    config = load(tmp_path, GATEWAY, {"VSOPGW_GATEWAY__PORT": "7011"}, {"gateway.port": 7012, "admin.port": "7013"})
    assert (config.gateway.port, config.admin.port) == (7012, 7013)


VARIABLES = {
    "VSOPGW_CALL__DEADLINE_S": ("2.5", lambda c: c.call.deadline, timedelta(seconds=2.5)),
    "VSOPGW_RETRY__BASE_MS": ("20", lambda c: c.retry.base, timedelta(milliseconds=20)),
    "VSOPGW_STORE__KIND": ("memory", lambda c: c.store.kind, StoreKind.MEMORY),
    "VSOPGW_STORE__PATH": ("/var/lib/v.sqlite", lambda c: c.store.path, Path("/var/lib/v.sqlite")),
    "VSOPGW_CHANNELS__ALLOWED": ("211, 214", lambda c: c.channels, frozenset({"211", "214"})),
    "VSOPGW_PARTNERS__VSOP__35__TRACE": ("false", lambda c: c.partners[GROUP_VSOP].trace, False),
    "VSOPGW_LOG__LEVEL": ("error", lambda c: c.log.level, LogLevel.ERROR),
}


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_has_the_type_of_its_key(tmp_path: Path, name: str) -> None:
    """Durations, words, paths, lists and flags are read from text."""
    text, read, expected = VARIABLES[name]
    config = load(tmp_path, GATEWAY + '[partners.vsop.35]\nurl = "http://x/"\n', {name: text})
    assert read(config) == expected


def test_a_partner_may_come_from_the_environment_alone(tmp_path: Path) -> None:
    """Deeper sections have further double underscores."""
    config = load(tmp_path, GATEWAY, {"VSOPGW_PARTNERS__XPLATFORM__303__URL": "http://x/services/xplatform"})
    assert config.partners[Address(Party.XPLATFORM, "303")].url == "http://x/services/xplatform"


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    """Only names that begin with VSOPGW_ are ours."""
    assert load(tmp_path, GATEWAY, {"PATH": "/bin", "MY_VSOPGW_X": "1"}) == load(tmp_path)


VARIABLE_MISTAKES = {
    "VSOPGW_GATEWAY_PORT": "is not VSOPGW_SECTION__KEY: two underscores divide section and key",
    "VSOPGW_GATEWAY__PROT": "unknown key gateway.prot; did you mean port?",
    "VSOPGW_GATWAY__PORT": "unknown section gatway; did you mean gateway?",
    "VSOPGW_GATEWAY__PORT": "gateway.port must be a whole number from 0 to 65 535",
    "VSOPGW_CALL__DEADLINE_S": "call.deadline_s must be a number of seconds from 0.01 to 600",
    "VSOPGW_PARTNERS__OSC__URL": "unknown partner osc; did you mean ocs?",
    "VSOPGW_PARTNERS__OCS__TRACE": "partners.ocs.trace must be true or false",
}


@pytest.mark.parametrize("name", VARIABLE_MISTAKES)
def test_a_mistake_in_a_variable_names_the_variable(tmp_path: Path, name: str) -> None:
    """There is no line to tell, so the variable is told."""
    told = mistakes(tmp_path, GATEWAY + '[partners.ocs]\nurl = "http://x/"\n', {name: "1x"})
    assert told == [f"{name}: {VARIABLE_MISTAKES[name]}"]


OVERRIDE_MISTAKES: Mapping[str, tuple[object, str]] = {
    "gateway": (1, "override gateway: is not section.key"),
    "gateway.prot": (1, "override gateway.prot: unknown key gateway.prot; did you mean port?"),
    "gateway.port": (1.5, "override gateway.port: gateway.port must be a whole number from 0 to 65 535"),
    "partners.vsop.99.url": (
        "http://x/",
        "override partners.vsop.99.url: unknown code partners.vsop.99: vsop takes a province id of two digits",
    ),
}


@pytest.mark.parametrize("name", OVERRIDE_MISTAKES)
def test_a_mistake_in_an_override_names_the_override(tmp_path: Path, name: str) -> None:
    """As for variables."""
    value, expected = OVERRIDE_MISTAKES[name]
    assert mistakes(tmp_path, GATEWAY, {}, {name: value}) == [expected]


def test_an_override_mends_a_mistake_of_the_file(tmp_path: Path) -> None:
    """Only the value that counts is judged."""
    assert load(tmp_path, GATEWAY + "port = 70000\n", {}, {"gateway.port": 7001}).gateway.port == 7001


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
    """Only VSOPs get the Routing header unasked."""
    text = GATEWAY + '[partners.ocs]\nurl = "http://x/{province}"\n[call]\ndeadline_s = 4\n'
    partner = PartnerConfig(url="http://x/15", deadline=timedelta(seconds=4), trace=False)
    assert load(tmp_path, text).partners == {OCS: partner}


def test_another_vsop_gets_the_trace(tmp_path: Path) -> None:
    """The tiers need trace id and hop count of each other."""
    config = load(tmp_path, GATEWAY + '[partners.vsop.35]\nurl = "http://x/"\ndeadline_s = 1\n')
    partner = PartnerConfig(url="http://x/", deadline=timedelta(seconds=1), trace=True)
    assert config.partners == {GROUP_VSOP: partner}


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
    assert config.retry.result_within == defaults["result_within"]
    assert config.limits.max_active_orders == defaults["max_active"]


def test_levels_are_those_of_the_log() -> None:
    """The two rooms do not know each other, so their words are compared here."""
    assert [str(level) for level in LogLevel] == [str(level) for level in Level]


def test_subscriber_numbers_stay_out_of_repr(tmp_path: Path) -> None:
    """A ported number is a subscriber's number."""
    assert "18907919999" not in repr(load(tmp_path))


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
    assert (len(config.partners), ismp.url, ismp.trace) == (13, "http://127.0.0.1:7115/services/ismp", True)


def test_the_shipped_province_serves_another_one() -> None:
    """One file serves every province: Guangxi's stubs stand at 7121."""
    config = load_config(etc_dir() / "provincial.toml", {}, {"gateway.province": "21", "gateway.port": 7002})
    assert config.partners[OCS].url == "http://127.0.0.1:7121/services/ocs"


def test_the_shipped_group_knows_both_provinces() -> None:
    """etc/group.toml works unchanged."""
    config = load_config(etc_dir() / "group.toml", {})
    vsops = {address.code: partner.url for address, partner in config.partners.items() if address.party is Party.VSOP}
    assert (config.gateway.port, vsops) == (
        7000,
        {"15": "http://127.0.0.1:7001/services/vsop", "21": "http://127.0.0.1:7002/services/vsop"},
    )


def test_the_reference_is_up_to_date() -> None:
    """docs/configuration.md is what the code says; if not: python -m gateway.config > docs/configuration.md."""
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
