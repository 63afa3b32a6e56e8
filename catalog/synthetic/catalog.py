"""The whole of a synthetic catalog."""

from __future__ import annotations

from datetime import date
from random import Random

from catalog.load import CatalogData
from catalog.model import Offering, Provider, Worker
from catalog.synthetic.offerings import offerings_of
from catalog.synthetic.plan import plans
from catalog.synthetic.providers import provider_of
from catalog.synthetic.scale import Scale
from catalog.synthetic.workers import workers_of


def synthetic_catalog(scale: Scale, today: date) -> CatalogData:
    """Exactly as many values as the scale says, always the same ones; agreements and papers count from ``today``."""
    rng = Random(f"sewamitra {scale.name}")  # noqa: S311  nothing is to be kept secret, all is to be repeated
    providers: list[Provider] = []
    offerings: list[Offering] = []
    workers: list[Worker] = []
    for plan in plans(scale, rng):
        provider = provider_of(plan, today, rng)
        providers.append(provider)
        offerings += offerings_of(plan, provider, today, rng)
        workers += workers_of(plan, provider, len(workers) + 1, today, rng)
    return CatalogData(providers=tuple(providers), offerings=tuple(offerings), workers=tuple(workers))
