"""The catalogue: every fault by name, what it does in words of a partner (zh, en), its parameters, and where it acts.

Descriptions only. Must not know how a fault is done (wire, edits), whom it meets (rules), or any framework.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

Value = str | int | float


NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
ADDRESS = r"[!-;=?-z|~]+"
VISIBLE = r"[ -~]+"
_WRITTEN = {NAME: "a name as XML has it,", ADDRESS: "an address", VISIBLE: "a text in ASCII"}


class Layer(IntEnum):
    """Where a fault acts; of those that meet one message, each layer acts once, in this order."""

    SEQUENCE = 0
    MESSAGE = 1
    MARKUP = 2
    BYTES = 3
    HTTP = 4
    CONNECTION = 5
    TIME = 6


class On(StrEnum):
    """What a fault spoils: the answer to a request, or what a party sends of its own accord."""

    ANSWER = "answer"
    CALLBACK = "callback"


class Kind(StrEnum):
    """What a parameter holds."""

    NUMBER = "number"
    WHOLE = "whole"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its unit, and from `least` to `most` for numbers, `choices`, or at most `most` characters for a text."""

    name: str
    kind: Kind
    default: Value
    zh: str
    en: str
    unit: str = ""
    least: float = 0
    most: float = 0
    choices: tuple[str, ...] = ()
    pattern: str = r".+"
    """Of a text."""

    def expected(self) -> str:
        """Say what is taken, for whoever wrote something else."""
        if self.kind is Kind.CHOICE:
            return f"one of {', '.join(self.choices)}"
        if self.kind is Kind.TEXT:
            return f"{_WRITTEN.get(self.pattern, 'a text')} of 1 to {self.most:g} characters"
        whole = "a whole number" if self.kind is Kind.WHOLE else "a number"
        return f"{whole} from {self.least:g} to {self.most:g}{' ' + self.unit if self.unit else ''}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `acts`: whether the party carries the request out before it shows; None: it always does, for its answer is needed."""

    name: str
    layer: Layer
    zh: str
    en: str
    parameters: tuple[Parameter, ...] = ()
    acts: bool | None = None
    on: On = On.ANSWER

    def parameter(self, name: str) -> Parameter | None:
        """Give a parameter by its name."""
        return next((one for one in self.parameters if one.name == name), None)


def _seconds(name: str, default: float, zh: str, en: str, most: float = 600) -> Parameter:
    return Parameter(name, Kind.NUMBER, default, zh, en, "s", 0, most)


def _percent(name: str, default: float, zh: str, en: str, most: float = 99) -> Parameter:
    return Parameter(name, Kind.NUMBER, default, zh, en, "%", 0, most)


def _whole(name: str, default: int, zh: str, en: str, least: int, most: int, unit: str = "") -> Parameter:
    return Parameter(name, Kind.WHOLE, default, zh, en, unit, least, most)


def _choice(name: str, choices: tuple[str, ...], zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.CHOICE, choices[0], zh, en, choices=choices)


def _text(name: str, default: str, zh: str, en: str, most: int = 64, pattern: str = r".+") -> Parameter:
    return Parameter(name, Kind.TEXT, default, zh, en, most=most, pattern=pattern)


_TIME = (
    Fault(
        "delay", Layer.TIME, "处理后延迟应答", "acts at once, answers later",
        (
            _seconds("seconds", 1, "固定: 时长; 均匀: 最短; 对数正态: 中位数", "how long; the least (uniform), the median (lognormal)"),
            _choice("distribution", ("fixed", "uniform", "lognormal"), "时长分布", "how long it is from message to message"),
            _seconds("most", 30, "均匀与对数正态的最长时长", "the longest, where it is drawn"),
            Parameter("sigma", Kind.NUMBER, 0.5, "对数正态的形状参数", "shape of the lognormal", "", 0, 3),
        ),
    ),
    Fault(
        "late-answer", Layer.TIME, "业务已办, 在调用方超时之后才应答", "acts, and answers after the caller has given up",
        (_seconds("seconds", 35, "应答前的时长, 应大于调用方的超时", "before the answer; more than the caller's time-out"),),
    ),
)  # fmt: skip

_CONNECTION = (
    Fault(
        "hang", Layer.CONNECTION, "接受请求后不应答, 最后断开", "takes the request and never answers; drops the line in the end",
        (_seconds("seconds", 60, "断开之前的时长", "until the line is dropped"),), acts=True,
    ),
    Fault(
        "reset", Layer.CONNECTION, "复位连接(RST), 应答丢失或残缺", "resets the connection, before or within the answer",
        (_percent("after", 0, "已发出的应答比例, 0为全未发出", "part of the answer that goes out first; 0: nothing of it"),), acts=True,
    ),
    Fault(
        "truncate", Layer.CONNECTION, "应答未发完即正常关闭连接", "closes the connection in the middle of the answer's body",
        (_percent("after", 50, "已发出的报文体比例", "part of the body that goes out"),),
    ),
    Fault(
        "slow-drip", Layer.CONNECTION, "应答一点一点发出", "sends the answer drop by drop",
        (
            _whole("bytes", 16, "每次发出的字节数", "in each drop", 1, 65536, "bytes"),
            _seconds("pause", 0.1, "两次之间的间隔", "between two drops", 60),
        ),
    ),
    Fault(
        "endless-body", Layer.CONNECTION, "应答体无穷无尽(分块传输)", "an answer (chunked) that goes on and on",
        (
            _whole("bytes", 16384, "每块的字节数", "of each chunk", 1, 65536, "bytes"),
            _seconds("pause", 0.01, "两块之间的间隔", "between two chunks", 60),
            _seconds("seconds", 60, "断开之前的时长", "until the line is dropped"),
        ),
    ),
    Fault("duplicate-answer", Layer.CONNECTION, "同一应答在连接上发出两次", "writes the answer twice on the connection"),
)  # fmt: skip

_STATUS = _whole("status", 200, "HTTP状态码", "HTTP status", 200, 599)

_HTTP = (
    Fault("http-500-without-soap", Layer.HTTP, "HTTP 500, 体为纯文本", "HTTP 500 with plain text instead of a SOAP fault", acts=True),
    Fault(
        "http-503", Layer.HTTP, "HTTP 503, 未办理", "HTTP 503; nothing is done",
        (_whole("retry_after", 2, "Retry-After, 0为不带", "Retry-After; 0: none", 0, 86400, "s"),), acts=False,
    ),
    Fault("html-answer", Layer.HTTP, "应答是HTML页面", "a page of HTML, as a proxy or a login gives it", (_STATUS,), acts=True),
    Fault("empty-body", Layer.HTTP, "应答体为空", "an answer without a body", (_STATUS,), acts=True),
    Fault(
        "wrong-media-type", Layer.HTTP, "Content-Type不是XML", "the right body under a media type that is not XML",
        (_text("media_type", "text/plain; charset=utf-8", "媒体类型", "media type", 100, VISIBLE),),
    ),
)  # fmt: skip

_BYTES = (
    Fault(
        "wrong-charset", Layer.BYTES, "HTTP头、XML声明、字节的编码不一致", "header, XML declaration and bytes disagree on the charset",
        (
            _choice("where", ("bytes", "header", "prolog"), "哪一处与另两处不一致", "which of the three disagrees with the other two"),
            _choice("charset", ("gbk", "gb18030", "utf-16", "iso-8859-1"), "不一致之处的编码", "what that one has"),
        ),
    ),
    Fault(
        "bom", Layer.BYTES, "报文前有字节序标记", "a byte order mark before the message",
        (_choice("mark", ("utf-8", "utf-16"), "标记; utf-16与字节不符", "which; utf-16 does not fit the bytes"),),
    ),
)  # fmt: skip

_XML = (
    Fault(
        "malformed-xml", Layer.MARKUP, "不是合法的XML", "not well-formed",
        (_choice("how", ("unclosed", "ampersand", "crossed", "control-character"), "何处不合法", "what is wrong with it"),),
    ),
    Fault("doctype", Layer.MARKUP, "带DTD与外部实体", "a DOCTYPE with an entity"),
    Fault(
        "wrong-namespace", Layer.MARKUP, "业务元素的命名空间不对", "the payload is in another namespace",
        (_text("namespace", "http://tempuri.org/", "命名空间", "namespace", 200, ADDRESS),),
    ),
    Fault(
        "wrong-root", Layer.MARKUP, "Body中的元素名不对", "the element in the Body has another name",
        (_text("name", "Response", "元素名", "its name", pattern=NAME),),
    ),
    Fault("extra-element", Layer.MARKUP, "多出契约没有的元素", "an element that the contract does not have",
          (_text("name", "Reserved", "元素名", "its name", pattern=NAME),)),
    Fault("missing-field", Layer.MARKUP, "缺少必填字段", "a field is left out",
          (_text("field", "ResultCode", "字段名", "which; the first of that name", pattern=NAME),)),
    Fault("wrong-soap-version", Layer.MARKUP, "以SOAP 1.2信封应答SOAP 1.1请求", "the envelope is of the other SOAP version"),
)  # fmt: skip

_FAULT_TEXT = _text("text", "java.lang.NullPointerException", "faultstring", "faultstring", 500)
_SIDE = _choice("side", ("server", "client"), "faultcode: Server或Client", "whose fault it is said to be")

_MESSAGE = (
    Fault("wrong-streaming-no", Layer.MESSAGE, "应答的流水号不是请求的", "the answer has another StreamingNo than the request"),
    Fault("wrong-code", Layer.MESSAGE, "未知的或类型不对的ResultCode", "a ResultCode that is unknown, or no number",
          (_text("code", "7777", "ResultCode, 例如7777或OK", "ResultCode, such as 7777 or OK", 16),)),
    Fault("half-a-list", Layer.MESSAGE, "列表只有一部分", "only a part of each list, such as the results by product",
          (_percent("keep", 50, "保留比例", "part that is kept, rounded down", 99),)),
    Fault("soap-fault", Layer.MESSAGE, "HTTP 500与SOAP Fault", "a SOAP fault under HTTP 500", (_SIDE, _FAULT_TEXT), acts=True),
    Fault("ok-with-fault", Layer.MESSAGE, "HTTP 200却是SOAP Fault", "a SOAP fault under HTTP 200", (_SIDE, _FAULT_TEXT), acts=True),
)  # fmt: skip

_HOLD = _seconds("seconds", 5, "最长等待", "waits so long at most", 60)

_SEQUENCE = (
    Fault("handled-twice", Layer.SEQUENCE, "同一请求办理两次(不认流水号)", "acts twice, as one that keeps no StreamingNo"),
    Fault("answer-of-another", Layer.SEQUENCE, "给出另一请求的应答", "gives the answer to the last other request of the operation"),
    Fault("callback-before-answer", Layer.SEQUENCE, "回调先于应答", "answers when its callback has gone", (_HOLD,)),
    Fault("duplicate-callback", Layer.SEQUENCE, "同一回调发送两次", "sends a callback once more after it was taken",
          (
              _seconds("gap", 0.1, "两次之间的间隔", "between the two", 60),
              _choice("numbered", ("same", "new"), "第二次的流水号", "StreamingNo of the second one"),
          ), on=On.CALLBACK),
    Fault("callbacks-out-of-order", Layer.SEQUENCE, "回调顺序颠倒", "keeps a callback back until the next one has gone", (_HOLD,),
          on=On.CALLBACK),
    Fault("late-callback", Layer.SEQUENCE, "回调迟到", "sends a callback late", (_seconds("seconds", 60, "推迟时长", "so late", 86400),),
          on=On.CALLBACK),
    Fault("callback-never", Layer.SEQUENCE, "从不回调", "acts, and never sends the callback", on=On.CALLBACK),
)  # fmt: skip


def _by_name(faults: Iterable[Fault]) -> dict[str, Fault]:
    return {fault.name: fault for fault in faults}


FAULTS = _by_name((*_TIME, *_CONNECTION, *_HTTP, *_BYTES, *_XML, *_MESSAGE, *_SEQUENCE))
"""Every fault there is, by name."""

ON_CALLBACKS_TOO = (Layer.MESSAGE, Layer.MARKUP, Layer.BYTES)
"""Layers whose faults can spoil a callback as well as an answer; those that answer for a party cannot."""


def spoils(fault: Fault) -> tuple[On, ...]:
    """Say what a fault can spoil; the first is what it does where a rule says nothing."""
    both = fault.layer in ON_CALLBACKS_TOO and fault.acts is None and fault.name != "half-a-list"
    return (On.ANSWER, On.CALLBACK) if both else (fault.on,)
