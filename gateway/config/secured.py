"""What the settings of TLS and credentials ask of each other, and where their files are. Must not open any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from gateway.config.forms import Unfit
from gateway.config.reading import Reading
from gateway.config.sections import PARTNERS, PartnerConfig
from gateway.config.security import Credential
from gateway.domain.party import Address

_FILES: Final = ("tls.certificate", "tls.key", "tls.client_ca", "call.ca", "call.certificate", "call.key")
_OF_PARTNERS: Final = ("ca", "certificate", "key", "password_file", "signing_certificate", "signing_key")


def judge_tls(reading: Reading, beside: Path) -> None:
    """Judge [tls] and [call] and find their files; the published address is https where nothing else is said."""
    for section in ("tls", "call"):
        reading.checked(f"{section}.key", partial(_both, section))
    reading.checked("tls.client_required", _somebody_to_require)
    for name in _FILES:
        if reading.values.get(name) is not None:
            reading.values[name] = beside / reading.values[name]
    address = reading.values.get("gateway.public_url", "")
    if reading.values.get("tls.certificate") and "public_url" not in reading.settings.table.get("gateway", {}):
        reading.values["gateway.public_url"] = f"https{address.removeprefix('http')}"


def with_files(reading: Reading, partners: Mapping[Address, PartnerConfig], beside: Path) -> Mapping[Address, PartnerConfig]:
    """Judge what partners' sections say of TLS and credentials, and find their files."""
    for address, partner in partners.items():
        place = (PARTNERS, str(address.party), *([address.code] if address.code else []))
        for key, problem in _problems(partner):
            reading.settings.blame((*place, key), f"{'.'.join((*place, key))} {problem}")
    return MappingProxyType({address: _found(partner, beside) for address, partner in partners.items()})


def _found(partner: PartnerConfig, beside: Path) -> PartnerConfig:
    named: dict[str, Any] = {name: getattr(partner, name) for name in _OF_PARTNERS}
    return replace(partner, **{name: file and beside / file for name, file in named.items()})


def _problems(partner: PartnerConfig) -> list[tuple[str, str]]:
    found = []
    if partner.url.startswith("https://") and partner.ca is None:
        found.append(("url", "is https and needs the CA of its certificate: ca here or in [call]"))
    if (partner.certificate is None) != (partner.key is None):
        found.append(("key", "and certificate go together"))
    if partner.credential is Credential.USERNAME_TOKEN and not (partner.user and partner.password_file):
        found.append(("credential", "needs user and password_file"))
    if partner.credential is Credential.SIGNATURE and not (partner.signing_certificate and partner.signing_key):
        found.append(("credential", "needs signing_certificate and signing_key"))
    return found


def _both(section: str, values: Mapping[str, Any]) -> None:
    if (values[f"{section}.certificate"] is None) != (values[f"{section}.key"] is None):
        raise Unfit("and certificate go together")


def _somebody_to_require(values: Mapping[str, Any]) -> None:
    if values["tls.client_required"] and values["tls.client_ca"] is None:
        raise Unfit("needs tls.client_ca, by which certificates are judged")
    if values["tls.client_ca"] is not None and values["tls.certificate"] is None:
        raise Unfit("cannot be judged: tls.client_ca is of no use without tls.certificate")
