"""What a page says of a contract: operations, fields, codes, samples, steps; read from the contract and what stands beside it.

Must not know how it is laid out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.contract import Codec
from gateway.contract.document import CONTRACT_FAULT
from gateway.contract.schema import ComplexType, Field
from gateway.legacy.profile import dialects
from gateway.pages.words import Both, codes, split
from gateway.samples import FORMS, Form, Interface, Numbering, Sample, Sampler, interfaces
from gateway.samples.forms import answer_xml, xml


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One line of a table of fields; `depth` says inside how many others it stands."""

    depth: int
    name: str
    names: Both
    meaning: str
    occurs: str
    required: bool
    type_name: str
    facets: tuple[tuple[str, str], ...]
    codes: Mapping[str, Both]


@dataclass(frozen=True, slots=True)
class Written:
    """A sample in one form."""

    form: Form
    text: str


@dataclass(frozen=True, slots=True)
class OperationPage:
    """All that is told of one operation."""

    name: str
    action: str
    words: Both
    interface: Interface
    url: str
    request: Sequence[FieldRow]
    answer: Sequence[FieldRow]
    samples: Sequence[Written]
    whole: str
    answer_sample: str
    needs: Both
    old: Sequence[str]
    """Names of the field's old forms that lead to it."""


@dataclass(frozen=True, slots=True)
class ContractPage:
    """One contract."""

    name: str
    words: Both
    address: str
    sha256: str
    operations: Sequence[OperationPage]
    fault: Sequence[FieldRow]


class Reader:
    """Reads contracts into pages; `numbering` joins the samples of all of them."""

    def __init__(self, contracts: Path, terms: Mapping[str, Both], numbering: Numbering) -> None:
        self._contracts = contracts
        self._terms = terms
        self._numbering = numbering
        self._interfaces = interfaces(contracts)
        self._old: dict[tuple[str, str], list[str]] = {}
        for dialect in dialects(contracts).values():
            for service, mapped in dialect.services().items():
                for one in mapped:
                    self._old.setdefault((one.contract, one.typed), []).append(f"{service}.{one.operation}")

    def page(self, codec: Codec) -> ContractPage:
        """Read one contract; raises ContractError and NoSample."""
        contract = codec.contract
        sampler = Sampler(codec, self._numbering)
        operations = [self._operation(codec, sampler, name) for name in contract.operations]
        fault = list(self._rows(codec, codec.contract.schemas.element_type(CONTRACT_FAULT)))
        return ContractPage(contract.name, _named(contract.documentation), contract.address, contract.sha256, operations, fault)

    def _operation(self, codec: Codec, sampler: Sampler, name: str) -> OperationPage:
        described = codec.contract.operations[name]
        sample: Sample = sampler.sample(name)
        schemas = codec.contract.schemas
        key = (codec.contract.name, name)
        return OperationPage(
            name=name,
            action=described.action,
            words=split(described.documentation),
            interface=self._interfaces[key],
            url=sample.url,
            request=list(self._rows(codec, schemas.element_type(described.request))),
            answer=list(self._rows(codec, schemas.element_type(described.response))),
            samples=[Written(form, form.write(sample)) for form in FORMS.values()],
            whole=xml(sampler.sample(name, whole=True)),
            answer_sample=answer_xml(sample),
            needs=Both(sample.story.zh, sample.story.en),
            old=sorted(self._old.get(key, ())),
        )

    def _rows(self, codec: Codec, made: ComplexType, depth: int = 0) -> Iterator[FieldRow]:
        for field in made.fields:
            yield self._row(codec, field, depth)
            if field.complex_type is not None:
                yield from self._rows(codec, field.complex_type, depth + 1)

    def _row(self, codec: Codec, field: Field, depth: int) -> FieldRow:
        schemas = codec.contract.schemas
        said = schemas.documentation(field.type_name)
        facets = [] if field.complex_type is not None else schemas.facets(field.type_name)
        values = [value for facet, value in facets if facet == "enumeration"]
        term = self._terms.get(field.name, Both(field.name, ""))
        return FieldRow(
            depth=depth,
            name=field.name,
            names=term,
            meaning="" if values else said_en if re.search("[a-z]{3}", said_en := split(said).en) else term.en,
            occurs=f"{field.minimum}" if field.maximum == field.minimum else f"{field.minimum}..{field.maximum or 'n'}",
            required=field.minimum > 0,
            type_name=field.type_name.rpartition("}")[2],
            facets=tuple((facet, value) for facet, value in facets if facet not in ("enumeration", "base")),
            codes=codes(said, values) if values else {},
        )


def _named(text: str) -> Both:
    """Take `VSOP 订购平台: what it serves.` apart: a heading and a sentence."""
    name, _, rest = text.partition(": ")
    return Both(name, rest)
