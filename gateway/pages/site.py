"""The pages as files: one for each contract and section, an index, the result codes; they need nothing from outside and no server.

Must not know where they are put. Drawings of the flows are handed in: who makes them knows the flows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.contract import Codec, load_contract
from gateway.errors import RESULTS, Kind
from gateway.flows.sections import SECTIONS
from gateway.pages.model import ContractPage, OperationPage, Reader
from gateway.pages.painting import painted
from gateway.pages.words import Both, glossary, parties, sentence
from gateway.samples import Numbering
from gateway.samples.sampler import read_contract_names

_HERE = Path(__file__).resolve().parent / "templates"
ORDER = ("vsop", "ppm", "xplatform", "ismp", "ocs", "billing", "crm", "provisioning", "portal", "smshall")
"""Contracts as a newcomer meets them; one that is not named comes last."""
_KINDS = {
    Kind.SUCCESS: "成功", Kind.FORMAT: "报文格式", Kind.IDENTITY: "身份", Kind.USER: "用户", Kind.PRODUCT: "产品", Kind.OFFER: "销售品",
    Kind.RELATION: "订购关系", Kind.FEE: "费用", Kind.ROUTING: "路由", Kind.PARTNER: "对端", Kind.BUSY: "繁忙", Kind.INTERNAL: "内部",
}  # fmt: skip


def site(root: Path, now: datetime, drawings: Mapping[str, str]) -> dict[str, str]:
    """Give all pages by file name.

    `root` holds wsdl/ and docs/glossary.md; `now` is China time and stands in the samples' numbers; `drawings` are SVG texts, by
    [section].[language].svg. Raises ContractError, NoSample, and OSError where a file is missing.
    """
    contracts = root / "wsdl"
    reader = Reader(contracts, glossary(root), Numbering(now))
    names = sorted(read_contract_names(contracts), key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    pages = [reader.page(Codec(load_contract(contracts / f"{name}.wsdl"))) for name in names]
    made = _environment(pages, now)
    by_section = _by_section(pages)
    sections = [section for section in SECTIONS.values() if f"{section.id}.zh.svg" in drawings]
    files = {
        "index.html": _page(made, "index.html", sections=sections),
        "results.html": _page(made, "results.html", results=RESULTS.values(), kinds=_KINDS, fault=_fault(contracts), shown=pages[0]),
        **{f"{page.name}.html": _page(made, "contract.html", page=page, drawn={s.id for s in sections}) for page in pages},
        "search.js": f"window.SEARCH = {json.dumps(list(_index(pages)), ensure_ascii=False)};\n",
        **{name: (_HERE / name).read_text(encoding="utf-8") for name in ("style.css", "app.js")},
    }
    for section in sections:
        pictures = {language: drawings[f"{section.id}.{language}.svg"] for language in ("zh", "en")}
        files[f"flow-{section.id}.html"] = _page(
            made, "flow.html", section=section, uses=by_section.get(section.id, ()), pictures=pictures, sections=sections
        )
    return files


def _environment(pages: Sequence[ContractPage], now: datetime) -> Environment:
    made = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(painted=painted, parties=parties, sentence=sentence)
    titles = {section.id: Both(section.title_zh, section.title_en) for section in SECTIONS.values()}
    made.globals.update(contracts=pages, stamp=now.strftime("%Y%m%d%H%M%S"), titles=titles)
    return made


def _page(made: Environment, template: str, **values: Any) -> str:
    return made.get_template(template).render(**values)


def _fault(contracts: Path) -> str:
    return (contracts / "examples" / "fault.xml").read_text(encoding="utf-8")


def _by_section(pages: Iterable[ContractPage]) -> dict[str, list[tuple[str, ContractPage, OperationPage]]]:
    """Which operations a section uses, by the numbers of its steps."""
    made: dict[str, list[tuple[str, ContractPage, OperationPage]]] = {}
    for page in pages:
        for operation in page.operations:
            for section, numbers in operation.interface.steps.items():
                made.setdefault(section, []).extend((number, page, operation) for number in numbers)
    return {section: sorted(uses, key=lambda use: use[0].strip("+ ")) for section, uses in made.items()}


def _index(pages: Iterable[ContractPage]) -> Iterable[list[str]]:
    """What can be searched for: text, kind, where it is, words in both languages."""
    for page in pages:
        yield [page.name, "contract", f"{page.name}.html", page.words.zh, page.words.en]
        for operation in page.operations:
            yield [operation.name, page.name, f"{page.name}.html#{operation.name}", operation.words.zh, operation.words.en]
            for row in {row.name: row for row in (*operation.request, *operation.answer)}.values():
                yield [row.name, f"{page.name}.{operation.name}", f"{page.name}.html#{operation.name}", row.names.zh, row.type_name]
    for result in RESULTS.values():
        yield [str(result.code), "result code", f"results.html#c{result.code}", result.zh, result.en]
    for section in SECTIONS.values():
        yield [section.id, "flow", f"flow-{section.id}.html", section.title_zh, section.title_en]
