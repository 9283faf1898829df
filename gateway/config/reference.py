"""The reference of all settings as Markdown, docs/configuration.md; its words are those under each field."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from dataclasses import MISSING
from textwrap import dedent

from gateway.config import callers, capturing, dialects, limits, sections, security
from gateway.config.callers import CALLER_SECTIONS
from gateway.config.reading import Key, keys_of
from gateway.config.sections import PARTNERS, SECTIONS, PartnerConfig

_HEAD = """\
    # Configuration

    Made from the code by `vsopgw docs write`; a test compares the two.

    A gateway is started with one TOML file: `vsopgw serve -c etc/provincial.toml`. `vsopgw config check FILE` names
    every mistake in it, with file and line; an unknown section or key is a mistake.

    - **Environment**: `VSOPGW_SECTION__KEY=value` beats the file: `VSOPGW_GATEWAY__PORT=7011`,
      `VSOPGW_PARTNERS__XPLATFORM__303__URL=http://10.0.0.9/services/xplatform`. Two underscores divide section and
      key; lists are separated by commas. Any other variable that begins with `VSOPGW_` is a mistake.
    - **Command line**: `--set gateway.port=7011` beats the environment.
    - **Placeholders**: `{province}`, `{tier}` and `{name}` in a text are replaced by those of this gateway, so that one
      file serves every province.
    - **Paths** of what is read (contracts, number plan) are relative to the configuration file; of what is written
      (state, store, token) to the current directory.
    """

_CALLERS = """\
    # The file of partners

    `access.partners` names it; how it is used: [access.md](access.md). Each partner that may call has a section of its own name. Neither
    the environment nor the command line overrides anything of it; placeholders are replaced as above.
    """

_TITLES = {PARTNERS: "partners.NAME"}


def config_reference() -> str:
    """Describe every section and key: form, default, meaning."""
    words = _docstrings()
    described: Mapping[str, type] = {**SECTIONS, PARTNERS: PartnerConfig}
    by_name = [dedent(_CALLERS), *(_section(name, kind, words[kind.__name__]) for name, kind in CALLER_SECTIONS.items())]
    return "\n".join([dedent(_HEAD), *(_section(name, kind, words[kind.__name__]) for name, kind in described.items()), *by_name])


def _section(name: str, kind: type, words: Mapping[str, str]) -> str:
    rows = [
        f"| `{key.written}` | {key.form.expected.replace('|', chr(92) + '|')} | {_default(key)} | {words[key.field]} |"
        for key in keys_of(name, kind)
    ]
    title = f"## [{_TITLES.get(name, name)}]"
    head = ["| key | value | default | meaning |", "|---|---|---|---|"]
    return "\n".join([title, "", inspect.cleandoc(kind.__doc__ or ""), "", *head, *rows, ""])


def _default(key: Key) -> str:
    if key.derived is not None:
        return key.derived.words
    return "required" if key.default is MISSING else f"`{key.form.show(key.default)}`"


def _docstrings() -> Mapping[str, Mapping[str, str]]:
    """Read the text under each field of each class from the source."""
    said: dict[str, Mapping[str, str]] = {}
    for module in (security, limits, dialects, capturing, sections, callers):  # the first has what classes of the second are made of
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.ClassDef):
                made_of = [said[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in said]
                said[node.name] = {**(made_of[0] if made_of else {}), **_under_fields(node)}
    return said


def _under_fields(node: ast.ClassDef) -> Mapping[str, str]:
    texts = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            texts[field.target.id] = inspect.cleandoc(str(below.value.value)).replace("\n", " ").replace("|", "\\|")
    return texts
