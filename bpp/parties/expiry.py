"""What is about to lapse, by district: agreements, police verifications and certificates. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from catalog.snapshot import Catalog

Kind = Literal["agreement", "verification", "certificate"]


@dataclass(frozen=True, slots=True, order=True)
class Lapsing:
    """A paper and its last day, in one of the districts (LGD code) where it is missed. No names: ids lead to them.

    ``service_id`` is that of a certificate; ``worker_id`` is empty for an agreement.
    """

    district: str
    until: date
    kind: Kind
    provider_id: str
    worker_id: str = ""
    service_id: str = ""


def lapsing(catalog: Catalog, today: date, days: int, *, lapsed: bool = False) -> tuple[Lapsing, ...]:
    """What lapses from today on within so many days, by district and day; with ``lapsed`` also what has already.

    Workers who are struck off and providers that are suspended are left out: nobody waits for their papers.
    """
    first, last = (date.min if lapsed else today), today + timedelta(days=days)
    return tuple(sorted(one for one in _papers(catalog) if first <= one.until <= last))


def _papers(catalog: Catalog) -> Iterator[Lapsing]:
    for provider in catalog.providers.values():
        if provider.status != "active":
            continue
        for district in provider.districts:
            yield Lapsing(district, provider.agreement_until, "agreement", provider.id)
        for worker in catalog.workers_of.get(provider.id, ()):
            if not worker.active:
                continue
            for district in worker.districts:
                if worker.verified_until is not None:
                    yield Lapsing(district, worker.verified_until, "verification", provider.id, worker.id)
                for service, until in worker.skills.items():
                    yield Lapsing(district, until, "certificate", provider.id, worker.id, service)
