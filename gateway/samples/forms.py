"""A sample in the forms that people use: the XML file, a curl command, a Zeep program, a SoapUI project.

Must not know where it is shown.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.contract.codec import Message
from gateway.contract.document import ROUTING
from gateway.samples.sampler import Sample
from gateway.samples.soapui import project
from gateway.samples.writing import envelope

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its name on the command line, what its file's name ends with, and how it is written."""

    name: str
    suffix: str
    title_zh: str
    title_en: str
    write: Callable[[Sample], str]


def xml(sample: Sample) -> str:
    """Give the request as a file."""
    return DECLARATION + envelope(sample.codec, sample.operation.request, sample.request, sample.routing)


def answer_xml(sample: Sample) -> str:
    """Give the answer as a file."""
    return DECLARATION + envelope(sample.codec, sample.operation.response, sample.answer)


def curl(sample: Sample) -> str:
    """Give a command for a shell; the address is $URL, or the sample's if that is not set."""
    body = envelope(sample.codec, sample.operation.request, sample.request, sample.routing)
    action = shlex.quote(f'SOAPAction: "{sample.operation.action}"')
    return (
        f'curl -sS -w "\\n" "${{URL:-{sample.url}}}" \\\n'
        f"  -H 'Content-Type: text/xml; charset=utf-8' \\\n"
        f"  -H {action} \\\n"
        f"  --data-binary {shlex.quote(body)}\n"
    )


def zeep(sample: Sample) -> str:
    """Give a program for Python with Zeep; the address is its first argument, or the sample's. It prints the answer."""
    lines = ["import sys", "", "import zeep", ""]
    lines += [f'url = sys.argv[1] if len(sys.argv) > 1 else "{sample.url}"']
    # Messages go to that address, whatever the served file names.
    lines += ['client = zeep.Client(f"{url}?wsdl")', "binding = next(iter(client.wsdl.bindings))"]
    lines += ["service = client.create_service(binding, url)"]
    call = f"service.{sample.operation.name}"
    header = ""
    if sample.routing is not None:
        lines += [f'routing = client.get_element("{ROUTING}")(\n{_arguments(sample.routing)})']
        header = "    _soapheaders=[routing],\n"
    return "\n".join(lines) + f"\nanswer = {call}(\n{_arguments(sample.request)}{header})\nprint(answer)\n"


def _arguments(message: Message) -> str:
    return "".join(f"    {name}={_literal(value, 1)},\n" for name, value in _present(message).items())


def _literal(value: Any, depth: int) -> str:
    """Write a value as Python does, fields and items that do not fit a line below each other."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list):
        return repr(value)
    inner = "    " * (depth + 1)
    if isinstance(value, dict):
        pairs = [f"{_literal(name, 0)}: {_literal(item, depth + 1)}" for name, item in value.items()]
    else:
        pairs = [_literal(item, depth + 1) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    short = f"{opening}{', '.join(pairs)}{closing}"
    if len(short) + len(inner) <= 100 and "\n" not in short:
        return short
    return f"{opening}\n" + "".join(f"{inner}{pair},\n" for pair in pairs) + inner[4:] + closing


def _present(message: Message) -> dict[str, Any]:
    """Give the fields that a message has, as plain values; what is absent is left out."""
    held = {name: _plain(getattr(message, name)) for name in message.field_names}
    return {name: value for name, value in held.items() if value is not None and value != []}


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return _present(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value


FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form("xml", ".xml", "报文", "message", xml),
        Form("curl", ".sh", "curl 命令", "curl command", curl),
        Form("zeep", ".py", "Zeep 程序", "Zeep program", zeep),
        Form("soapui", ".soapui.xml", "SoapUI 工程", "SoapUI project", project),
    )
}
