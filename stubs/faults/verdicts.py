"""What the gateway's client makes of each fault of an answer: read into docs/stub-faults.md, and held by a test over real sockets.

`verdict` is what its caller learns: the answer, Temporary (the outcome is open: asked again under the same StreamingNo) or Permanent
(the message was refused), with the client's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stubs.faults.catalogue import Value

DEADLINE = 4.0
"""Seconds of a call in the test: faults that last longer are ended by it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One fault, with values where they matter, and what the client says."""

    fault: str
    verdict: str
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The fault with its values."""
        return " ".join([self.fault, *(f"{name}={value}" for name, value in self.values.items())])


VERDICTS = (
    Verdict("delay", "answer: ResultCode 0, results by product: 2"),
    Verdict("late-answer", "Temporary: deadline passed"),
    Verdict("hang", "Temporary: deadline passed"),
    Verdict("reset", "Temporary: connection lost"),
    Verdict("truncate", "Temporary: connection lost"),
    Verdict("slow-drip", "Temporary: deadline passed"),
    Verdict("endless-body", "Temporary: answer too large"),
    Verdict("duplicate-answer", "answer: ResultCode 0, results by product: 2"),
    Verdict("http-500-without-soap", "Temporary: the answer is not SOAP"),
    Verdict("http-503", "Temporary: HTTP 503"),
    Verdict("html-answer", "Temporary: the answer is not SOAP"),
    Verdict("empty-body", "Temporary: the answer is not SOAP"),
    Verdict("wrong-media-type", "Temporary: the answer is not SOAP"),
    Verdict("wrong-charset", "Temporary: the answer is not SOAP"),
    Verdict("wrong-charset", "Temporary: the answer is not SOAP", {"where": "header"}),
    Verdict("wrong-charset", "answer: ResultCode 0, results by product: 2", {"where": "prolog"}),
    Verdict("wrong-charset", "Temporary: the answer is not SOAP", {"charset": "gb18030"}),
    Verdict("wrong-charset", "Temporary: the answer is not SOAP", {"charset": "utf-16"}),
    Verdict("wrong-charset", "answer: ResultCode 0, results by product: 2", {"charset": "iso-8859-1"}),
    Verdict("bom", "answer: ResultCode 0, results by product: 2"),
    Verdict("bom", "Temporary: the answer is not SOAP", {"mark": "utf-16"}),
    Verdict("malformed-xml", "Temporary: the answer is not SOAP"),
    Verdict("malformed-xml", "Temporary: the answer is not SOAP", {"how": "ampersand"}),
    Verdict("malformed-xml", "Temporary: the answer is not SOAP", {"how": "crossed"}),
    Verdict("malformed-xml", "Temporary: the answer is not SOAP", {"how": "control-character"}),
    Verdict("doctype", "Temporary: the answer is not SOAP"),
    Verdict("wrong-namespace", "Temporary: the answer breaks the contract"),
    Verdict("wrong-root", "Temporary: the answer breaks the contract"),
    Verdict("extra-element", "Temporary: the answer breaks the contract"),
    Verdict("missing-field", "Temporary: the answer breaks the contract"),
    Verdict("wrong-soap-version", "Temporary: the answer is not SOAP"),
    Verdict("wrong-streaming-no", "Temporary: the answer belongs to another request"),
    Verdict("wrong-code", "answer: ResultCode 7777, results by product: 2"),
    Verdict("half-a-list", "answer: ResultCode 0, results by product: 1"),
    Verdict("soap-fault", "Temporary: fault Server (no code)"),
    Verdict("soap-fault", "Permanent: fault Client (no code)", {"side": "client"}),
    Verdict("ok-with-fault", "Temporary: fault Server (no code)"),
    Verdict("ok-with-fault", "Permanent: fault Client (no code)", {"side": "client"}),
    Verdict("handled-twice", "answer: ResultCode 0, results by product: 2"),
    Verdict("answer-of-another", "Temporary: the answer belongs to another request"),
    Verdict("callback-before-answer", "Temporary: deadline passed"),
    Verdict("wrong-charset", "answer: ResultCode 0, results by product: 2", {"where": "header", "charset": "iso-8859-1"}),
    Verdict("wrong-charset", "Temporary: the answer is not SOAP", {"where": "prolog", "charset": "iso-8859-1"}),
    Verdict("wrong-code", "Temporary: the answer breaks the contract", {"code": "OK"}),
    Verdict("delay", "answer: ResultCode 0, results by product: 2", {"seconds": 0.5}),
    Verdict("html-answer", "Temporary: HTTP 503", {"status": 503}),
    Verdict("empty-body", "Temporary: HTTP 202", {"status": 202}),
    Verdict("empty-body", "Temporary: the answer is not SOAP", {"status": 500}),
    Verdict("half-a-list", "answer: ResultCode 0, results by product: 0", {"keep": 0}),
    Verdict("missing-field", "answer: ResultCode 0, results by product: 1", {"field": "ResultInfo"}),
    Verdict("reset", "Temporary: connection lost", {"after": 50}),
    Verdict("wrong-code", "answer: ResultCode 9001, results by product: 2", {"code": "9001"}),
)  # fmt: skip
"""For a request about two products; every fault of answers is there."""
