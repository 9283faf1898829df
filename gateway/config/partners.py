"""The partners' sections: which kinds there are, what code each has in its place, and which contracts it serves.

Must not know how a partner is called.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gateway.config.dialects import DialectName
from gateway.config.forms import did_you_mean
from gateway.config.reading import Reading, keys_of
from gateway.config.sections import PARTNERS, CallConfig, GatewayConfig, PartnerConfig
from gateway.contract import ContractError, operation_names
from gateway.domain.party import CHANNEL_SYSTEMS, ISMP_SYSTEMS, PROVINCES, Address, Party

_SINGLE = (Party.OCS, Party.BILLING, Party.SMSHALL, Party.CRM, Party.PROVISIONING)
_XPLATFORMS = frozenset(f"{code:03d}" for code in range(1000))
_CODES: Mapping[Party, tuple[Collection[str], str]] = {
    Party.ISMP: (ISMP_SYSTEMS, "one of " + ", ".join(sorted(ISMP_SYSTEMS))),
    Party.XPLATFORM: (_XPLATFORMS, "three digits"),
    Party.CHANNEL: (CHANNEL_SYSTEMS, "one of " + ", ".join(sorted(CHANNEL_SYSTEMS))),
    Party.VSOP: (PROVINCES, "a province id of two digits"),
}

_SPEAKERS: Mapping[DialectName, Collection[Party]] = {
    DialectName.LEGACY: (Party.CHANNEL, Party.SMSHALL, Party.PROVISIONING, Party.OCS, Party.BILLING, Party.XPLATFORM),
    DialectName.ISMP_SP: (Party.XPLATFORM,),
    DialectName.ISMP_CRM: (Party.ISMP,),
}

CONTRACTS_OF: Mapping[Party, tuple[str, ...]] = {
    Party.CHANNEL: ("portal",),
    Party.VSOP: ("vsop", "ismp", "ocs"),
    Party.OCS: ("ocs",),
    Party.BILLING: ("billing",),
    Party.ISMP: ("ismp",),
    Party.XPLATFORM: ("xplatform",),
    Party.SMSHALL: ("smshall",),
    Party.CRM: ("crm",),
    Party.PROVISIONING: ("provisioning",),
}
"""The contracts that a kind of partner serves, its own one first."""


def read_partners(reading: Reading) -> Mapping[Address, PartnerConfig]:
    """Read [partners.ocs], [partners.xplatform.303] and so on; one with a mistake is blamed and left out."""
    partners = {}
    field_count = len(keys_of(PARTNERS, PartnerConfig))
    for address, place, value in _sections(reading):
        table = reading.table(place, value)
        if table is None:
            continue
        described = dict(reading.fields(place, table, PARTNERS, PartnerConfig, **{"partners.party": address.party}))
        dialect = described.get("dialect", DialectName.TYPED)
        if address.party not in _SPEAKERS.get(dialect, (address.party,)):
            here = (*place, "dialect")
            reading.settings.blame(here, f"{'.'.join(here)} cannot be \"{dialect}\" for {address.party}: it has no words for its contract")
        if len(described) == field_count:
            partners[address] = PartnerConfig(**described)
    return MappingProxyType(partners)


def with_own_vsop(
    partners: Mapping[Address, PartnerConfig], gateway: GatewayConfig, call: CallConfig, *, secure: bool
) -> Mapping[Address, PartnerConfig]:
    """Add the VSOP of this very gateway, whom its PPM tells the catalogue like any other; a section of the file goes before."""
    own = Address(Party.VSOP, gateway.province)
    if own in partners:
        return partners
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(gateway.host, gateway.host)  # noqa: S104  what listens everywhere is here as well
    scheme = "https" if secure else "http"
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{gateway.port}/services/vsop"
    described = PartnerConfig(
        url=url, deadline=call.deadline, trace=True, user_state=False, ca=call.ca, certificate=call.certificate, key=call.key
    )
    return MappingProxyType({**partners, own: described})


def with_known_operations(
    reading: Reading, partners: Mapping[Address, PartnerConfig], contracts: Path
) -> Mapping[Address, PartnerConfig]:
    """Judge the operations that have deadlines of their own; a name from the environment, in lower case, gets its right spelling."""
    return MappingProxyType(
        {
            address: replace(partner, deadlines=_of_operations(reading, address, partner.deadlines, contracts))
            for address, partner in partners.items()
        }
    )


def _of_operations(
    reading: Reading, address: Address, deadlines: Mapping[str, timedelta], contracts: Path
) -> Mapping[str, timedelta]:
    if not deadlines:
        return deadlines
    place = (PARTNERS, str(address.party), *([address.code] if address.code else []), "deadlines")
    try:
        known = [name for contract in CONTRACTS_OF[address.party] for name in operation_names(contracts / f"{contract}.wsdl")]
    except ContractError as error:
        reading.settings.blame(("gateway", "contracts"), f"gateway.contracts cannot be read: {error}")
        return {}
    spelling = {**{name.lower(): name for name in known}, **{name: name for name in known}}
    for name in deadlines:
        if name not in spelling:
            here = (*place, name)
            reading.settings.blame(here, f"unknown operation {'.'.join(here)}{did_you_mean(name, known)}")
    return MappingProxyType({spelling[name]: deadline for name, deadline in deadlines.items() if name in spelling})


def _sections(reading: Reading) -> Iterator[tuple[Address, tuple[str, ...], Any]]:
    kinds = reading.table((PARTNERS,), reading.settings.table.get(PARTNERS, {}))
    for name, value in (kinds or {}).items():
        place = (PARTNERS, name)
        if name in _SINGLE:
            yield Address(Party(name)), place, value
        elif name in _CODES:
            yield from _coded(reading, Party(name), value)
        else:
            words = [*map(str, _SINGLE), *map(str, _CODES)]
            near = did_you_mean(name, words) or f"; there are {', '.join(words)}"
            reading.settings.blame(place, f"unknown partner {name}{near}")


def _coded(reading: Reading, party: Party, value: object) -> Iterator[tuple[Address, tuple[str, ...], Any]]:
    known, expected = _CODES[party]
    table = reading.table((PARTNERS, party), value)
    for code, described in (table or {}).items():
        place = (PARTNERS, str(party), code)
        if code in known:
            yield Address(party, code), place, described
        else:
            reading.settings.blame(place, f"unknown code {'.'.join(place)}: {party} takes {expected}")
