"""`vsopgw samples`: requests and answers of every operation that can be sent as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from gateway.cli.errors import UsageFailed
from gateway.contract import Codec, ContractError, load_contract
from gateway.contract.codec import Message
from gateway.contract.schema import ComplexType, Field, Primitive
from gateway.resources import contracts_dir
from gateway.samples import FORMS, NoSample, Numbering, Sample, Sampler
from gateway.samples.forms import answer_xml
from gateway.samples.sampler import read_contract_names
from gateway.vocabulary import CHINA

_URL = click.option("--url", default=None, help="Address of the service instead of the lab's.")
_WHOLE = click.option("--whole", is_flag=True, help="Every field that the contract knows, once.")


@click.group()
def samples() -> None:
    """A valid request and answer of every operation, under fresh numbers."""


@samples.command("list")
@click.argument("contract", required=False)
def list_samples(contract: str | None) -> None:
    """List the operations, of CONTRACT or of all, and where the lab serves them."""
    numbering = Numbering(datetime.now(CHINA))
    for name in read_contract_names(contracts_dir()) if contract is None else [_known(contract)]:
        sampler = _sampler(name, numbering, None)
        for operation in sampler.operations:
            click.echo(f"{name:<13}{operation:<26}{sampler.sample(operation).url}")


@samples.command()
@click.argument("contract")
@click.argument("operation")
@click.option("--form", type=click.Choice(list(FORMS)), default="xml", show_default=True, help="What to write.")
@click.option("--answer", is_flag=True, help="The answer, as XML.")
@click.option("--set", "changes", multiple=True, metavar="FIELD=VALUE", help="Another value; a/b for b within a. May be repeated.")
@_WHOLE
@_URL
def show(contract: str, operation: str, form: str, answer: bool, changes: tuple[str, ...], whole: bool, url: str | None) -> None:
    """Print the sample of OPERATION of CONTRACT, such as vsop subscribeToVSOP, in one form."""
    if answer and form != "xml":
        raise UsageFailed(f"--answer is written as XML, not as --form {form}")
    _check_address("--url", url)
    sampler = _sampler(_known(contract), Numbering(datetime.now(CHINA)), url)
    if operation not in sampler.operations:
        raise UsageFailed(f"{contract} has no operation {operation}{_nearest(operation, sampler.operations)}")
    sample = sampler.sample(operation, whole=whole)
    for change in changes:
        _put(sample, change)
    click.echo(answer_xml(sample) if answer else FORMS[form].write(sample), nl=False)


@samples.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@_WHOLE
@click.option("--base", default=None, help="Such as http://127.0.0.1:7115: everything is served there, at /services/CONTRACT.")
def write(directory: Path, whole: bool, base: str | None) -> None:
    """Write all samples in all forms into DIRECTORY/CONTRACT/; their numbers belong together."""
    _check_address("--base", base)
    count = 0
    try:
        for path, text in _files(whole, base):
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            count += 1
    except OSError as error:
        raise UsageFailed(f"{directory}: {error.strerror}") from None
    click.echo(f"{count} files in {directory}")


def _files(whole: bool, base: str | None) -> Iterator[tuple[Path, str]]:
    numbering = Numbering(datetime.now(CHINA))
    for contract in read_contract_names(contracts_dir()):
        sampler = _sampler(contract, numbering, base and f"{base.rstrip('/')}/services/{contract}")
        for operation in sampler.operations:
            sample = sampler.sample(operation, whole=whole)
            for form in FORMS.values():
                yield Path(contract, f"{operation}{form.suffix}"), form.write(sample)
            yield Path(contract, f"{operation}Response.xml"), answer_xml(sample)


def _sampler(contract: str, numbering: Numbering, url: str | None) -> Sampler:
    try:
        return Sampler(Codec(load_contract(contracts_dir() / f"{contract}.wsdl")), numbering, base_url=url)
    except (ContractError, NoSample) as error:
        raise UsageFailed(str(error)) from None


def _check_address(option: str, url: str | None) -> None:
    """Refuse what is no address: it is written into commands and programs as it is."""
    if url is not None and not re.fullmatch(r"https?://[\w.:\[\]-]+(/[\w./?&=%~+,;:@-]*)?", url, re.ASCII):
        raise UsageFailed(f"{option} {url}: expected an address such as http://127.0.0.1:7115")


def _known(contract: str) -> str:
    names = read_contract_names(contracts_dir())
    if contract not in names:
        raise UsageFailed(f"there is no contract {contract}{_nearest(contract, names)}")
    return contract


def _nearest(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name.lower(), {n.lower(): n for n in names}, 1, 0.5)
    meant = next((n for n in names if near and n.lower() == near[0]), None)
    return f"; did you mean {meant}?" if meant else f"; there are {', '.join(names)}"


# ---- other values ----------------------------------------------------------------------------------------------------


def _put(sample: Sample, change: str) -> None:
    path, equals, text = change.partition("=")
    if not equals:
        raise UsageFailed(f"--set {change}: expected FIELD=VALUE")
    message, made = sample.request, sample.codec.contract.schemas.element_type(sample.operation.request)
    *outer, last = path.split("/")
    for name in outer:
        field = _field(made, name, change)
        held: Any = getattr(message, name)
        held = held[0] if isinstance(held, list) and held else held
        if field.complex_type is None or not isinstance(held, Message):
            raise UsageFailed(f"--set {change}: {name} holds no fields in this sample; --whole has all of them")
        message, made = held, field.complex_type
    field = _field(made, last, change)
    if field.complex_type is not None:
        raise UsageFailed(f"--set {change}: {last} holds fields: {', '.join(inner.name for inner in field.complex_type.fields)}")
    value = _read(field, text, change)
    setattr(message, last, [value] if field.repeated else value)


def _field(made: ComplexType, name: str, change: str) -> Field:
    field = next((one for one in made.fields if one.name == name), None)
    if field is None:
        raise UsageFailed(f"--set {change}: no field {name}{_nearest(name, [one.name for one in made.fields])}")
    return field


def _read(field: Field, text: str, change: str) -> str | int | bool:
    if field.primitive is Primitive.TRUTH:
        if text not in ("true", "false"):
            raise UsageFailed(f"--set {change}: {field.name} is true or false")
        return text == "true"
    if field.primitive is Primitive.WHOLE:
        try:
            return int(text)
        except ValueError:
            raise UsageFailed(f"--set {change}: {field.name} is a whole number") from None
    return text
