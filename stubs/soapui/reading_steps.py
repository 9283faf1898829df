"""Test steps of a SoapUI project file as values. A kind that is not run is read by name only.

A known kind that is broken is refused by line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lxml import etree

from stubs.soapui.documents import NotXml, local, parse_text
from stubs.soapui.model import (
    Addressing,
    AssertionSpec,
    DelayStep,
    GotoCondition,
    GotoStep,
    Interface,
    ProjectError,
    PropertiesStep,
    RequestStep,
    Step,
    Transfer,
    TransferStep,
)
from stubs.soapui.nodes import children, flag, properties_of, text_of

_LABELS = {
    "SOAP Fault Assertion": "Not SOAP Fault",  # the ids are named the wrong way round
    "Not SOAP Fault Assertion": "SOAP Fault",
    "Simple Contains": "Contains",
    "Simple NotContains": "Not Contains",
    "Response SLA Assertion": "Response SLA",
    "WS-A Response Assertion": "WS-Addressing Response",
    "WS-A Request Assertion": "WS-Addressing Request",
}
_WSA = {"200408": "http://schemas.xmlsoap.org/ws/2004/08/addressing", "200508": "http://www.w3.org/2005/08/addressing"}


def read_step(node: etree._Element, name: str, path: Path, interfaces: Mapping[str, Interface]) -> Step:
    """Read one con:testStep; raises ProjectError."""
    kind = node.get("type", "")
    plain = Step(name, kind, flag(node, "disabled"), node.sourceline or 1)
    config = next(children(node, "config"), None)
    match kind:
        case "request":
            return _request(plain, _needed(config, plain, path), path, interfaces)
        case "properties":
            return _properties(plain, _needed(config, plain, path), path)
        case "transfer":
            nodes = children(_needed(config, plain, path), "transfers")
            return TransferStep(name, kind, plain.disabled, plain.line, tuple(_transfer(each, path) for each in nodes))
        case "delay":
            found = text_of(_needed(config, plain, path), "delay").strip()
            return DelayStep(name, kind, plain.disabled, plain.line, found or "1000")
        case "goto":
            nodes = children(_needed(config, plain, path), "condition")
            return GotoStep(name, kind, plain.disabled, plain.line, tuple(_condition(each) for each in nodes))
    return plain


def _needed(config: etree._Element | None, step: Step, path: Path) -> etree._Element:
    if config is None:
        raise ProjectError(path, step.line, f"step {step.name}: con:config is missing")
    return config


def _request(step: Step, config: etree._Element, path: Path, interfaces: Mapping[str, Interface]) -> RequestStep:
    interface, operation = text_of(config, "interface"), text_of(config, "operation")
    node = next(children(config, "request"), None)
    if node is None or not interface:
        raise ProjectError(path, step.line, f"step {step.name}: con:interface and con:request are needed")
    known = interfaces.get(interface)
    if known is None:
        there = ", ".join(interfaces) or "none"
        raise ProjectError(path, step.line, f"step {step.name}: the project has no WSDL interface {interface}; there are: {there}")
    if known.actions and operation not in known.actions:
        there = ", ".join(known.actions)
        raise ProjectError(path, step.line, f"step {step.name}: interface {interface} has no operation {operation}; there are: {there}")
    settings = _settings(node)
    return RequestStep(
        step.name, step.kind, step.disabled, step.line,
        interface=interface,
        operation=operation,
        endpoint=text_of(node, "endpoint").strip() or next(iter(known.endpoints), ""),
        body=text_of(node, "request"),
        encoding=text_of(node, "encoding").strip() or "UTF-8",
        headers=_headers(settings.get("request-headers", ""), step, path),
        timeout=(node.get("timeout") or settings.get("timeout", "")).strip(),
        entitize=settings.get("entitize", "") == "true",
        addressing=_addressing(node),
        assertions=tuple(_assertion(each) for each in children(node, "assertion")),
        cannot=_cannot(node),
    )  # fmt: skip


def _settings(node: etree._Element) -> dict[str, str]:
    """Settings of a request by what stands behind the @ of their id."""
    group = next(children(node, "settings"), None)
    nodes = [] if group is None else list(children(group, "setting"))
    return {(each.get("id") or "").rpartition("@")[2]: each.text or "" for each in nodes}


def _headers(text: str, step: Step, path: Path) -> tuple[tuple[str, str], ...]:
    if not text.strip():
        return ()
    try:
        root = parse_text(text)
    except NotXml as error:
        raise ProjectError(path, step.line, f"step {step.name}: setting request-headers: {error.reason}") from None
    entries = [node for node in root.iter(etree.Element) if local(node) == "entry"]
    return tuple((entry.get("key") or "", entry.get("value") or "") for entry in entries)


def _cannot(node: etree._Element) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    if (node.get("outgoingWss") or "").strip():
        found.append(("WS-Security配置 (outgoingWss)", "a WS-Security configuration (outgoingWss)"))
    credentials = next(children(node, "credentials"), None)
    if credentials is not None and text_of(credentials, "username").strip():
        found.append(("用户名和口令 (credentials)", "a user name and password (credentials)"))
    if next(children(node, "attachment"), None) is not None:
        found.append(("附件", "attachments"))
    return tuple(found)


def _addressing(node: etree._Element) -> Addressing | None:
    config = next(children(node, "wsaConfig"), None)
    if config is None or not flag(node, "useWsAddressing"):
        return None
    must = config.get("mustUnderstand", "NONE")
    return Addressing(
        namespace=_WSA.get(config.get("version", ""), _WSA["200508"]),
        action=config.get("action", ""),
        to=config.get("to", ""),
        reply_to=config.get("replyTo", ""),
        message_id=config.get("messageID", ""),
        make_message_id=flag(config, "generateMessageId"),
        default_action=flag(config, "addDefaultAction"),
        default_to=flag(config, "addDefaultTo"),
        must_understand=None if must == "NONE" else must == "TRUE",
    )


def _assertion(node: etree._Element) -> AssertionSpec:
    kind = node.get("type", "")
    config = next(children(node, "configuration"), None)
    values = {} if config is None else {local(each): each.text or "" for each in config.iterchildren(etree.Element)}
    return AssertionSpec(
        kind, node.get("name") or _LABELS.get(kind, kind), flag(node, "disabled"), values, node.sourceline or 1
    )


def _properties(step: Step, config: etree._Element, path: Path) -> Step:
    for name in ("source", "target"):
        if text_of(config, name).strip():  # SoapUI would read or write that file
            raise ProjectError(path, step.line, f"step {step.name}: a properties step may not name a file (con:{name})")
    return PropertiesStep(step.name, step.kind, step.disabled, step.line, properties_of(config, path))


def _transfer(node: etree._Element, path: Path) -> Transfer:
    name = text_of(node, "name")
    source, target = text_of(node, "sourceType"), text_of(node, "targetType")
    if not source or not target:
        raise ProjectError(path, node.sourceline, f"transfer {name}: con:sourceType and con:targetType are needed")
    return Transfer(
        name=name,
        disabled=flag(node, "disabled"),
        source_step=text_of(node, "sourceStep").strip(),
        source_type=source,
        source_path=text_of(node, "sourcePath").strip(),
        target_step=text_of(node, "targetStep").strip(),
        target_type=target,
        target_path=text_of(node, "targetPath").strip(),
        fail_on_error=flag(node, "failOnError"),
        null_on_missing=flag(node, "setNullOnMissingSource", True),
        text_content=flag(node, "transferTextContent", True),
        ignore_empty=flag(node, "ignoreEmpty"),
        to_all=flag(node, "transferToAll"),
        entitize=flag(node, "entitize"),
        child_nodes=flag(node, "transferChildNodes"),
        xquery=flag(node, "useXQuery"),
    )


def _condition(node: etree._Element) -> GotoCondition:
    return GotoCondition(
        text_of(node, "name"),
        text_of(node, "type").strip().upper() or "XPATH",
        text_of(node, "expression").strip(),
        text_of(node, "targetStep").strip(),
    )
