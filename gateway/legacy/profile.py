"""All dialects there are, from the files beside the contracts; and the doors by which a process serves them.

Must not know who is served.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.contract import ContractError
from gateway.contract.schema import XS, parse_file
from gateway.legacy import ismp, strings
from gateway.legacy.codes import IsmpCodes, StringCodes
from gateway.legacy.dialect import Dialect
from gateway.legacy.documents import Schema
from gateway.legacy.mapping import Source
from gateway.legacy.serving import Door
from gateway.legacy.wires import FieldWire, StringWire
from gateway.soap.endpoint import Endpoint

PREFIX = "/VsopWeb/services/"
"""Where the field's services stand."""

LEGACY, ISMP_SP, ISMP_CRM = "legacy", "ismp-sp", "ismp-crm"


def dialects(contracts: Path) -> dict[str, Dialect]:
    """Read the dialects of a directory of contracts, by name; raises ContractError."""
    files = contracts / "legacy" / "xsd"
    made = [
        Dialect(
            LEGACY, StringWire(strings.NAMESPACE, Schema(files / "documents.xsd")), strings.HEAD, StringCodes(),
            (*strings.SERVED, *strings.CALLED),
        ),
        Dialect(ISMP_SP, FieldWire(*ismp.SP_NAMESPACES, Schema(files / "ismp-sp.xsd")), ismp.HEAD, IsmpCodes(), ismp.SP),
        Dialect(ISMP_CRM, FieldWire(*ismp.CRM_NAMESPACES, Schema(files / "ismp-crm.xsd")), ismp.HEAD, IsmpCodes(), ismp.CRM),
    ]  # fmt: skip
    return {one.name: one for one in made}


@dataclass(frozen=True, slots=True)
class Service:
    """One service as it is served: its door, its WSDL file, and the names under which SOAPAction may say that it is no new work."""

    door: Door
    wsdl: Path
    urgent: tuple[str, ...]

    def published(self, address: str) -> dict[str, bytes]:
        """Give its files by name, byte for byte but for the address; the WSDL comes first. Raises ContractError."""
        old = f'location="http://127.0.0.1{PREFIX}{self.wsdl.stem}"'.encode()
        files = {self.wsdl.name: self.wsdl.read_bytes().replace(old, f'location="{address}"'.encode())}
        waiting = [self.wsdl]
        while waiting:
            path = waiting.pop()
            for node in parse_file(path).iter(f"{{{XS}}}import"):
                there = (path.parent / str(node.get("schemaLocation"))).resolve()
                name = there.relative_to(self.wsdl.parent.resolve()).as_posix()
                if name not in files:
                    files[name] = there.read_bytes()
                    waiting.append(there)
        return files


def services(
    contracts: Path,
    endpoints: Mapping[str, Endpoint],
    source: Callable[[str], Source],
    reference: Callable[[], str],
    new_work: frozenset[str] = frozenset(),
) -> dict[str, Service]:
    """Give the services that these endpoints, by contract, can be reached by, by path; raises ContractError.

    `source` gives what messages of a dialect do not carry; `new_work` names typed operations as [contract]/[operation].
    """
    made: dict[str, Service] = {}
    for dialect in dialects(contracts).values():
        for name, mapped in dialect.services().items():
            here = [one for one in mapped if one.contract in endpoints]
            wsdl = contracts / "legacy" / f"{name}.wsdl"
            if not here:
                continue
            if not wsdl.is_file():
                raise ContractError(wsdl, 1, "contract file does not exist")
            urgent = tuple(one.operation for one in here if f"{one.contract}/{one.typed}" not in new_work)
            made[PREFIX + name] = Service(Door(dialect, here, endpoints, source(dialect.name), reference), wsdl, urgent)
    return made
