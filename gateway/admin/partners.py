"""The partners as the admin API shows them: where they are, what is under way, and which of their operations are not called now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.partners.breaker import Breaker, Position


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of one partner: `open_calls` counts those that are out or wait, `breakers` are by operation."""

    party: str
    url: str
    open_calls: Callable[[], int]
    breakers: Callable[[], Mapping[str, Breaker]]


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation that was called since the start; `seconds` is what is left of the pause while its breaker is open."""

    operation: str
    breaker: Position
    seconds: float
    under_way: int


@dataclass(frozen=True, slots=True)
class PartnerView:
    """One partner."""

    party: str
    url: str
    open_calls: int
    operations: tuple[OperationView, ...]


def views(partners: tuple[Watched, ...]) -> list[PartnerView]:
    """Describe all partners, in the order of the configuration."""
    return [
        PartnerView(
            partner.party,
            partner.url,
            partner.open_calls(),
            tuple(
                OperationView(name, breaker.position, round(breaker.remaining.total_seconds(), 1), breaker.under_way)
                for name, breaker in sorted(partner.breakers().items())
            ),
        )
        for partner in partners
    ]
