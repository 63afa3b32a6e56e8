"""One version of the whole catalog in memory, indexed for search. Built again whenever the version moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from catalog.choices import as_offering
from catalog.model import Offering, Provider, Rating, SubService, Worker
from catalog.services import SUB_SERVICES, word_entries
from catalog.words import WordIndex

UNRATED = Rating()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """What was rated so far, by the ids of providers and of workers."""

    providers: Mapping[str, Rating] = field(default_factory=dict)
    workers: Mapping[str, Rating] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Providers, offerings and workers by their ids, and by provider. ``version`` is storage's.

    ``customizations`` are what can be chosen of offerings, by their own ids, as a line of an order sells them.
    """

    version: int
    providers: Mapping[str, Provider]
    offerings: Mapping[str, Offering]
    offerings_of: Mapping[str, tuple[Offering, ...]]
    workers: Mapping[str, Worker]
    workers_of: Mapping[str, tuple[Worker, ...]]
    customizations: Mapping[str, Offering] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        *,
        version: int,
        providers: Iterable[Provider],
        offerings: Iterable[Offering],
        workers: Iterable[Worker],
    ) -> Catalog:
        """Index the rows of a version."""
        offerings = tuple(offerings)
        offerings_of: dict[str, list[Offering]] = defaultdict(list)
        for offering in offerings:
            offerings_of[offering.provider_id].append(offering)
        workers = tuple(workers)
        workers_of: dict[str, list[Worker]] = defaultdict(list)
        for worker in workers:
            workers_of[worker.provider_id].append(worker)
        return cls(
            version=version,
            providers={provider.id: provider for provider in providers},
            offerings={offering.id: offering for offering in offerings},
            offerings_of={provider: tuple(found) for provider, found in offerings_of.items()},
            workers={worker.id: worker for worker in workers},
            workers_of={provider: tuple(found) for provider, found in workers_of.items()},
            customizations={one.id: as_offering(base, one) for base in offerings for one in base.customizations},
        )

    def item(self, item_id: str) -> Offering | None:
        """What a line of an order sells: the offering of that id, else the customisation, or None."""
        return self.offerings.get(item_id) or self.customizations.get(item_id)

    def worker(self, worker_id: str) -> Worker | None:
        """The worker of that id, or None."""
        return self.workers.get(worker_id)

    def with_ratings(self, ratings: Ratings) -> Catalog:
        """The same version with these ratings instead: only who is rated otherwise than before is made anew."""
        providers = {
            one.id: replace(one, rating=rating)
            for one in self.providers.values()
            if (rating := ratings.providers.get(one.id, UNRATED)) != one.rating
        }
        workers = {
            one.id: replace(one, rating=rating)
            for one in self.workers.values()
            if (rating := ratings.workers.get(one.id, UNRATED)) != one.rating
        }
        teams = {
            provider: tuple(workers.get(one.id, one) for one in self.workers_of[provider])
            for provider in {one.provider_id for one in workers.values()}
        }
        return replace(
            self,
            providers={**self.providers, **providers},
            workers={**self.workers, **workers},
            workers_of={**self.workers_of, **teams},
        )


def on_sale(provider: Provider, today: date) -> bool:
    """Rule R2: active, and its agreement in force."""
    return provider.status == "active" and provider.agreement_from <= today <= provider.agreement_until


def offered(offering: Offering, today: date) -> bool:
    """Active and within its validity."""
    return offering.active and offering.valid_from <= today <= offering.valid_until


def service_id_of(offering: Offering) -> str:
    """The trade (``SM-PLB``) a worker must be certified in to do this."""
    return sub_service(offering.sub_service_id).service_id


def sub_service(sub_service_id: str) -> SubService:
    """The sub-service of an id; raises KeyError for one that the taxonomy does not have."""
    return SUB_SERVICES[sub_service_id]


@cache
def word_index() -> WordIndex[str]:
    """The words of all sub-services, built once: about two hundred stand for any number of offerings."""
    return WordIndex.build(word_entries())
