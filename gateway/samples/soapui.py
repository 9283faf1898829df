"""A SoapUI project with one request of one operation, to be opened in SoapUI, or played by `vsopgw soapui run`.

Only elements that are seen in real project files are written. Must not know how a project is run.
"""

from __future__ import annotations

from gateway.contract.codec import escape
from gateway.contract.schema import parse_file
from gateway.samples.sampler import Sample
from gateway.samples.writing import envelope

CONFIG = "http://eviware.com/soapui/config"
_WSDL = "http://schemas.xmlsoap.org/wsdl/"
# The last one is named the wrong way round in SoapUI: it means "is not a fault".
_ASSERTIONS = ("SOAP Response", "Schema Compliance", "SOAP Fault Assertion")


def project(sample: Sample) -> str:
    """Give a project with the interface, the request as SoapUI shows it, and a case that sends it."""
    contract, operation = sample.codec.contract, sample.operation
    name, binding = _quoted(operation.name), f"{{{contract.namespace}}}{_binding(sample)}"
    body = envelope(sample.codec, operation.request, sample.request, sample.routing).replace("]]>", "]]]]><![CDATA[>")
    where = f"<con:endpoint>{escape(sample.url)}</con:endpoint>"
    asked = f"<con:encoding>UTF-8</con:encoding>{where}<con:request><![CDATA[{body}]]></con:request>"
    checks = "".join(f"<con:assertion type={_quoted(kind)}><con:configuration/></con:assertion>" for kind in _ASSERTIONS)
    interface = _quoted(_binding(sample))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<con:soapui-project name={_quoted(sample.name)} soapui-version="5.7.0" xmlns:con="{CONFIG}">',
        "<con:settings/>",
        f'<con:interface xsi:type="con:WsdlInterface" wsaVersion="NONE" name={interface} type="wsdl" bindingName="{binding}" '
        f'soapVersion="1_1" anonymous="optional" definition={_quoted(f"{sample.url}?wsdl")} '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">',
        f"<con:settings/><con:endpoints>{where}</con:endpoints>",
        f'<con:operation isOneWay="false" action={_quoted(operation.action)} name={name} bindingOperationName={name} '
        'type="Request-Response" inputName="" receivesAttachments="false" sendsAttachments="false" anonymous="optional">',
        f'<con:settings/><con:call name="Request 1"><con:settings/>{asked}</con:call>',
        "</con:operation>",
        "</con:interface>",
        '<con:testSuite name="samples"><con:settings/><con:runType>SEQUENTIAL</con:runType>',
        f"<con:testCase name={name}><con:settings/>",
        f'<con:testStep type="request" name={name}><con:settings/>',
        '<con:config xsi:type="con:RequestStep" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">',
        f"<con:interface>{escape(_binding(sample))}</con:interface><con:operation>{escape(operation.name)}</con:operation>",
        f"<con:request name={name}><con:settings/>{asked}{checks}</con:request>",
        "</con:config></con:testStep></con:testCase></con:testSuite>",
        "</con:soapui-project>",
    ]
    return "\n".join(lines) + "\n"


def _binding(sample: Sample) -> str:
    root = parse_file(sample.codec.contract.path)
    return str(next(root.iter(f"{{{_WSDL}}}binding")).get("name"))


def _quoted(text: str) -> str:
    return '"' + escape(text).replace('"', "&quot;") + '"'
