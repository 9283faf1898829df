"""What a set serves, for callers who knocked at the wrong door: the nearest operation, the right address, a list of all. No sockets."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from gateway.contract import Contract
from gateway.errors import UNKNOWN_OPERATION
from gateway.soap.faults import SoapFault, Violation
from gateway.soap.front import SERVICES
from gateway.soap.http import HttpResponse

_TEXT = "text/plain; charset=utf-8"
_ROOTS = ("/", "/services", SERVICES)
# Below this two names have little more in common than their letters.
_ALIKE = 0.55


class Directory:
    """The contracts of a set by the last step of their address."""

    def __init__(self, contracts: Mapping[str, Contract], base: str) -> None:
        self._contracts = contracts
        self._base = base
        self._by_element = {
            element: (name, operation.name)
            for name, contract in reversed(list(contracts.items()))  # of several parties of one contract the first is named
            for element, operation in contract.by_request.items()
        }

    def explain(self, fault: SoapFault, contract: Contract, element: str) -> SoapFault:
        """Give a fault of an unknown operation with the way out; `element` is what stands in the Body, as {namespace}name."""
        if fault.result is not UNKNOWN_OPERATION or not fault.violations:
            return fault
        zh, en = self._hint(contract, element)
        first = fault.violations[0]
        violation = Violation(first.field, first.path, first.line, f"{zh}. {first.zh}", f"{en}. {first.en}")
        return SoapFault(fault.result, fault.side, [violation])

    def root(self, method: str, path: str) -> HttpResponse | None:
        """Answer a GET of the set's root with the list of what is served."""
        return HttpResponse(200, self._list().encode(), _TEXT) if method == "GET" and path in _ROOTS else None

    def missing(self, path: str) -> HttpResponse:
        """Answer for a path that is not served: the nearest one, and all there are."""
        near = get_close_matches(path, [f"{SERVICES}{name}" for name in self._contracts], 1, _ALIKE)
        hint = f"did you mean {self._base}{near[0]}?\n" if near else ""
        return HttpResponse(404, f"nothing is served at this path\n{hint}{self._list()}".encode(), _TEXT)

    def _hint(self, contract: Contract, element: str) -> tuple[str, str]:
        elsewhere = self._by_element.get(element)
        namespace, _, local = element.removeprefix("{").rpartition("}")
        if elsewhere is not None:
            address = f"{self._base}{SERVICES}{elsewhere[0]}"
            return f"此操作属于契约{elsewhere[0]}, 请发往 {address}", f"it is of the contract {elsewhere[0]}: send it to {address}"
        if local in contract.operations:
            wanted, told = contract.namespace, f", not in {namespace[:120]}" if namespace else ""
            return f"此操作的命名空间是 {wanted}", f"{local} is in the namespace {wanted}{told}"
        owners = [name for name, one in self._contracts.items() if local in one.operations]
        if owners:
            address, wanted = f"{self._base}{SERVICES}{owners[0]}", self._contracts[owners[0]].namespace
            return (
                f"此操作属于契约{owners[0]}, 命名空间 {wanted}, 请发往 {address}",
                f"{local} is of the contract {owners[0]}, in the namespace {wanted}: send it to {address}",
            )
        return self._nearest(contract, local)

    def _nearest(self, contract: Contract, local: str) -> tuple[str, str]:
        near = _near(local, contract.operations)
        if near is not None:
            return f"是否指 {near}", f"did you mean {near}?"
        for name, other in self._contracts.items():
            near = _near(local, other.operations)
            if near is not None:
                address = f"{self._base}{SERVICES}{name}"
                return f"最接近的操作是契约{name}的 {near}, 地址 {address}", f"the nearest is {near} of the contract {name}, at {address}"
        return "没有名称相近的操作", "no operation here has a name like it"

    def _list(self) -> str:
        lines = [f"{self._base}{SERVICES}{name}  (?wsdl)  {' '.join(one.operations)}" for name, one in self._contracts.items()]
        return "\n".join(["served here / 此处提供:", *lines, f"{self._base}/_stub/openapi.json  (admin API)", ""])


def _near(name: str, among: Mapping[str, Any]) -> str | None:
    """Give the name most like another one, whatever its letters' case."""
    folded = {one.lower(): one for one in among}
    found = get_close_matches(name[:80].lower(), list(folded), 1, _ALIKE)
    return folded[found[0]] if found else None
