"""The linter of contracts and of captured messages: WS-I Basic Profile 1.1, Simple SOAP Binding 1.0, and the rules of wsdl/README.md.

Pure functions over parsed files; reads files, opens no connection, knows no gateway.
"""

from gateway.contract.lint.captured import Captured, captured
from gateway.contract.lint.findings import Finding, Rule
from gateway.contract.lint.messages import lint_message, lint_messages
from gateway.contract.lint.report import as_json, junit, text
from gateway.contract.lint.running import RULES, Scope, Unusable, lint_contracts

__all__ = [
    "RULES",
    "Captured",
    "Finding",
    "Rule",
    "Scope",
    "Unusable",
    "as_json",
    "captured",
    "junit",
    "lint_contracts",
    "lint_message",
    "lint_messages",
    "text",
]
