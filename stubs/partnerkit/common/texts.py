"""Common cases: the same text in all the forms that XML and its encodings give it."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.contract.schema import ComplexType
from stubs.partnerkit.case import CaseList, Severity
from stubs.partnerkit.common.answers import expect_good
from stubs.partnerkit.damage import free_text, otherwise_written, with_content
from stubs.partnerkit.exchange import Answer
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

TEXTS = CaseList()

_PARSER_HINT = Text(
    "用支持命名空间的XML解析器读取, 不要比较前缀或查找子串",
    "read by a parser that knows namespaces; compare no prefixes, look for no substrings",
)


@TEXTS.case(
    30, "文本中的 < & > 引号", "text with < & > and quotes",
    rule=Text(
        "请求中转义的字符按原义读取; 应答中出现时同样转义",
        "escaped characters of a request are read as what they mean, and escaped again where the answer repeats them",
    ),
    source="XML 1.0 2.4",
    severity=Severity.CRITICAL,
    hint=Text(
        "由XML库写应答, 不要拼接字符串; 拼接时必须转义 & < >",
        "let a library write XML instead of joining strings; who joins them must escape & < >",
    ),
)  # fmt: skip
async def escapes(probe: Probe) -> None:
    """Put such a text where the contract allows any."""
    await _with_text(probe, "A<B & C> \"d\" 'e' ]]")


@TEXTS.case(
    31, "中文, 生僻字和表情符号", "Chinese, rare characters and emoji",
    rule=Text(
        "契约允许的所有Unicode字符都可以出现, 包括基本平面以外的汉字和表情",
        "all characters of Unicode that the contract allows may come, also those outside of the basic plane",
    ),
    source="XML 1.0 2.2; vas-types.xsd Name; GB 18030",
    severity=Severity.MAJOR,
    hint=Text(
        "全程使用UTF-8; 数据库用utf8mb4; 不要按字节截断",
        "use UTF-8 throughout; utf8mb4 in MySQL; never cut by bytes",
    ),
)  # fmt: skip
async def chinese(probe: Probe) -> None:
    """Put such a text where the contract allows any."""
    await _with_text(probe, "七彩铃音𠮷😀ñ")


async def _with_text(probe: Probe, text: str) -> None:
    held = list(text_fields(probe))
    if not held:
        probe.skip("契约的请求中没有自由文本", "no request of the contract has free text")
    for operation, name in held:
        answer = await probe.ask(operation, **{name: text})
        probe.expect_answer(answer)


def text_fields(probe: Probe) -> Iterator[tuple[str, str]]:
    """Give the operations whose good sample holds free text, each with the field's name."""
    for operation in probe.operations:
        made = probe.samples.type_of(operation)
        found = free_text(made, _facets(probe, made))
        if found is not None:
            yield operation, found.name


def _facets(probe: Probe, made: ComplexType) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for each in made.fields:
        if each.complex_type is not None:
            found |= _facets(probe, each.complex_type)
        else:
            found[each.type_name] = probe.contract.schemas.facets(each.type_name)
    return found


@TEXTS.case(
    32, "CDATA和字符引用", "CDATA and character references",
    rule=Text("<![CDATA[200]]> 和 &#50;00 就是 200", "<![CDATA[200]]> and &#50;00 are 200"),
    source="XML 1.0 2.7, 4.1", severity=Severity.MAJOR, hint=_PARSER_HINT,
)  # fmt: skip
async def cdata(probe: Probe) -> None:
    """Write SystemId of each operation in both forms."""
    system = probe.role.caller
    for operation in probe.operations:
        for form in (f"<![CDATA[{system}]]>", f"&#{ord(system[0])};{system[1:]}"):
            expect_good(probe, await probe.raw(operation, with_content(probe.text(operation), "SystemId", form)))


@TEXTS.case(
    33, "前缀, 换行和注释不改变含义", "prefixes, line breaks and comments mean nothing",
    rule=Text(
        "命名空间前缀由发送方任意选择; 元素之间可以有空白和注释",
        "the sender chooses the prefixes; blanks and comments may stand between elements",
    ),
    source="Namespaces in XML 1.0; SOAP 1.1 4", severity=Severity.CRITICAL, hint=_PARSER_HINT,
)  # fmt: skip
async def other_prefixes(probe: Probe) -> None:
    """Write each operation's good sample in other words of XML."""
    for operation in probe.operations:
        expect_good(probe, await probe.raw(operation, otherwise_written(probe.text(operation))))


@TEXTS.case(
    34, "UTF-8的各种写法", "UTF-8 in all its spellings",
    rule=Text(
        "带BOM, 不带XML声明, charset大写或带引号, 都是UTF-8",
        "with a byte order mark, without an XML declaration, charset in capitals or quotes: all of it is UTF-8",
    ),
    source="WS-I BP 1.1 R4001, R1012; RFC 7303",
    severity=Severity.MAJOR,
    hint=Text("由XML解析器判断编码, 传给它字节而不是字符串", "let the XML parser find the encoding: hand it bytes, not a string"),
)  # fmt: skip
async def utf8_spellings(probe: Probe) -> None:
    """Send the first operation's good sample in each spelling."""
    operation = probe.operations[0]
    for title, body, content_type in _spellings(probe, operation):
        expect_good(probe, await probe.raw(operation, body, {"Content-Type": content_type}, title))


def _spellings(probe: Probe, operation: str) -> Iterator[tuple[str, bytes, str]]:
    usual = "text/xml; charset=utf-8"
    yield "byte order mark", b"\xef\xbb\xbf" + probe.text(operation).encode(), usual
    yield "no declaration", probe.text(operation).partition("?>")[2].encode(), usual
    yield "charset in capitals and quotes", probe.text(operation).encode(), 'text/xml;charset="UTF-8"'
    yield "no charset", probe.text(operation).encode(), "text/xml"


_OTHER_HINT = Text(
    "要么读对, 要么以fault或HTTP 415拒绝; 不要当作UTF-8猜读",
    "read it rightly, or refuse it by a fault or HTTP 415; never guess that it is UTF-8",
)


@TEXTS.case(
    35, "UTF-16: 读对或拒绝", "UTF-16 is read or refused",
    rule=Text("UTF-16的报文要么正常应答, 要么明确拒绝", "a message in UTF-16 is answered, or refused in so many words"),
    source="WS-I BP 1.1 R1012; XML 1.0 4.3.3", severity=Severity.MINOR, hint=_OTHER_HINT,
)  # fmt: skip
async def utf16(probe: Probe) -> None:
    """Send the first operation's good sample in UTF-16 with its mark."""
    operation = probe.operations[0]
    text = probe.text(operation).replace('encoding="UTF-8"', 'encoding="UTF-16"')
    answer = await probe.raw(operation, text.encode("utf-16"), {"Content-Type": "text/xml; charset=utf-16"}, "UTF-16")
    _expect_read_or_refused(probe, answer)


@TEXTS.case(
    36, "声明为GBK: 读对或拒绝", "GBK that says so is read or refused",
    rule=Text(
        "HTTP头部和XML声明都写明GBK的报文要么正常应答, 要么明确拒绝",
        "a message that says GBK in header and declaration is answered, or refused in so many words",
    ),
    source="the field's older senders; RFC 7303", severity=Severity.MINOR, hint=_OTHER_HINT,
)  # fmt: skip
async def gbk(probe: Probe) -> None:
    """Send a good sample in GBK, with Chinese text if the contract has a place for it."""
    operation, name = next(text_fields(probe), (probe.operations[0], ""))
    text = probe.text(operation, **({name: "七彩铃音"} if name else {})).replace('encoding="UTF-8"', 'encoding="GBK"')
    answer = await probe.raw(operation, text.encode("gbk"), {"Content-Type": "text/xml; charset=GBK"}, "GBK")
    _expect_read_or_refused(probe, answer)


@TEXTS.case(
    37, "字节与声明的编码不符: 拒绝", "bytes that are not in the encoding they claim are refused",
    rule=Text("声明为UTF-8的GBK字节不得存成乱码", "GBK bytes that claim to be UTF-8 do not become garbled text"),
    source="XML 1.0 4.3.3 (fatal error)",
    severity=Severity.MAJOR,
    hint=Text(
        "不要用\"替换非法字符\"的方式解码; 解码失败就拒绝",
        "do not decode with replacement characters: where decoding fails, refuse",
    ),
)  # fmt: skip
async def wrong_bytes(probe: Probe) -> None:
    """Send Chinese text in GBK under the name of UTF-8."""
    held = next(text_fields(probe), None)
    if held is None:
        probe.skip("契约的请求中没有自由文本", "no request of the contract has free text")
        return
    operation, name = held
    text = probe.text(operation, **{name: "七彩铃音"})
    answer = await probe.raw(operation, text.encode("gbk"), title="GBK as UTF-8")
    status = answer.exchange.status or 0
    if not 400 <= status < 500:
        probe.expect_refused(answer, "字节与声明的编码不符的报文", "a message whose bytes are not in the encoding that it claims")


def _expect_read_or_refused(probe: Probe, answer: Answer) -> None:
    status = answer.exchange.status or 0
    if answer.fault is None and not 400 <= status < 500:
        expect_good(probe, answer)
