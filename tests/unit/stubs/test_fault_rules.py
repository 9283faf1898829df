"""Rules of faults: whom they meet, in which order, how often, and that the same seed meets the same messages."""

from __future__ import annotations

import pytest

from stubs.faults.catalogue import FAULTS, Kind, On, spoils
from stubs.faults.reading import KEYS, RuleMistakes, read_rule, read_rules, read_words
from stubs.faults.rules import Asked, FaultBook, Met, UnknownRule, described

PARTIES = {"ocs": ("feeCheck", "productInfoSync"), "xplatform": ("serverAction", "productInfoSync")}
ASKED = Asked("ocs", "feeCheck", "18907910001", "N1", "200")


def book(*written):
    """Set rules."""
    made = FaultBook()
    for one in written:
        made.add(read_rule(one, PARTIES))
    return made


def met(rules, asked=ASKED, times=1):
    """Give the names of what meets each of several messages."""
    return [[one.name for one in rules.meet(asked)] for _ in range(times)]


def mistakes(**written):
    """Give the keys of what is wrong with a rule."""
    with pytest.raises(RuleMistakes) as wrong:
        read_rule(written, PARTIES)
    return [key for key, _ in wrong.value.mistakes]


@pytest.mark.parametrize(
    "choice",
    [{"role": "ocs"}, {"operation": "feeCheck"}, {"number": "18907910001"}, {"suffix": "0001"}, {"role": "ocs", "suffix": "01"}],
    ids=str,
)
def test_what_fits_is_met(choice):
    """By party, operation, whole number or its end, and by nothing at all."""
    assert met(book({"fault": "hang", **choice})) == [["hang"]]


@pytest.mark.parametrize(
    "choice",
    [{"role": "xplatform"}, {"operation": "productInfoSync"}, {"number": "8907910001"}, {"suffix": "0002"}, {"share": 0}],
    ids=str,
)
def test_what_does_not_fit_is_left_alone(choice):
    """Everything that a rule says must be so."""
    assert met(book({"fault": "hang", **choice})) == [[]]


def test_first_and_every():
    """The first so many that fit, and each so many-th."""
    assert met(book({"fault": "hang", "first": 2}), times=3) == [["hang"], ["hang"], []]
    assert met(book({"fault": "hang", "every": 3}), times=4) == [[], [], ["hang"], []]


def test_of_one_layer_the_first_rule_strikes():
    """The next one has its turn when the first is through: so one message after the other can be broken in its own way."""
    rules = book({"fault": "malformed-xml", "first": 1}, {"fault": "wrong-root", "first": 1})
    assert met(rules, times=3) == [["malformed-xml"], ["wrong-root"], []]


def test_layers_act_together_in_their_order():
    """Whatever order they were set in: the message first, the time last."""
    rules = book({"fault": "delay"}, {"fault": "bom"}, {"fault": "wrong-code"})
    assert met(rules) == [["wrong-code", "bom", "delay"]]


def test_share_repeats_itself():
    """The same seed meets the same messages, another one others, about as many as it says."""
    one, same, other = (book({"fault": "hang", "share": 0.3, "seed": seed}) for seed in (1, 1, 2))
    first, second, third = met(one, times=400), met(same, times=400), met(other, times=400)
    assert (first == second, first == third, 90 < sum(map(len, first)) < 150) == (True, False, True)


def test_a_rule_of_the_same_id_takes_the_place():
    """And counts anew, where the old one stood."""
    rules = book({"fault": "hang", "id": "a"}, {"fault": "bom", "id": "b"}, {"fault": "reset", "id": "a", "first": 1})
    assert ([one.rule.id for one in rules], met(rules, times=2)) == (["a", "b"], [["bom", "reset"], ["bom"]])


def test_ids_are_given_and_taken_away():
    """A rule without an id gets one; an unknown id is an error."""
    rules = book({"fault": "hang"}, {"fault": "bom"})
    rules.remove("f1")
    with pytest.raises(UnknownRule):
        rules.remove("f1")
    assert [one.rule.id for one in rules] == ["f2"]


def delays(distribution):
    """Draw for three hundred messages, sorted."""
    rule = read_rule({"fault": "delay", "seconds": 0.5, "most": 4, "sigma": 1, "distribution": distribution}, PARTIES)
    return sorted(Met(rule, count).seconds() for count in range(1, 301))


def test_fixed_delay():
    """Is what it says."""
    assert set(delays("fixed")) == {0.5}


def test_uniform_delay():
    """From the least to the most, the middle in the middle."""
    drawn = delays("uniform")
    assert 0.5 <= drawn[0] < 0.6 < 1.9 < drawn[150] < 2.6 < 3.9 < drawn[-1] <= 4


def test_lognormal_delay():
    """Around its median, with a tail that is cut at the most."""
    drawn = delays("lognormal")
    assert 0 < drawn[0] < 0.1 < 0.4 < drawn[150] < 0.6
    assert drawn[-1] == 4


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_every_fault_is_described(fault):
    """In both languages; parameters have a default within their own bounds and no name that a rule has already."""
    assert all((fault.zh, fault.en, not fault.zh.isascii(), fault.en.isascii()))
    for one in fault.parameters:
        assert all((one.zh, one.en, one.name not in KEYS))
        assert one.kind in (Kind.CHOICE, Kind.TEXT) or one.least <= float(one.default) <= one.most
        read_rule({"fault": fault.name, one.name: one.default}, PARTIES)


def test_a_rule_can_be_written_back():
    """What is told of a rule sets the same rule."""
    written = {"fault": "http-503", "id": "x", "role": "ocs", "suffix": "1", "share": 0.5, "every": 2, "acts": True, "retry_after": 9}
    told = described(read_rule(written, PARTIES))
    assert (told, described(read_rule(told, PARTIES))) == (written, told)


def test_every_mistake_is_told_at_once():
    """With its key."""
    wrong = {"fault": "delay", "role": "osc", "operation": "feecheck", "share": 2, "first": 0, "acts": "no", "seconds": -1, "second": 1}
    assert set(mistakes(**wrong)) == {"role", "operation", "share", "first", "acts", "seconds", "second"}


def test_an_unknown_word_is_told_with_its_nearest():
    """Faults, parties, operations and keys."""
    with pytest.raises(RuleMistakes, match="did you mean half-a-list"):
        read_rule({"fault": "half-list"}, PARTIES)
    with pytest.raises(RuleMistakes, match=r"no party 'oks'; did you mean ocs"):
        read_rule({"fault": "hang", "role": "oks"}, PARTIES)


def test_who_needs_an_answer_must_act():
    """A list cannot be halved that nobody made."""
    assert mistakes(fault="half-a-list", acts=False) == ["acts"]


@pytest.mark.parametrize(
    "written",
    [
        {"fault": "wrong-root", "name": "a b"}, {"fault": "wrong-root", "name": ""}, {"fault": "missing-field", "field": "<x>"},
        {"fault": "wrong-namespace", "namespace": "{urn}"}, {"fault": "wrong-media-type", "media_type": "text/\r\nxml"},
        {"fault": "wrong-media-type", "media_type": "文本"}, {"fault": "soap-fault", "text": "\x00"},
    ],
    ids=str,
)  # fmt: skip
def test_texts_that_cannot_be_written(written):
    """A name is one of XML, an address can stand in a message, a media type in a head."""
    assert mistakes(**written) == [next(key for key in written if key != "fault")]


def test_callbacks_are_met_only_where_a_rule_says_so():
    """A fault of both kinds spoils answers unless told; one of callbacks never an answer; a fee check is no callback."""
    report = Asked("ismp", "subsInstSynFromISMP", on=On.CALLBACK)
    own_check = Asked("ismp", "feeCheck", on=On.CALLBACK)
    rules = book({"fault": "malformed-xml"}, {"fault": "malformed-xml", "on": "callback"}, {"fault": "callback-never"})
    assert (met(rules, report), met(rules, own_check), met(rules)) == ([["callback-never", "malformed-xml"]], [[]], [["malformed-xml"]])
    assert mistakes(fault="hang", on="callback") == ["on"]
    assert spoils(FAULTS["soap-fault"]) == (On.ANSWER,)


def test_words_of_a_command_line():
    """Numbers are numbers, but for what is a text: codes and the digits of users."""
    assert read_words(["seconds=3", "share=0.5", "acts=false", "suffix=0001", "code=7777"]) == {
        "seconds": 3, "share": 0.5, "acts": False, "suffix": "0001", "code": "7777",
    }  # fmt: skip
    with pytest.raises(RuleMistakes):
        read_words(["seconds"])


LAB = """[[stubs]]
name = "a"

[[stubs]]
name = "b"
faults = [
  { fault = "delay", seconds = 3 },
  { fault = "hang",
    seconds = -1 },
]
"""
TABLES = """[[stubs]]
name = "b"

[[stubs.faults]]
fault = "delay"
share = 2

[[stubs.faults]]
fault = "hnag"

[[stubs]]
name = "c"
"""


@pytest.mark.parametrize(
    ("text", "written", "count", "lines"),
    [
        (LAB, [{"fault": "delay", "seconds": 3}, {"fault": "hang", "seconds": -1}], 1, [9]),
        (TABLES, [{"fault": "delay", "share": 2}, {"fault": "hnag"}], 0, [6, 9]),
        (LAB[: LAB.index("[\n  {")] + '"all"\n', "all", 1, [6]),
    ],
    ids=["list", "tables", "no-list"],
)
def test_mistakes_of_a_file_have_their_lines(text, written, count, lines):
    """In a list of one table each, and in tables of their own."""
    _, wrong = read_rules(written, text, "stubs", PARTIES, count)
    assert [line for line, _ in wrong] == lines
