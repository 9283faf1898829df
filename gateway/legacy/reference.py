"""docs/legacy.md: what old clients may send, made of the tables and of the contracts' own examples.

Must not know how a document is written to disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

from lxml import etree

from gateway.legacy.dialect import Dialect
from gateway.legacy.profile import ISMP_CRM, ISMP_SP, LEGACY, PREFIX, dialects
from gateway.legacy.table import Form, Known, Mapped, Row
from gateway.resources import contracts_dir
from gateway.soap.envelope import parse_envelope

_HEAD = f"""
    # Old wire forms

    Made from the code by `vsopgw docs write`; a test compares the two.

    Beside the typed contracts a gateway can serve the forms that the field's systems have spoken since before VSOP: `serve = true` in
    `[legacy]`. They stand at `{PREFIX}SERVICE`, with `?wsdl`; the files are in `wsdl/legacy/`. Each operation stands for a typed one: a
    message is checked by its own schema, written anew as the typed message, and goes the same way from there: who may call, contract,
    flow, answer. A partner that is called in an old form has `dialect` in its section of the configuration.

    ## What is taken

    - **Outer message of the string profile**: SOAP 1.1 or 1.2; wrapped as the WSDL says, bare, or rpc with `xsi:type` (`xsd:string`,
      `soapenc:string`); named by the request or by the operation, in the namespace of the WSDL or in none. The string is CDATA or escaped.
      SOAPAction is empty, missing, or the operation's bare name. An rpc request gets an rpc answer.
    - **The document inside**: `<Request><SessionBody>...`; `SessionHeader`, `SessionBody` and `Request` may be left out. An XML declaration
      may begin it, and its encoding says nothing: a string has characters, not bytes. After a blank or a line break it is refused, with
      line and column. DTD, processing instructions and entities are refused, and the limits of an envelope count for it too.
    - **Times**: yyyyMMddHHmmss, yyyyMMddHHmm, yyyyMMdd, `yyyy-MM-dd HH:mm:ss` and yyyy-MM-dd. We write the first. An empty EffDate is now,
      an empty ExpDate never.
    - **The ISMP engines**: document/literal bare, or the rpc wrapper with `xsi:type` at each field, whose fields stand in the namespace of
      the WSDL or in none, in any order. A field that is `xsi:nil` is one that is not there. SOAPAction is empty. Values that stand
      beside the call (`href`, `multiRef`) are read as if they stood in their place.

    A whole message, as Axis clients of the field send it:

    ```xml
    <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
      <soapenv:Body>
        <SubscribeToVSOPReq xmlns="http://www.mbossvsop.com.cn/vsop">
          <request><![CDATA[<Request><SessionBody><SubscribeToVSOPReq>...</SubscribeToVSOPReq></SessionBody></Request>]]></request>
        </SubscribeToVSOPReq>
      </soapenv:Body>
    </soapenv:Envelope>
    ```

    ## What is answered

    | | string profile | ISMP engines |
    |---|---|---|
    | the outer message is broken | SOAP fault with our code | SOAP fault with our code |
    | the document or a field breaks its schema | HTTP 200, `-98`, text with our code, field and line | SOAP fault with our code |
    | refused by a rule or a service | HTTP 200, `1` or `-1`, text with our code | HTTP 200, ISMP's code, `999` where it has none |
    | busy, or something failed here: ask again | HTTP 200, `-99`, text with our code | HTTP 200, `-99` |
    | the caller may not call, or failed to prove who it is | SOAP fault with our code | SOAP fault with our code |

    `ResultDesc` of a refusal begins with our code in brackets: `[5001] ...`; docs/errors.md has them all. `-98` and `-99` are the field's
    own.

    ## What the old forms cannot say

    - One message of the ISMP engines, and of the relation services, is about one product. An order of several is several messages; their
      numbers are the request's with two digits more. A result "accepted, the rest follows" is none there: what they answer is final.
    - Nothing of the catalogue: the old feeds carry no version, without which an older state could overwrite a newer one.
    - orderStateQry, serverActionResult and notifyProductTest are ours, and have no old form. A change of number is not told to an ISMP that
      is called as `ismp-crm`: that order part is parked for a person.
    - Suspend and resume: channels have no ActionType for them in the string profile.
    - OPType 4, 5 and 6 of a relation report (everything of a partner, replace): report each relation.
    """

_TITLES = {
    LEGACY: "The string profile",
    ISMP_SP: "IsmpSpEngine: ISMP tells us, and we tell the platforms of partners (SP)",
    ISMP_CRM: "IsmpCrmEngine: we ask ISMP, and ISMP reports",
}


def legacy_reference() -> str:
    """Describe the old forms, each operation with its fields and an example."""
    spoken = dialects(contracts_dir())
    lines = [cleandoc(_HEAD), ""]
    for name, title in _TITLES.items():
        lines += [f"## {title}", "", f"`dialect = \"{name}\"` where a partner is called so.", ""]
        for mapped in spoken[name].mapped:
            lines += _operation(spoken[name], mapped)
    return "\n".join(lines)


def _operation(dialect: Dialect, mapped: Mapped) -> Iterator[str]:
    yield f"### {mapped.service}.{mapped.operation}"
    yield ""
    yield f"Stands for `{mapped.typed}` of the contract `{mapped.contract}`{_limits(mapped)}."
    yield ""
    yield "| old field | typed field | |"
    yield "|---|---|---|"
    yield from _rows(mapped.ask, "", "")
    if mapped.tell:
        yield "| *answer* | | |"
        yield from _rows(mapped.tell, "", "")
    yield ""
    if mapped.served:
        yield from _example(dialect.old_request(mapped, _read(mapped, "")))
        yield from _example(dialect.old_answer(mapped, _read(mapped, "Response")))


def _limits(mapped: Mapped) -> str:
    told = f"; a refusal is `{mapped.failure}`"
    if mapped.when:
        told += f"; for ActionType {' and '.join(mapped.when)}"
    if not mapped.served:
        told += "; it is only sent"
    return told


def _rows(rows: tuple[Row, ...], old: str, new: str) -> Iterator[str]:
    for row in rows:
        here = f"{old}{row.old}" if row.old else ""
        there = f"{new}{row.new}" if row.new else ""
        if row.inner:
            yield from _rows(row.inner, f"{here}/" if here else old, f"{there}/")
        else:
            yield f"| {_code(here)} | {_code(there)} | {_note(row)} |"


def _code(name: str) -> str:
    return f"`{name}`" if name else "-"


def _note(row: Row) -> str:
    if row.known is not None:
        return str(row.known) if isinstance(row.known, Known) else f"always `{row.known}`"
    if row.says:
        return f"always `{row.says}`"
    if row.otherwise:
        return f"absent or empty: `{row.otherwise}`"
    if not row.new:
        return "read and not used"
    values = ", ".join(f"`{old}` is `{new}`" for old, new in row.values.items() if old != new)
    return values or ("a time" if row.form is Form.TIME else "")


def _example(old: etree._Element) -> Iterator[str]:
    for node in old.iter(etree.Element):  # the namespaces are in the WSDL; here they would hide the fields
        node.tag = etree.QName(node).localname
    etree.cleanup_namespaces(old)
    etree.indent(old)
    yield from ("```xml", etree.tostring(old, encoding="unicode"), "```", "")


def _read(mapped: Mapped, end: str) -> etree._Element:
    path: Path = contracts_dir() / "examples" / mapped.contract / f"{mapped.typed}{end}.xml"
    return parse_envelope(path.read_bytes(), None, frozenset()).body
