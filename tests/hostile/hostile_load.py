"""Cases C: entities, depth, counts, lengths: what makes a parser work, and values of codes, numbers and times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hostile_build import ENCODING, HOLE, XSD, XSI, Builder, doctype, laughs
from hostile_case import BAD, OK, Case, Source, fault, numbered, plain, repeated

XINCLUDE = "http://www.w3.org/2001/XInclude"
MANY = BAD + plain(413)
NUMBERS = (
    ("int-100k-digits", "9" * 100000), ("int-exp", "1E400000000"), ("int-nan", "NaN"), ("int-inf", "INF"),
    ("int-overflow", "99999999999999999999"), ("int-negative", "-1"), ("int-plus-zero", "+0"), ("int-unicode-digit", "\u0661"),
    ("int-underscore", "1_0"), ("int-hex", "0x10"),
)  # fmt: skip
DATES = (
    ("date-year-99999", "99999-01-01T00:00:00Z"), ("date-month-13", "20241301000000"), ("date-feb-30", "2024-02-30T00:00:00Z"),
    ("date-tz-99", "2024-01-01T00:00:00+99:99"), ("date-redos", "2024-01-01T00:00:00." + "0" * 60000 + "x"), ("date-word", "tomorrow"),
)  # fmt: skip


def colliding(count: int) -> list[str]:
    """Names with one DJBX33A hash: "Ez" and "FY" collide wherever they stand."""
    bits = max(1, (count - 1).bit_length())
    return ["".join("Ez" if n >> bit & 1 else "FY" for bit in range(bits)) for n in range(count)]


def entities(b: Builder) -> Iterator[Case]:
    """Entities and document types: refused by their first bytes."""

    def declared(inside: str, value: str = "P", **others: str) -> bytes:
        return b.message(b.loose(value), prolog=doctype(inside), **others)

    quick = {"cpu_ms": 10}
    yield b.case("C01", "billion-laughs", "Ten levels of ten.", BAD, declared(laughs(), "&a10;"), **quick)
    yield b.case("C02", "quadratic-blowup", "One entity of 50 KB used 4,000 times.", BAD,
                 declared(f'<!ENTITY a "{"x" * 50000}">', "&a;" * 4000), cpu_ms=20)
    doubling = '<!ENTITY x0 "x">' + "".join(f'<!ENTITY x{n} "&x{n - 1};&x{n - 1};">' for n in range(1, 21))
    yield b.case("C03", "entity-attr", "2^20 in an attribute.", BAD,
                 b.message(b.payload(attributes=' z="&x20;"'), prolog=doctype(doubling)), **quick)
    yield b.case("C04", "entity-loop", "Entities that name each other.", BAD,
                 declared('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"), **quick)
    for n, (name, place) in enumerate((("file", "file:///etc/passwd"), ("urandom", "file:///dev/urandom"), ("http", f"{b.canary}xxe"))):
        yield b.case(f"C0{5 + n}", f"xxe-{name}", f"An external entity: {name}.", BAD,
                     declared(f'<!ENTITY x SYSTEM "{place}">', "&x;"), **quick)
    yield b.case("C08", "external-dtd", "An external DTD.", BAD, b.message(prolog=f'<!DOCTYPE s:Envelope SYSTEM "{b.canary}dtd">'), **quick)
    yield b.case("C09", "param-entity", "An external parameter entity.", BAD, declared(f'<!ENTITY % d SYSTEM "{b.canary}pe"> %d;'), **quick)
    yield b.case("C10", "dtd-default-attr", "Default attributes.", BAD,
                 declared(f'<!ATTLIST v:{b.target.operation} admin CDATA "true">'), **quick)
    yield b.case("C11", "unparsed-entity", "An unparsed entity.", BAD,
                 declared(f'<!NOTATION n SYSTEM "{b.canary}n"><!ENTITY u SYSTEM "{b.canary}u" NDATA n>'), **quick)
    yield b.case("C12", "xinclude", "xi:include of a file.", fault("Client") + plain(400),
                 b.message(b.loose(f'<xi:include xmlns:xi="{XINCLUDE}" href="file:///etc/passwd" parse="text"/>')))
    yield b.case("C13", "schema-location", "xsi:schemaLocation to the canary.", OK + fault("Client"),
                 b.message(b.payload(attributes=f' xmlns:xsi="{XSI}" xsi:schemaLocation="{b.target.namespace} {b.canary}s.xsd"')),
                 executed="maybe")


def counts(b: Builder) -> Iterator[Case]:
    """Depth, and elements, attributes and namespaces by the thousand."""
    before, after = b.around(b.payload(inject=HOLE))
    for n, (depth, most) in enumerate(((300, 20), (1500, 20), (75000, 40))):
        yield b.case(f"C{14 + n}", f"deep-{depth}", f"{depth} elements in each other.", MANY,
                     repeated(before, b"<X>", depth, after, b"</X>" * depth), cpu_ms=most, twin=True)
    yield b.case("C17", "deep-unclosed", "100,000 start tags without end.", MANY, repeated(before, b"<X>", 100000, b""), cpu_ms=40)
    inside, rest = b.around(b.payload(attributes=f" {HOLE}"))

    def listed(attributes: Iterable[str]) -> Source:
        return lambda: [inside, " ".join(attributes).encode(), rest]

    yield b.case("C18", "attributes-25000", "25,000 attributes.", MANY, numbered(inside, 'a%d="1" ', 25000, rest), twin=True)
    yield b.case("C19", "attr-collision-djb33a", "8,192 attributes with one hash.", MANY,
                 listed(f'{name}="1"' for name in colliding(8192)), twin=True)
    yield b.case("C20", "namespaces-10000", "10,000 namespaces.", MANY, numbered(inside, 'xmlns:n%d="urn:x" ', 10000, rest), twin=True)
    yield b.case("C21", "ns-collision-djb33a", "4,096 namespaces with one hash.", MANY,
                 listed(f'xmlns:p{n}="{name}"' for n, name in enumerate(colliding(4096))), twin=True)
    level = [("<X" + "".join(f' xmlns:q{n}_{m}="urn:{n}:{m}"' for m in range(20)) + ">").encode() for n in range(200)]
    yield b.case("C22", "ns-per-level", "20 namespaces on each of 200 levels.", MANY,
                 lambda: [before, *level, b"</X>" * 200, after], twin=True)
    yield b.case("C23", "elements-25000", "25,000 elements.", MANY, repeated(before, b"<X/>", 25000, after), twin=True)
    yield b.case("C24", "elements-250000", "250,000 elements.", MANY, repeated(before, b"<X/>", 250000, after), cpu_ms=40, twin=True)
    yield b.case("C25", "comments-25000", "25,000 comments.", OK + MANY, repeated(before, b"<!--X-->", 25000, after), executed="maybe",
                 twin=True)
    yield b.case("C26", "pi-25000", "25,000 processing instructions.", MANY, repeated(before, b"<?a b?>", 25000, after), twin=True)


def runs(b: Builder) -> Iterator[Case]:
    """What is long without end."""
    before, after = b.around(b.payload(inject=HOLE))
    value, rest = b.around(b.loose(HOLE))
    flood = {"cpu_ms": 40, "twin": True}
    yield b.case("C27", "long-element-name", "An element's name of 100,000 characters.", MANY,
                 lambda: [before, b"<", b"n" * 100000, b"/>", after])
    yield b.case("C28", "long-attr-name", "An attribute's name of 100,000 characters.", MANY,
                 lambda: [before, b"<X ", b"n" * 100000, b'="1"/>', after])
    yield b.case("C29", "long-attr-value", "An attribute of 500,000 characters.", MANY,
                 lambda: [before, b'<X a="', b"n" * 500000, b'"/>', after])
    yield b.case("C30", "long-text", "A value of 900,000 characters.", MANY, repeated(value, b"A", 900000, rest), twin=True)
    yield b.case("C31", "charref-flood", "180,000 references &#65;.", MANY, repeated(value, b"&#65;", 180000, rest), **flood)
    yield b.case("C32", "amp-flood", "180,000 times &amp;.", MANY, repeated(value, b"&amp;", 180000, rest), **flood)
    yield b.case("C33", "cdata-flood", "60,000 CDATA sections.", MANY, repeated(value, b"<![CDATA[A]]>", 60000, rest), **flood)
    head, tail = b.around(before=HOLE)
    yield b.case("C34", "blanks-900k", "900,000 blanks before the Header: legal, and cheap.", OK + MANY,
                 repeated(head, b" ", 900000, tail), executed="maybe", cpu_ms=40)
    target = b.target
    if target.items:
        yield b.case("C35", "list-over-max", "A list with one item too many.", fault("Client"),
                     b.message(b.payload(items=target.item * (target.items_max + 1))))
        start, end = b.around(b.payload(items=HOLE))
        yield b.case("C36", "list-50000", "A list of 1 MB.", MANY,
                     repeated(start, target.item.encode(), 1_000_000 // len(target.item), end), **flood)


def graphs(b: Builder) -> Iterator[Case]:
    """Arrays, references and types of SOAP encoding."""
    loop = '<a href="#x"/><b id="x"><c href="#x"/></b>'
    doubled = '<a href="#h24"/><h0 id="h0">lol</h0>' + "".join(
        f'<h{n} id="h{n}"><a href="#h{n - 1}"/><b href="#h{n - 1}"/></h{n}>' for n in range(1, 25)
    )
    array = (
        f'<a xmlns:e="{ENCODING}" xmlns:x="{XSD}" xmlns:i="{XSI}" i:type="e:Array" e:arrayType="x:string[2000000000]"><item>1</item></a>'
    )
    refused = fault("Client") + plain(400)
    yield b.case("C37", "soap-array-2e9", "An array of 2,000,000,000 (BP R2113).", refused, b.message(b.payload(inject=array)))
    yield b.case("C38", "href-loop", "References in a loop.", refused, b.message(b.payload(inject=loop)), cpu_ms=30)
    yield b.case("C39", "href-missing", "A reference to nothing.", refused, b.message(b.payload(inject='<a href="#nowhere"/>')))
    yield b.case("C40", "href-lol", "References that double, 24 levels.", refused, b.message(b.payload(inject=doubled)), cpu_ms=30)
    typed = f' xmlns:i="{XSI}" i:type='
    yield b.case("C41", "xsi-type-unknown", "xsi:type that nobody has.", fault("Client"),
                 b.message(b.payload(attributes=typed + '"v:Admin"')))
    yield b.case("C42", "xsi-type-undeclared", "xsi:type with a prefix that is not declared.", BAD,
                 b.message(b.payload(attributes=typed + '"nope:X"')))
    key = b.target.key
    nil = b.payload().replace(f"<v:{key}>", f'<v:{key} xmlns:i="{XSI}" i:nil="true">')
    yield b.case("C43", "xsi-nil", "xsi:nil on a field that must be there.", fault("Client"), b.message(nil))


def values(b: Builder) -> Iterator[Case]:
    """Codes, numbers and times that are none."""
    for n, (name, value) in enumerate(NUMBERS):
        yield b.case(f"C{44 + n}", name, f"{b.target.coded} = {value[:24]}", fault("Client"),
                     b.message(b.payload(**{b.target.coded: value})))
    for n, (name, value) in enumerate(DATES):
        yield b.case(f"C{54 + n}", name, f"{b.target.dated} = {value[:32]}", fault("Client"),
                     b.message(b.payload(**{b.target.dated: value})))
