"""From a file, the environment and overrides to a Config, or to all mistakes at once.

Must not know how a setting is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gateway.config.derived import HOME
from gateway.config.forms import Unfit
from gateway.config.number_plan import read_number_plan
from gateway.config.partners import read_partners, with_known_operations, with_own_vsop
from gateway.config.reading import Reading, keys_of
from gateway.config.sections import SECTIONS, Config, PartnerConfig
from gateway.config.secured import judge_tls, with_files
from gateway.config.sources import ConfigMistakes, Document, Settings
from gateway.domain.numbers import NumberPlan
from gateway.domain.party import SMSHALL, Address, Party

_NOTHING: Mapping[str, object] = MappingProxyType({})


def load_config(path: Path, environ: Mapping[str, str], overrides: Mapping[str, object] = _NOTHING) -> Config:
    """Read a configuration; overrides beat the environment, which beats the file.

    `environ` is the process's environment: VSOPGW_SECTION__KEY is read from it. `overrides` are values by dotted name,
    such as {"gateway.province": "21"}; text is read as in a variable. Raises ConfigMistakes with every mistake; a file
    that is not TOML hides the others.
    """
    settings = Settings(Document(path))
    settings.lay_variables(environ)
    settings.lay_overrides(overrides)
    reading = Reading(settings)
    for section, kind in SECTIONS.items():
        reading.section(section, kind)
    reading.top()
    partners = read_partners(reading)
    reading.checked("gateway.province", _province_fits_tier)
    reading.checked("admin.port", _ports_differ)
    reading.checked("retry.cap_s", _cap_not_below_base)
    for kept in ("requests", "keep"):
        reading.checked(f"archive.{kept}_days", partial(_not_before_the_archive, kept))
    reading.checked("breaker.minimum", _minimum_within_window)
    reading.checked("breaker.open_cap_s", _open_cap_not_below_open)
    reading.checked("confirmation.channels", partial(_somebody_sends_sms, partners))
    reading.checked("ppm.serve", partial(_own_vsop_has_an_address, partners))
    judge_tls(reading, path.parent)
    partners = with_files(reading, partners, path.parent)
    for listener in ("gateway", "admin"):
        reading.checked(f"{listener}.host", partial(_only_here_or_secured, listener))
    _resolve_contracts(reading, path.parent)
    _resolve_callers(reading, path.parent)
    if "gateway.contracts" in reading.values:
        partners = with_known_operations(reading, partners, reading.values["gateway.contracts"])
    plan = _number_plan(reading, path.parent)
    if settings.mistakes:
        raise ConfigMistakes(settings.mistakes)
    sections: dict[str, Any] = {name: _made(reading, name, kind) for name, kind in SECTIONS.items()}
    if sections["ppm"].serve:
        partners = with_own_vsop(partners, sections["gateway"], sections["call"], secure=sections["tls"].certificate is not None)
    return Config(**{**sections, "numbers": plan, "channels": sections["channels"].allowed, "partners": partners})


def _made(reading: Reading, section: str, kind: type) -> Any:
    return kind(**{key.field: reading.values[f"{section}.{key.field}"] for key in keys_of(section, kind)})


def _province_fits_tier(values: Mapping[str, Any]) -> None:
    tier, province = values["gateway.tier"], values["gateway.province"]
    if province not in HOME[tier]:
        raise Unfit(f'cannot be "{province}" where tier is "{tier}"')


def _ports_differ(values: Mapping[str, Any]) -> None:
    port = values["gateway.port"]
    if port and values["admin.port"] == port:
        raise Unfit("is the same as gateway.port")


def _somebody_sends_sms(partners: Mapping[Address, object], values: Mapping[str, Any]) -> None:
    if values["confirmation.channels"] and SMSHALL not in partners:
        raise Unfit("needs [partners.smshall], which sends the question to the user")


def _cap_not_below_base(values: Mapping[str, Any]) -> None:
    if values["retry.cap"] < values["retry.base"]:
        raise Unfit("must not be below retry.base_ms")


def _not_before_the_archive(kept: str, values: Mapping[str, Any]) -> None:
    if timedelta(0) < values[f"archive.{kept}"] < values["archive.after"]:
        raise Unfit("must not be below archive.after_days")


def _minimum_within_window(values: Mapping[str, Any]) -> None:
    if values["breaker.minimum"] > values["breaker.window"]:
        raise Unfit("must not be above breaker.window")


def _open_cap_not_below_open(values: Mapping[str, Any]) -> None:
    if values["breaker.open_cap"] < values["breaker.open"]:
        raise Unfit("must not be below breaker.open_s")


def _own_vsop_has_an_address(partners: Mapping[Address, PartnerConfig], values: Mapping[str, Any]) -> None:
    own = Address(Party.VSOP, values["gateway.province"])
    if values["ppm.serve"] and not values["gateway.port"] and own not in partners:
        raise Unfit("needs another gateway.port than 0, where our own VSOP is told the catalogue")
    if values["ppm.serve"] and values["tls.certificate"] and not values["call.ca"] and own not in partners:
        raise Unfit("needs call.ca with [tls]: the catalogue is told to our own VSOP by https as well")


def _only_here_or_secured(listener: str, values: Mapping[str, Any]) -> None:
    """Refuse to be open to a network where that was not asked for: TLS hides messages, authentication tells their senders."""
    if values["access.insecure"] or is_loopback(values[f"{listener}.host"]):
        return
    if listener == "admin":
        raise Unfit("must be on loopback: the admin API has no TLS (or set access.insecure = true, which says what that means)")
    lacks = [name for name in ("tls.certificate", "access.partners") if not values.get(name)]
    if lacks:
        raise Unfit(f"is outside loopback: that needs {' and '.join(lacks)} (or access.insecure = true, which says what that means)")


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:  # another name: who knows where it leads
        return False


def _resolve_callers(reading: Reading, beside: Path) -> None:
    def there(values: Mapping[str, Any]) -> None:
        if not Path(values["access.partners"]).is_file():
            raise Unfit(f"names no file: {values['access.partners']}")

    if reading.values.get("access.partners"):
        reading.values["access.partners"] = str(beside / reading.values["access.partners"])
        reading.checked("access.partners", there)


def _resolve_contracts(reading: Reading, beside: Path) -> None:
    def there(values: Mapping[str, Any]) -> None:
        if not any(values["gateway.contracts"].glob("*.wsdl")):
            raise Unfit("must be a directory of WSDL files")

    def older(values: Mapping[str, Any]) -> None:
        if not Path(values["gateway.older"]).is_dir():
            raise Unfit(f"names no directory: {values['gateway.older']}")

    if "gateway.contracts" in reading.values:
        reading.values["gateway.contracts"] = beside / reading.values["gateway.contracts"]
    reading.checked("gateway.contracts", there)
    if reading.values.get("gateway.older"):
        reading.values["gateway.older"] = str(beside / reading.values["gateway.older"])
        reading.checked("gateway.older", older)


def _number_plan(reading: Reading, beside: Path) -> NumberPlan:
    plan = NumberPlan()
    if "numbers.plan" not in reading.values:
        return plan
    path = beside / reading.values["numbers.plan"]
    if not path.is_file():
        reading.settings.blame(("numbers", "plan"), f"numbers.plan names no file: {path}")
        return plan
    try:
        return read_number_plan(path)
    except ConfigMistakes as mistakes:
        reading.settings.mistakes.extend(mistakes.mistakes)
        return plan
