"""The serving side of a gateway: an endpoint for each contract, older versions and old forms beside it, and who is let in under load."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gateway.access.door import Door
from gateway.config import Config
from gateway.contract import Codec
from gateway.contract.versions import older_versions
from gateway.domain.routing import Place
from gateway.engine.wiring import Events
from gateway.legacy.profile import ISMP_CRM, ISMP_SP, Service, services
from gateway.legacy.table import Known
from gateway.runtime import limits
from gateway.runtime.clock import ReactorClock
from gateway.runtime.means import Means
from gateway.soap.endpoint import Endpoint
from gateway.soap.front import Front
from gateway.soap.http_admission import Admission, AdmissionLimits
from gateway.soap.older import OlderCallers, older_endpoint
from gateway.tally import Heard
from gateway.vocabulary import write_time


def endpoints_of(
    config: Config, handlers: Mapping[str, object], codecs: Mapping[str, Codec], callers: OlderCallers, means: Means, door: Door | None,
    heard: Heard | None = None,
) -> list[Endpoint]:
    """One for each contract that is served, with its older versions beside it; raises ContractError. `heard` counts what is asked."""
    made = {name: means.endpoint(codecs[name], handler, means.reference) for name, handler in handlers.items()}
    found = older_versions(Path(config.gateway.older), {name: codecs[name] for name in made}) if config.gateway.older else []
    for name, present in made.items():
        versions = [version for version in found if version.contract == name]
        present.beside(older_endpoint(version, present, handlers[name], callers, means.reference) for version in versions)
        present.limited(limits.of_xml(config)).guarded(None if door is None else door.guard)
        if heard is not None:
            present.counted(heard)
    return list(made.values())


def old_services(
    config: Config, here: Place, endpoints: list[Endpoint], clock: ReactorClock, means: Means, new_work: frozenset[str]
) -> Mapping[str, Service]:
    """The old services, where they are switched on."""
    if not config.legacy.serve:
        return {}
    systems = {ISMP_SP: config.legacy.ismp_system, ISMP_CRM: config.legacy.ismp_system}

    def source(dialect: str) -> Callable[[Known], str]:
        return lambda known: write_time(clock.now()) if known is Known.NOW else systems.get(dialect, here.system)

    contracts = {endpoint.contract.name: endpoint for endpoint in endpoints}
    return services(config.gateway.contracts, contracts, source, means.reference, new_work)


def admission(
    config: Config, front: Front, working: Callable[[], int], reactor: Any, events: Events
) -> Admission:
    """Give the gate; `working` is how much is under way for orders."""
    most = AdmissionLimits(config.limits.in_flight, config.limits.lag.total_seconds())

    def told(refused: int | None) -> None:
        if refused is None:
            events("overload.began", places=gate.places)
        else:
            events("overload.ended", refused=refused)

    gate = Admission(
        most, urgent=front.is_urgent, under_way=lambda: working() + front.beginning, clock=reactor, told=told
    )
    return gate
