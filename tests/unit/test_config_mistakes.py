"""Every kind of mistake in a configuration is told with its line or its variable, and all are told at once."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from configuring import GATEWAY, load, mistakes

from gateway.config import ConfigMistakes, load_config

ONE_MISTAKE = {
    "confirmation that nobody can send": (
        GATEWAY + '[confirmation]\nchannels = ["214"]\n',
        "gateway.toml:5: confirmation.channels needs [partners.smshall], which sends the question to the user",
    ),
    "deadline of an operation that nobody knows": (
        GATEWAY + '[partners.ocs]\nurl = "http://x/"\n[partners.ocs.deadlines]\nfeeCheck = 2\nfeeChek = 2\n',
        "gateway.toml:8: unknown operation partners.ocs.deadlines.feeChek; did you mean feeCheck?",
    ),
    "deadline that is no number": (
        GATEWAY + '[partners.ocs]\nurl = "http://x/"\n[partners.ocs.deadlines]\nfeeCheck = "2s"\n',
        "gateway.toml:7: partners.ocs.deadlines.feeCheck must be a number of seconds from 0.01 to 600",
    ),
    "deadlines that are no section": (
        GATEWAY + '[partners.ocs]\nurl = "http://x/"\ndeadlines = 3\n',
        "gateway.toml:6: partners.ocs.deadlines must be a section: [partners.ocs.deadlines]",
    ),
    "breaker that could never open": (
        GATEWAY + "[breaker]\nwindow = 10\n",
        "gateway.toml:4: breaker.minimum must not be above breaker.window",
    ),
    "breaker whose pause shrinks": (
        GATEWAY + "[breaker]\nopen_cap_s = 5\n",
        "gateway.toml:5: breaker.open_cap_s must not be below breaker.open_s",
    ),
    "share above one": (GATEWAY + "[breaker]\nshare = 1.5\n", "gateway.toml:5: breaker.share must be a number from 0.01 to 1"),
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
        GATEWAY + 'host = "0.0.0.0"\n[access]\ninsecure = true\n',
        "gateway.toml:1: gateway.public_url is missing: nobody can call 0.0.0.0",
    ),
    "open to a network": (
        GATEWAY + 'host = "192.0.2.7"\n',
        "gateway.toml:4: gateway.host is outside loopback: that needs tls.certificate and access.partners"
        " (or access.insecure = true, which says what that means)",
    ),
    "by a name that may lead anywhere": (
        GATEWAY + 'host = "vsop.example"\n',
        "gateway.toml:4: gateway.host is outside loopback: that needs tls.certificate and access.partners"
        " (or access.insecure = true, which says what that means)",
    ),
    "admin API open to a network": (
        GATEWAY + '[admin]\nhost = "192.0.2.7"\n',
        "gateway.toml:5: admin.host must be on loopback: the admin API has no TLS (or set access.insecure = true, which says what that"
        " means)",
    ),
    "no file of partners": (
        GATEWAY + '[access]\npartners = "none.toml"\n', "gateway.toml:5: access.partners names no file: none.toml",
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
    "requests forgotten before the archive": (
        GATEWAY + "[archive]\nafter_days = 30\nrequests_days = 7\n",
        "gateway.toml:6: archive.requests_days must not be below archive.after_days",
    ),
    "archive deleted before it is made": (
        GATEWAY + "[archive]\nkeep_days = 7\n",
        "gateway.toml:5: archive.keep_days must not be below archive.after_days",
    ),
    "word near a choice": (
        GATEWAY + '[store]\nkind = "sqllite"\n',
        'gateway.toml:5: store.kind must be "sqlite" or "postgres" or "memory"; did you mean sqlite?',
    ),
    "password in an address": (
        GATEWAY + '[store]\nurl = "postgresql://vsop:secret@db/vsop"\n',
        "gateway.toml:5: store.url must be an address such as postgresql://user@host:5432/database, without a password",
    ),
    "password behind an address": (
        GATEWAY + '[store]\nurl = "postgresql://db/vsop?password=secret"\n',
        "gateway.toml:5: store.url must be an address such as postgresql://user@host:5432/database, without a password",
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
    "missing older contracts": (
        GATEWAY + 'older = "none"\n',
        "gateway.toml:4: gateway.older names no directory: none",
    ),
    "unknown channel": (
        GATEWAY + '[channels]\nallowed = ["211", "299"]\n',
        "gateway.toml:5: channels.allowed must be a list of system codes of channels; unknown: 299",
    ),
    "channels as numbers": (
        GATEWAY + "[channels]\nallowed = [211]\n",
        "gateway.toml:5: channels.allowed must be a list of system codes of channels",
    ),
    "rules as text": (
        GATEWAY + '[policy]\nsubscribe_rules = "1, 2"\n',
        "gateway.toml:5: policy.subscribe_rules must be a list of rule numbers from 1 to 12, each once",
    ),
    "one rule that is no list": (
        GATEWAY + "[policy]\nunsubscribe_rules = 1\n",
        "gateway.toml:5: policy.unsubscribe_rules must be a list of rule numbers from 1 to 12, each once",
    ),
    "rule below the first": (
        GATEWAY + "[policy]\ncounter_rules = [1, 0]\n",
        "gateway.toml:5: policy.counter_rules must be a list of rule numbers from 1 to 12, each once",
    ),
    "rule beyond the last": (
        GATEWAY + "[policy]\ncounter_rules = [13]\n",
        "gateway.toml:5: policy.counter_rules must be a list of rule numbers from 1 to 12, each once",
    ),
    "rule twice": (
        GATEWAY + "[policy]\ncounter_unsubscribe_rules = [1, 2, 1]\n",
        "gateway.toml:5: policy.counter_unsubscribe_rules must be a list of rule numbers from 1 to 12, each once",
    ),
    "rule that is true": (
        GATEWAY + "[policy]\nsubscribe_rules = [true]\n",
        "gateway.toml:5: policy.subscribe_rules must be a list of rule numbers from 1 to 12, each once",
    ),
    "rule with a fraction": (
        GATEWAY + "[policy]\nsubscribe_rules = [1.0]\n",
        "gateway.toml:5: policy.subscribe_rules must be a list of rule numbers from 1 to 12, each once",
    ),
    "rule as text in a list": (
        GATEWAY + '[policy]\nsubscribe_rules = ["1"]\n',
        "gateway.toml:5: policy.subscribe_rules must be a list of rule numbers from 1 to 12, each once",
    ),
    "rules within rules": (
        GATEWAY + "[policy]\nsubscribe_rules = [[1]]\n",
        "gateway.toml:5: policy.subscribe_rules must be a list of rule numbers from 1 to 12, each once",
    ),
    "unknown policy": (
        GATEWAY + '[policy]\nreplacement = "replaces"\n',
        'gateway.toml:5: policy.replacement must be "replace" or "refuse"; did you mean replace?',
    ),
    "confirmation of a system that is no channel": (
        GATEWAY + '[confirmation]\nchannels = ["201"]\n',
        "gateway.toml:5: confirmation.channels must be a list of system codes of channels; unknown: 201",
    ),
    "confirmation within no time": (
        GATEWAY + "[confirmation]\nwithin_s = 0\n",
        "gateway.toml:5: confirmation.within_s must be a number of seconds from 0.01 to 604 800",
    ),
    "audit by nobody": (
        GATEWAY + '[ppm]\naudit = "none"\n',
        'gateway.toml:5: ppm.audit must be "automatic" or "held"',
    ),
    "text for a flag": (GATEWAY + '[ppm]\nserve = "yes"\n', "gateway.toml:5: ppm.serve must be true or false"),
    "ppm on any port": (
        GATEWAY + "port = 0\n[ppm]\nserve = true\n",
        "gateway.toml:6: ppm.serve needs another gateway.port than 0, where our own VSOP is told the catalogue",
    ),
    "user state that is no flag": (
        GATEWAY + '[partners.ismp.204]\nurl = "http://x/"\nuser_state = 1\n',
        "gateway.toml:6: partners.ismp.204.user_state must be true or false",
    ),
    "failpoint": (
        GATEWAY + '[failpoint]\nkill = "after-effect:fee-check"\n',
        'gateway.toml:5: failpoint.kill must be "" or "MOMENT:STEP:COUNT"',
    ),
    "unknown placeholder": (
        GATEWAY + 'state_dir = "var/{provnce}"\n',
        "gateway.toml:4: gateway.state_dir has an unknown placeholder {provnce}; there are {province}, {tier} and {name}",
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
    "127.0.0.1/services/ocs": "must be an address that starts with http:// or https://",
    "https://127.0.0.1/services/ocs": "is https and needs the CA of its certificate: ca here or in [call]",
    "http:///services/ocs": "must be an address that starts with http:// or https://: the host is missing",
    "http://ocs:70000/": "must be an address that starts with http:// or https://: host or port is not valid",
    "http://ocs:x/": "must be an address that starts with http:// or https://: host or port is not valid",
    "http://ocs:0/": "must be an address that starts with http:// or https://: port 0 cannot be called",
    "http://[::1/": "must be an address that starts with http:// or https://: host or port is not valid",
    "http://me:secret@ocs/": "must be an address that starts with http:// or https://: no user or password here",
    "http://ocs/a b": "must be an address that starts with http:// or https://: only visible ASCII characters",
    "http://ocs/#top": "must be an address that starts with http:// or https://: # cannot be sent",
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
    "dialect without words for the contract": (
        '[partners.ocs]\nurl = "http://x/"\ndialect = "ismp-crm"\n',
        '6: partners.ocs.dialect cannot be "ismp-crm" for ocs: it has no words for its contract',
    ),
    "unknown kind": ("[partners.osc]\n", "4: unknown partner osc; did you mean ocs?"),
    "kind not near": (
        "[partners.hlr]\n",
        "4: unknown partner hlr; there are ocs, billing, smshall, crm, provisioning, ismp, xplatform, channel, vsop",
    ),
    "address missing": (
        "[partners.ocs]\ntrace = true\n",
        "4: partners.ocs.url is missing: an address that starts with http:// or https://",
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

[partners.hlr]
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
        "gateway.toml:14: unknown partner hlr",
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


VARIABLE_MISTAKES = {
    "VSOPGW_GATEWAY_PORT": "is not VSOPGW_SECTION__KEY: two underscores divide section and key",
    "VSOPGW_GATEWAY__PROT": "unknown key gateway.prot; did you mean port?",
    "VSOPGW_GATWAY__PORT": "unknown section gatway; did you mean gateway?",
    "VSOPGW_GATEWAY__PORT": "gateway.port must be a whole number from 0 to 65 535",
    "VSOPGW_CALL__DEADLINE_S": "call.deadline_s must be a number of seconds from 0.01 to 600",
    "VSOPGW_POLICY__COUNTER_RULES": "policy.counter_rules must be a list of rule numbers from 1 to 12, each once",
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
