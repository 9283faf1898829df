"""Bytes to envelope: encodings, forbidden constructs, limits, the rules of SOAP; nothing of a contract."""

from __future__ import annotations

import codecs

import pytest

from gateway.errors import (
    BAD_ENCODING,
    FORBIDDEN_XML,
    HEADER_TWICE,
    MALFORMED,
    NOT_SOAP,
    NOT_UNDERSTOOD,
    TOO_LARGE,
    WRONG_VERSION,
    Result,
)
from gateway.soap.envelope import MAX_HEADER_BLOCKS, MAX_REFERENCES, MAX_RUN, MAX_TAGS, parse_envelope
from gateway.soap.faults import SOAP11, SOAP12, Side, SoapFault, Version

KNOWN = "{urn:known}Routing"
TEXT = "您订购的业务"


def soap(body: str = f"<a>{TEXT}</a>", header: str = "", namespace: str = SOAP11) -> str:
    """Write an envelope without declaration."""
    return f'<s:Envelope xmlns:s="{namespace}" xmlns:k="urn:known">{header}<s:Body>{body}</s:Body></s:Envelope>'


def declared(encoding: str, version: str = "1.0") -> str:
    return f'<?xml version="{version}" encoding="{encoding}"?>'


def text_of(data: bytes, charset: str | None = None) -> str | None:
    return parse_envelope(data, charset, frozenset({KNOWN})).body.text


def refusal(data: bytes, charset: str | None = None) -> SoapFault:
    with pytest.raises(SoapFault) as caught:
        parse_envelope(data, charset, frozenset({KNOWN}))
    return caught.value


READABLE = {
    "utf-8": (soap().encode(), None),
    "utf-8-by-header": (soap().encode(), "utf-8"),
    "utf-8-declared": ((declared("UTF-8") + soap()).encode(), None),
    "utf-8-declared-and-by-header": ((declared("utf-8") + soap()).encode(), "utf-8"),
    "utf-8-with-mark": (codecs.BOM_UTF8 + soap().encode(), None),
    "utf-8-with-mark-declared-by-header": (codecs.BOM_UTF8 + (declared("UTF-8") + soap()).encode(), "utf-8"),
    "declaration-without-encoding": (('<?xml version="1.0"?>' + soap()).encode(), None),
    "declaration-standalone": (("<?xml version='1.0' encoding='UTF-8' standalone=\"yes\" ?>" + soap()).encode(), None),
    "utf-16": (soap().encode("utf-16"), None),
    "utf-16-little-end": (codecs.BOM_UTF16_LE + soap().encode("utf-16-le"), None),
    "utf-16-big-end": (codecs.BOM_UTF16_BE + soap().encode("utf-16-be"), None),
    "utf-16-declared": ((declared("UTF-16") + soap()).encode("utf-16"), None),
    "utf-16-by-header": ((declared("UTF-16") + soap()).encode("utf-16"), "utf-16"),
    "gbk-declared": ((declared("GBK") + soap()).encode("gbk"), None),
    "gb2312-declared": ((declared("gb2312") + soap()).encode("gb2312"), None),
    "gb18030-declared": ((declared("GB18030") + soap()).encode("gb18030"), None),
    "gbk-by-header": (soap().encode("gbk"), "gbk"),
    "gb2312-by-header-gbk-declared": ((declared("GBK") + soap()).encode("gbk"), "gb2312"),
    "gb18030-by-header": (soap().encode("gb18030"), "gb18030"),
    "lines-and-blanks-around": (f"\r\n \t\n{soap()}\n\n".encode(), None),
    "comments-around": (f"<!-- <a --> \n<!-- b -->{soap()}<!-- c -->".encode(), None),
    "cdata": (soap(f"<a><![CDATA[{TEXT}]]></a>").encode(), None),
    "comment-inside": (soap(f"<a>{TEXT[:2]}<!-- x -->{TEXT[2:]}</a>").encode(), None),
    "references": (soap("<a>" + "".join(f"&#{ord(c)};" for c in TEXT) + "</a>").encode(), None),
}


@pytest.mark.parametrize("case", READABLE)
def test_text_is_read_in_every_encoding(case: str) -> None:
    """However it was written, the value is the same."""
    assert text_of(*READABLE[case]) == TEXT


OTHER = f'xmlns:o="{SOAP12}" xmlns:k'
REFUSED: dict[str, tuple[bytes, str | None, Result]] = {
    "empty": (b"", None, MALFORMED),
    "blanks": (b" \r\n\t", None, MALFORMED),
    "text": (b"hello", None, MALFORMED),
    "json": (b'{"a": 1}', None, MALFORMED),
    "cut-off": (soap().encode()[:-9], None, MALFORMED),
    "two-roots": (soap().encode() * 2, None, MALFORMED),
    "text-after-the-root": (soap().encode() + b"x", None, MALFORMED),
    "comment-without-end": (b"<!-- " + soap().encode(), None, MALFORMED),
    "prefix-not-declared": (soap("<x:a/>").encode(), None, MALFORMED),
    "attribute-twice": (soap('<a b="1" b="2"/>').encode(), None, MALFORMED),
    "entity-not-declared": (soap("<a>&x;</a>").encode(), None, MALFORMED),
    "zero-character": (soap("<a>&#0;</a>").encode(), None, MALFORMED),
    "too-deep": (soap("<a>" * 300 + "</a>" * 300).encode(), None, MALFORMED),
    "declaration-that-is-none": (b"<?xml encoding='UTF-8'?>" + soap().encode(), None, MALFORMED),
    "declaration-after-blanks": (b" " + (declared("UTF-8") + soap()).encode(), None, FORBIDDEN_XML),
    "xml-1.1": ((declared("UTF-8", "1.1") + soap()).encode(), None, FORBIDDEN_XML),
    "document-type": (b"<!DOCTYPE a>" + soap().encode(), None, FORBIDDEN_XML),
    "document-type-after-declaration": ((declared("UTF-8") + "\n<!DOCTYPE a>" + soap()).encode(), None, FORBIDDEN_XML),
    "document-type-after-comment": (b"<!-- a -->\n<!DOCTYPE a>" + soap().encode(), None, FORBIDDEN_XML),
    "document-type-in-utf-16": (("<!DOCTYPE a>" + soap()).encode("utf-16"), None, FORBIDDEN_XML),
    "external-entity": (
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + soap("<a>&x;</a>").encode(), None, FORBIDDEN_XML),
    "entity-in-entity": (
        b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]>' + soap("<a>&y;</a>").encode(), None, FORBIDDEN_XML),
    "instruction-before": (b"<?x y?>" + soap().encode(), None, FORBIDDEN_XML),
    "instruction-in-a-value": (soap("<a>1<?x y?>2</a>").encode(), None, FORBIDDEN_XML),
    "instruction-between": (soap(header="<?x y?>").encode(), None, FORBIDDEN_XML),
    "instruction-after": (soap().encode() + b"<?x y?>", None, FORBIDDEN_XML),
    "unknown-charset": (soap().encode(), "utf-7", BAD_ENCODING),
    "charset-of-python": (soap().encode(), "unicode_escape", BAD_ENCODING),
    "unknown-encoding-declared": ((declared("ISO-8859-1") + soap("<a/>")).encode(), None, BAD_ENCODING),
    "utf-7-declared": ((declared("UTF-7") + soap("<a/>")).encode(), None, BAD_ENCODING),
    "gbk-bytes-as-utf-8": (soap().encode("gbk"), None, BAD_ENCODING),
    "gbk-bytes-declared-utf-8": ((declared("UTF-8") + soap()).encode("gbk"), None, BAD_ENCODING),
    "gbk-declared-utf-8-by-header": ((declared("GBK") + soap()).encode("gbk"), "utf-8", BAD_ENCODING),
    "utf-8-declared-gbk-by-header": ((declared("UTF-8") + soap()).encode(), "gbk", BAD_ENCODING),
    "gbk-declared-after-a-utf-8-mark": (codecs.BOM_UTF8 + (declared("GBK") + soap()).encode(), None, BAD_ENCODING),
    "gbk-by-header-after-a-utf-8-mark": (codecs.BOM_UTF8 + soap().encode(), "gbk", BAD_ENCODING),
    "utf-16-declared-over-utf-8": ((declared("UTF-16") + soap()).encode(), None, BAD_ENCODING),
    "utf-16-by-header-over-utf-8": (soap().encode(), "utf-16", BAD_ENCODING),
    "utf-16-without-mark": (soap().encode("utf-16-le"), "utf-16", BAD_ENCODING),
    "utf-16-declared-utf-8": ((declared("UTF-8") + soap()).encode("utf-16"), None, BAD_ENCODING),
    "utf-16-mark-and-utf-8-by-header": (soap().encode("utf-16"), "utf-8", BAD_ENCODING),
    "half-a-surrogate": (codecs.BOM_UTF16_LE + soap().encode("utf-16-le") + b"\x00\xd8", None, BAD_ENCODING),
    "gbk-cut-in-a-letter": (soap().encode("gbk") + b"\x81", "gbk", BAD_ENCODING),
    "html": (b"<html><body>busy</body></html>", None, NOT_SOAP),
    "no-body": (f'<s:Envelope xmlns:s="{SOAP11}"/>'.encode(), None, NOT_SOAP),
    "empty-body": (soap("").encode(), None, NOT_SOAP),
    "text-in-body": (soap("order").encode(), None, NOT_SOAP),
    "text-before-the-operation": (soap("order<a/>").encode(), None, NOT_SOAP),
    "text-after-the-operation": (soap("<a/>order").encode(), None, NOT_SOAP),
    "text-in-envelope": (soap(header="order").encode(), None, NOT_SOAP),
    "two-operations": (soap("<a/><a/>").encode(), None, NOT_SOAP),
    "two-bodies": (soap(header="<s:Body><a/></s:Body>").encode(), None, NOT_SOAP),
    "two-headers": (soap(header="<s:Header/><s:Header/>").encode(), None, NOT_SOAP),
    "header-after-body": (soap().replace("</s:Body>", "</s:Body><s:Header/>").encode(), None, NOT_SOAP),
    "element-after-body": (soap().replace("</s:Body>", "</s:Body><k:more/>").encode(), None, NOT_SOAP),
    "body-of-another-version": (soap().replace("s:Body>", "o:Body>").replace("xmlns:k", OTHER).encode(), None, NOT_SOAP),
    "must-understand-maybe": (soap(header='<s:Header><k:x s:mustUnderstand="maybe"/></s:Header>').encode(), None, NOT_SOAP),
    "known-header-twice": (soap(header="<s:Header><k:Routing/><k:Routing/></s:Header>").encode(), None, HEADER_TWICE),
    "envelope-of-no-version": (b"<Envelope><Body><a/></Body></Envelope>", None, WRONG_VERSION),
    "envelope-of-a-draft": (soap(namespace="http://www.w3.org/2001/12/soap-envelope").encode(), None, WRONG_VERSION),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_message_is_refused(case: str) -> None:
    """Each with the row of the table that says what is wrong."""
    data, charset, result = REFUSED[case]
    assert refusal(data, charset).result == result


@pytest.mark.parametrize(("namespace", "version"), [(SOAP11, Version.V11), (SOAP12, Version.V12)])
def test_version_is_that_of_the_envelope(namespace: str, version: Version) -> None:
    """The namespace decides, nothing else."""
    assert parse_envelope(soap(namespace=namespace).encode(), None, frozenset()).version is version


def test_wrong_version_is_told_as_such() -> None:
    """SOAP has a code of its own for it."""
    assert refusal(soap(namespace="urn:soap-9").encode()).side is Side.VERSION


def test_comments_do_not_reach_the_tree() -> None:
    """A comment beside the operation is not a second element."""
    assert text_of(soap(f"<!-- a --><a>{TEXT}</a><!-- b -->").encode()) == TEXT


def test_lines_are_those_of_the_sender() -> None:
    """A declaration over two lines, line ends of Windows: the fault must point at the right line."""
    data = '<?xml version="1.0"\r\n encoding="UTF-8"?>\r\n\r\n' + soap("\r\n<a/>")
    assert parse_envelope(data.encode(), None, frozenset()).body.sourceline == 5


# Header blocks


def header(attributes: str, name: str = "k:x", namespace: str = SOAP11) -> bytes:
    return soap(header=f"<s:Header><{name} {attributes}/></s:Header>", namespace=namespace).encode()


MUST_12 = 's:mustUnderstand="true"'
NEXT_11 = "http://schemas.xmlsoap.org/soap/actor/next"
NEXT_12 = f"{SOAP12}/role/next"

NOT_OURS = {
    "not-demanded": header(""),
    "demanded-no": header('s:mustUnderstand="0"'),
    "demanded-false": header('s:mustUnderstand="false"'),
    "known": header('s:mustUnderstand="1"', "k:Routing"),
    "for-another-actor": header('s:mustUnderstand="1" s:actor="urn:somebody"'),
    "attribute-without-namespace": header('mustUnderstand="1"'),
    "1.2-for-another-role": header(f'{MUST_12} s:role="urn:somebody"', namespace=SOAP12),
    "1.2-for-nobody": header(f'{MUST_12} s:role="{SOAP12}/role/none"', namespace=SOAP12),
    "1.2-known": header(MUST_12, "k:Routing", SOAP12),
}


@pytest.mark.parametrize("case", NOT_OURS)
def test_header_block_does_not_stand_in_the_way(case: str) -> None:
    """Not demanded, understood, or meant for somebody else."""
    assert text_of(NOT_OURS[case]) == TEXT


FOR_US = {
    "1.1": header('s:mustUnderstand="1"'),
    "1.1-true": header('s:mustUnderstand="true"'),
    "1.1-blanks": header('s:mustUnderstand=" 1 "'),
    "1.1-next": header(f's:mustUnderstand="1" s:actor="{NEXT_11}"'),
    "1.1-empty-actor": header('s:mustUnderstand="1" s:actor=""'),
    "1.1-known-name-of-another-namespace": header('s:mustUnderstand="1" xmlns:o="urn:other"', "o:Routing"),
    "1.2": header(MUST_12, namespace=SOAP12),
    "1.2-one": header('s:mustUnderstand="1"', namespace=SOAP12),
    "1.2-next": header(f'{MUST_12} s:role="{NEXT_12}"', namespace=SOAP12),
    "1.2-ultimate": header(f'{MUST_12} s:role="{SOAP12}/role/ultimateReceiver"', namespace=SOAP12),
    "second-block": soap(header='<s:Header><k:Routing/><k:x s:mustUnderstand="1"/></s:Header>').encode(),
}


@pytest.mark.parametrize("case", FOR_US)
def test_header_block_that_must_be_understood_is_refused(case: str) -> None:
    """Ours, demanded, unknown: nothing is done."""
    fault = refusal(FOR_US[case])
    assert (fault.result, fault.side) == (NOT_UNDERSTOOD, Side.UNDERSTANDING)


def test_header_blocks_are_given_by_name() -> None:
    """Blocks that nobody asked for are given too; the caller picks."""
    data = soap(header="<s:Header><k:Routing/><k:x/></s:Header>").encode()
    assert sorted(parse_envelope(data, None, frozenset()).headers) == [KNOWN, "{urn:known}x"]


def test_no_header_is_no_block() -> None:
    """The usual message."""
    assert parse_envelope(soap().encode(), None, frozenset()).headers == {}


# Limits: at each, and one past it

TAGS = soap("<a></a>").count("<")


def tags(count: int) -> bytes:
    """Write a message with so many `<`."""
    return soap("<a>" + "<b/>" * (count - TAGS) + "</a>").encode()


def references(count: int) -> bytes:
    return soap("<a>" + "&amp;" * count + "</a>").encode()


def run(length: int) -> bytes:
    """Write a message whose longest text between two `>`, blanks left out, has so many bytes."""
    return soap("<a> " + "x" * (length - len("</a")) + "</a>").encode()


def blocks(count: int) -> bytes:
    return soap(header="<s:Header>" + "<k:x/>" * count + "</s:Header>").encode()


AT_LIMIT = {
    "tags": tags(MAX_TAGS),
    "references": references(MAX_REFERENCES),
    "run": run(MAX_RUN),
    "header-blocks": blocks(MAX_HEADER_BLOCKS),
}
PAST_LIMIT = {
    "tags": tags(MAX_TAGS + 1),
    "references": references(MAX_REFERENCES + 1),
    "run": run(MAX_RUN + 1),
    "header-blocks": blocks(MAX_HEADER_BLOCKS + 1),
    "long-name": soap(f"<{'a' * MAX_RUN}/>").encode(),
    "long-attribute": soap(f'<a b="{"x" * MAX_RUN}"/>').encode(),
    "many-attributes": soap("<a " + " ".join(f'b{i}="{i}"' for i in range(9000)) + "/>").encode(),
    "many-namespaces": soap("<a " + " ".join(f'xmlns:b{i}="urn:{i}"' for i in range(6000)) + "/>").encode(),
}


@pytest.mark.parametrize("case", AT_LIMIT)
def test_message_at_a_limit_is_read(case: str) -> None:
    """The limit itself is allowed."""
    assert parse_envelope(AT_LIMIT[case], None, frozenset()).body.tag == "a"


@pytest.mark.parametrize("case", PAST_LIMIT)
def test_message_past_a_limit_is_refused(case: str) -> None:
    """One more is not."""
    assert refusal(PAST_LIMIT[case]).result == TOO_LARGE


def test_blanks_are_not_counted_as_a_run() -> None:
    """Indentation, however deep, is not an attack."""
    assert parse_envelope(soap("<a>" + " \n" * MAX_RUN + "</a>").encode(), None, frozenset()).body.tag == "a"


def test_header_block_for_another_node_is_left_alone() -> None:
    """It is passed over: what it says is not for us."""
    header = '<s:Header><k:Routing s:actor="urn:other"/></s:Header>'
    assert parse_envelope(soap(header=header).encode(), None, frozenset({KNOWN})).headers == {}
