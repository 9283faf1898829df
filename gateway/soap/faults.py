"""Faults of contract and transport: which code, whose side, which field; text in Chinese and English, never the sender's value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from spyne.model.fault import Fault

from gateway.contract import Codec
from gateway.contract.codec import escape
from gateway.contract.document import CONTRACT_FAULT
from gateway.errors import Result

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"


class Version(Enum):
    """A SOAP version: envelope namespace, content type, and how its faults travel."""

    V11 = (SOAP11, "text/xml; charset=utf-8")
    V12 = (SOAP12, "application/soap+xml; charset=utf-8")

    def __init__(self, namespace: str, content_type: str) -> None:
        self.namespace = namespace
        self.content_type = content_type


class Side(Enum):
    """Whose fault it is: the code of SOAP 1.1 and of SOAP 1.2."""

    SENDER = ("Client", "Sender")
    RECEIVER = ("Server", "Receiver")
    VERSION = ("VersionMismatch", "VersionMismatch")
    UNDERSTANDING = ("MustUnderstand", "MustUnderstand")


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a message breaks its contract."""

    field: str
    path: str
    line: int
    zh: str
    en: str


class Security(Enum):
    """Fault codes of WS-Security (SOAP Message Security 1.1, section 12), which stand in place of Client or below Sender."""

    FAILED_AUTHENTICATION = "FailedAuthentication"
    INVALID_SECURITY = "InvalidSecurity"
    FAILED_CHECK = "FailedCheck"
    MESSAGE_EXPIRED = "MessageExpired"


class SoapFault(Fault):  # type: ignore[misc]  # Spyne has no types; being its Fault lets its pipeline carry ours
    """A message that is not taken; `result` is its row in the table of codes.

    `security` is the code of WS-Security for it, where it has one; `retry_after` the seconds after which the caller may come again,
    0 where nothing is said of it.
    """

    def __init__(
        self,
        result: Result,
        side: Side = Side.SENDER,
        violations: Iterable[Violation] = (),
        *,
        security: Security | None = None,
        retry_after: int = 0,
    ) -> None:
        self.result = result
        self.side = side
        self.security = security
        self.retry_after = retry_after
        self.violations = tuple(violations)[:20]
        super().__init__(faultcode=side.value[0], faultstring=self.text("en"))

    def text(self, language: str) -> str:
        """One line for a person: code, meaning, and the first place where it shows."""
        meaning = self.result.zh if language == "zh" else self.result.en
        if not self.violations:
            return f"[{self.result.code}] {meaning}"
        first = self.violations[0]
        place = f"{first.field} ({first.path}, {'第' if language == 'zh' else 'line '}{first.line}{'行' if language == 'zh' else ''})"
        return f"[{self.result.code}] {meaning}: {place}: {first.zh if language == 'zh' else first.en}"


def http_status(fault: SoapFault, version: Version) -> int:
    """SOAP 1.1 faults are HTTP 500 (WS-I R1126); SOAP 1.2 has 400 for the sender's faults (part 2, 7.5.2.2)."""
    return 400 if version is Version.V12 and fault.side is Side.SENDER else 500


def fault_envelope(fault: SoapFault, version: Version, codec: Codec, reference: str) -> bytes:
    """Write the whole fault message."""
    zh, en = escape(fault.text("zh")), escape(fault.text("en"))
    detail = _detail(fault, codec, reference)
    code = "" if fault.security is None else f"wsse:{fault.security.value}"
    if version is Version.V12:
        subcode = f'<s:Subcode><s:Value xmlns:wsse="{WSSE}">{code}</s:Value></s:Subcode>' if code else ""
        inner = (
            f"<s:Fault><s:Code><s:Value>s:{fault.side.value[1]}</s:Value>{subcode}</s:Code>"
            # One Text, though SOAP 1.2 allows one for each language: of two, gSOAP loses the whole fault and node's soap the words.
            f'<s:Reason><s:Text xml:lang="zh">{zh} | {en}</s:Text></s:Reason>'
            f"<s:Detail>{detail}</s:Detail></s:Fault>"
        )
    else:
        faultcode = f'<faultcode xmlns:wsse="{WSSE}">{code}</faultcode>' if code else f"<faultcode>s:{fault.side.value[0]}</faultcode>"
        inner = (
            f"<s:Fault>{faultcode}<faultstring>{zh} | {en}</faultstring>"
            f"<detail>{detail}</detail></s:Fault>"
        )
    head = f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{version.namespace}"{codec.namespace_declarations()}>'
    return f"{head}<s:Body>{inner}</s:Body></s:Envelope>".encode()


def _detail(fault: SoapFault, codec: Codec, reference: str) -> str:
    message = codec["ContractFaultType"](
        Code=str(fault.result.code),
        MessageZh=fault.text("zh"),
        MessageEn=fault.text("en"),
        Reference=reference,
        Violation=[
            codec["Violation"](Field=v.field, Path=v.path, Line=v.line, ExpectedZh=v.zh, ExpectedEn=v.en)
            for v in fault.violations
        ],
    )
    return codec.by_element[CONTRACT_FAULT].encode(message)
