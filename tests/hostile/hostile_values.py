"""Cases G: values that a field does not take, text that means something elsewhere, and the same order again."""

from __future__ import annotations

from collections.abc import Iterator

from hostile_build import Builder
from hostile_case import LEAKS, OK, Case, fault
from hostile_targets import CHECKED, fresh_name, fresh_serial

NUMBERS = (
    ("letters", "18912x45678"), ("12-digits", "189123456789"), ("40-digits", "1" * 40), ("fullwidth", "１８９１２３４５６７８"),
    ("arabic", "١٨٩١٢٣٤٥٦٧٨"), ("trailing-nl", "18912345678&#10;"), ("lead-blank", "&#32;18912345678"),
    ("zero-width", "189\u200b12345678"), ("sql", "1891234567' OR 1=1--"), ("empty", ""),
)  # fmt: skip
TEXTS = (
    ("sqli", "P'; DROP TABLE o;--"), ("xpathi", "' or '1'='1"), ("ldapi", "*)(uid=*"), ("jndi", "${jndi:ldap://127.0.0.1/a}"),
    ("template", "{{7*7}}%s%n{0}"), ("script", "&lt;script&gt;alert(1)&lt;/script&gt;"), ("crlf", "P100&#13;&#10;X: 1"),
    ("traversal", "../../etc/passwd"), ("cmd", "$(id)`id`|id"), ("rtl", "\u202eP100"), ("emoji", "\U0001f4a5" * 8),
)  # fmt: skip
ECHOES = (*LEAKS, "<script>", "uid=0", "49%s")


def fields(b: Builder) -> Iterator[Case]:
    """One field that is wrong."""
    target = b.target
    for n, (name, value) in enumerate(NUMBERS, 1):
        yield b.case(f"G{n:02d}", f"ms-{name}", f"{target.strict} = {value}", fault("Client"),
                     b.message(b.payload(**{target.strict: value})))
    refused = fault("Client")
    yield b.case("G11", "string-max-plus-1", "One character over the limit.", refused, b.message(b.loose("P" * (target.loose_max + 1))))
    yield b.case("G12", "missing-field", "A field that must be there is absent.", refused, b.message(b.payload(drop=target.strict)))
    yield b.case("G13", "field-twice", "A field given twice.", refused, b.message(b.payload(inject=b.element(target.strict, CHECKED))))
    yield b.case("G14", "unknown-field", "A field that the contract does not have.", refused,
                 b.message(b.payload(inject=b.element("IsAdmin", "true"))))
    foreign = f'<z:{target.strict} xmlns:z="urn:z">{CHECKED}</z:{target.strict}>'
    yield b.case("G15", "field-foreign-ns", "A known field in a foreign namespace.", refused, b.message(b.payload(inject=foreign)))
    yield b.case("G16", "child-in-simple", "An element in a simple value.", refused, b.message(b.loose("<b>P</b>100")))
    yield b.case("G17", "comment-in-value", "A comment must not cut a value short.", OK,
                 b.message(b.loose(f"P1<!--x-->{fresh_name()}")), executed="yes")


def texts(b: Builder) -> Iterator[Case]:
    """What is code elsewhere is text here, or refused; and never raw in an answer."""
    for n, (name, value) in enumerate(TEXTS):
        yield b.case(f"G{18 + n}", f"text-{name}", f"{b.target.loose} = {value}", OK + fault("Client"), b.message(b.loose(value)),
                     executed="maybe", absent=ECHOES)


def again(b: Builder) -> Iterator[Case]:
    """One request twice, with the same and with other content."""
    target = b.target

    message = b.payload()
    yield b.case("G29", "same-order-twice", "The same request in two envelopes: done once, answered alike.", OK,
                 raw=b.request(b.message(message)) + b.request(b.message(message, declaration="")), answers=2, executed="yes")
    field, value = target.changed
    serial = {target.key: fresh_serial(target.system), target.loose: fresh_name()}
    pair = b.request(b.message(b.payload(**serial))) + b.request(b.message(b.payload(**serial, **{field: value})))
    yield b.case("G30", "same-id-other-content", "The same number with other content: the first stands.", OK + fault("Client"), raw=pair,
                 answers=2, executed="yes")
