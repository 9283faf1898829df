"""What runs share: contracts made once, endpoints that change hands."""

from __future__ import annotations

import pytest

from gateway.contract import ContractError
from gateway.resources import contracts_dir
from gateway.sim.workshop import Workshop
from stubs.roles import ROLES

OCS = contracts_dir() / "ocs.wsdl"


class Till:
    """Answers every operation of a contract."""

    def __getattr__(self, name):
        async def answer(request, exchange):
            return request

        return answer


def test_contract_is_made_once():
    """The second run gets the first one's."""
    workshop = Workshop()
    assert workshop.codec(OCS) is workshop.codec(OCS)


def test_endpoint_changes_hands():
    """The next life of a process gets the same endpoint, with its own handler behind it."""
    workshop = Workshop()
    lend = workshop.gateway_endpoint("jiangxi-1")
    one, other = (lend(workshop.codec(OCS), Till(), str) for _ in range(2))
    assert one is other


def test_processes_have_their_own():
    """Two that live at once do not share one."""
    workshop = Workshop()
    one, other = (workshop.gateway_endpoint(name)(workshop.codec(OCS), Till(), str) for name in ("a", "b"))
    assert one is not other


def test_missing_operation_is_still_told():
    """A handler that lacks one is refused when the endpoint is made, as always."""
    workshop = Workshop()
    with pytest.raises(ContractError):
        workshop.stub_endpoint("jiangxi")(workshop.codec(OCS), object(), str)


def test_every_role_has_a_contract():
    """What stub sets play can be made."""
    workshop = Workshop()
    assert all(workshop.codec(contracts_dir() / f"{role.contract}.wsdl") for role in ROLES.values())
