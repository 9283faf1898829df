"""One table says what digits mean; the README and the lab agree with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stubs.kit.magic import COMMON, MAGIC, Behaviour, behaviour_of, number_of, table
from stubs.kit.world_file import read_world
from stubs.roles import ROLES


def test_readme_has_the_table(root: Path) -> None:
    """What people read is what the code does."""
    assert table() in (root / "stubs/README.md").read_text("utf-8")


def test_every_row_is_something_its_roles_can_do() -> None:
    """No digits stand for a behaviour that a role does not know."""
    pairs = [(row, role) for row in MAGIC for role in row.roles]
    assert [row.digits for row, role in pairs if row.behaviour not in ROLES[role].behaviours] == []


def test_every_behaviour_can_be_set_somewhere() -> None:
    """None is left over."""
    assert frozenset().union(*(role.behaviours for role in ROLES.values())) == frozenset(Behaviour)


def test_digits_mean_one_thing() -> None:
    """The first row for a number is the only one."""
    assert len({row.digits for row in MAGIC}) == len(MAGIC)


def test_the_lab_has_a_number_for_each_row(root: Path) -> None:
    """Each row can be tried with the lab's subscribers."""
    endings = {number[-4:] for number in read_world([root / "etc/lab/subscribers.toml"]).subscribers}
    assert [row.digits for row in MAGIC if row.digits not in endings] == []


@pytest.mark.parametrize(
    ("role", "number", "mode", "expected"),
    [
        ("xplatform", "18907919001", Behaviour.FINAL, Behaviour.REFUSE),
        ("ocs", "18907919001", Behaviour.FINAL, Behaviour.FINAL),
        ("xplatform", "18907919001", Behaviour.CALLBACK, Behaviour.REFUSE),
        ("xplatform", "18907910001", Behaviour.CALLBACK, Behaviour.CALLBACK),
        ("billing", "", Behaviour.LOST, Behaviour.LOST),
    ],
)
def test_digits_go_before_the_mode(role: str, number: str, mode: Behaviour, expected: Behaviour) -> None:
    """Only for the roles of the row; else the mode holds."""
    assert behaviour_of(role, number, mode) is expected


@pytest.mark.parametrize("number", ["18907919001", "18907910001"])
def test_away_goes_before_the_digits(number: str) -> None:
    """A partner that is down does not read them."""
    assert behaviour_of("xplatform", number, Behaviour.AWAY) is Behaviour.AWAY


@pytest.mark.parametrize(
    ("operation", "number"),
    [
        ("xplatform.serverAction", "18907910001"),
        ("ismp.subActionFromVSOP", "18907910001"),
        ("ismp.getSubscription", "18907910001"),
        ("xplatform.userInfoSync", "18907910001"),
        ("provisioning.submitCustomerOrder", "18907910001"),
        ("xplatform.productInfoSync", "P1"),
        ("xplatform.PPOfferInfoSync", "F1"),
        ("xplatform.notifyProductTest", "P1"),
        ("crm.orderReceipt", ""),
    ],
)
def test_whom_or_what_a_request_is_about(scene: Any, operation: str, number: str) -> None:
    """A user's number, else the id of a product or offer, else nothing."""
    assert number_of(scene.request(operation)) == number


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_the_common_modes(role: str) -> None:
    """A mode such as lost can be tried on any partner."""
    assert ROLES[role].behaviours >= COMMON
