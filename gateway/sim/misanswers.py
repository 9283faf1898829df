"""How partners answer wrongly in a run: faults of the stubs' own catalogue, for a while and for a share of messages, by the seed.

Left out is what no gateway can make good: a party that keeps no StreamingNo, one that never reports, one that says no and acts. The last
one also says no (a Client fault) to the repetition of a message on which it has acted before.
Must not know what an order is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from gateway.sim.storm import Trouble
from stubs.faults.reading import read_rule
from stubs.faults.rules import Rule

MISANSWERS: Mapping[str, Mapping[str, object]] = {
    "malformed": {"fault": "malformed-xml"}, "unescaped": {"fault": "malformed-xml", "how": "ampersand"},
    "other-number": {"fault": "wrong-streaming-no"}, "of-another": {"fault": "answer-of-another"},
    "other-bytes": {"fault": "wrong-charset"}, "other-header": {"fault": "wrong-charset", "where": "header"},
    "other-prolog": {"fault": "wrong-charset", "where": "prolog"}, "utf-16-mark": {"fault": "bom", "mark": "utf-16"},
    "cut": {"fault": "truncate"}, "cut-hard": {"fault": "reset", "after": 70}, "silent": {"fault": "hang", "seconds": 30},
    "slow-drip": {"fault": "slow-drip", "bytes": 64, "pause": 0.2}, "endless": {"fault": "endless-body", "pause": 0.5, "seconds": 20},
    "twice-on-the-line": {"fault": "duplicate-answer"}, "no-soap": {"fault": "http-500-without-soap"},
    "unavailable": {"fault": "http-503"}, "html": {"fault": "html-answer"}, "empty": {"fault": "empty-body"},
    "other-type": {"fault": "wrong-media-type"}, "doctype": {"fault": "doctype"}, "other-namespace": {"fault": "wrong-namespace"},
    "other-root": {"fault": "wrong-root"}, "other-version": {"fault": "wrong-soap-version"}, "more": {"fault": "extra-element"},
    "less": {"fault": "missing-field"}, "no-code": {"fault": "wrong-code", "code": "OK"}, "later": {"fault": "wrong-code", "code": "9001"},
    "half-a-list": {"fault": "half-a-list"}, "server-fault": {"fault": "soap-fault"}, "fault-under-200": {"fault": "ok-with-fault"},
    "drawn-delay": {"fault": "delay", "distribution": "lognormal", "seconds": 1, "sigma": 1.5, "most": 60},
    "too-late": {"fault": "late-answer", "seconds": 40}, "callback-first": {"fault": "callback-before-answer"},
    "callback-twice": {"fault": "duplicate-callback", "gap": 2}, "callback-again": {"fault": "duplicate-callback", "numbered": "new"},
    "callbacks-crossed": {"fault": "callbacks-out-of-order", "seconds": 20}, "callback-late": {"fault": "late-callback", "seconds": 45},
}  # fmt: skip
"""Words for a run's counts, and the rule of each."""


def misanswers(chance: Random, length: float, roles: Sequence[tuple[str, str]]) -> list[Trouble]:
    """Plan which of them happen to which parties ((set, role) pairs) within so many seconds, from when and how long."""
    harsh = chance.choice((0, 2, 4, 8))
    planned = []
    for _ in range(chance.randint(0, harsh)):
        word = chance.choice(list(MISANSWERS))
        place, role = chance.choice(roles)
        at, lasts = chance.random() * length, chance.choice((5.0, 30.0, 120.0)) * (0.5 + chance.random())
        share = chance.choice((0.2, 0.5, 1.0))
        planned.append(Trouble("answers", f"{place}/{role}", at, lasts, f"{word} {share} {chance.randrange(1000)}"))
    return planned


def rule_of(trouble: Trouble) -> Rule:
    """Give the rule of a planned trouble; its id is the trouble's own."""
    word, share, seed = trouble.detail.split()
    whom = {"role": trouble.whom.partition("/")[2], "share": float(share), "seed": int(seed), "id": id_of(trouble)}
    return read_rule({**MISANSWERS[word], **whom}, None)


def id_of(trouble: Trouble) -> str:
    """Give the id that a trouble's rule has at its set."""
    return f"{trouble.detail.split()[0]}-{trouble.whom.partition('/')[2]}-{trouble.at:.3f}"
