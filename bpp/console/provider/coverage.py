"""Where a provider works: districts, and the services in each; ``areas`` has how far it goes in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bpp.console.language import msg
from bpp.console.page import Deed, Done, Page, Visit
from bpp.console.provider.areas import KINDS, STORED, TRADES, SearchQuery, areas_of
from bpp.console.provider.common import AT, OWNERS, Boxes, address, change_provider, found_by, names_of, provider_of
from bpp.core.world import World
from bpp.operator.documents import shown
from bpp.operator.problems import not_found
from bpp.storage.ports import Work
from catalog.model import Provider
from catalog.places import district, districts, pincodes_of
from catalog.sale import service_id_of
from catalog.services import SERVICES

DOES = "does_"
"""How the boxes of services begin."""


class Districts(Boxes):
    """``at_…`` are the districts ticked."""


class Chosen(Boxes):
    """``does_…`` are the services ticked, ``everything`` says that all that is offered is offered here too."""

    everything: Literal["on", ""] = ""


async def read_coverage(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The districts, chosen ones first, with what is offered and who goes there; and the areas."""
    del work
    provider = provider_of(visit, world)
    found = sorted(
        (one for one in districts().values() if found_by(one, visit.query.q)),
        key=lambda one: (one.lgd not in provider.districts, one.name_en),
    )
    team = Counter(lgd for one in world.catalog.workers_of.get(provider.id, ()) for lgd in one.districts)
    return {
        "provider": provider,
        "found": [(one, " ".join((names_of(one), *pincodes_of(one.lgd)))) for one in found],
        "chosen": provider.districts,
        "own": [(district(lgd), _services_in(provider, lgd), team[lgd]) for lgd in provider.districts],
        "areas": areas_of(provider),
        "kinds": KINDS,
        "trades": TRADES,
        "query": visit.query,
    }


def _services_in(provider: Provider, lgd: str) -> Sequence[Any] | None:
    """The services chosen for a district; None: all that the provider offers."""
    chosen = provider.services.get(lgd)
    return None if chosen is None else [SERVICES[one] for one in chosen]


async def read_services(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The services of one district."""
    del work
    provider = provider_of(visit, world)
    lgd = _chosen_district(visit, provider)
    chosen = provider.services.get(lgd)
    offered = {service_id_of(one) for one in world.catalog.offerings_of.get(provider.id, ()) if one.active}
    return {
        "provider": provider,
        "place": districts()[lgd],
        "services": [SERVICES[one] for one in sorted(offered.union(chosen or ()))],
        "chosen": offered if chosen is None else chosen,
        "everything": chosen is None,
    }


def _chosen_district(visit: Visit, provider: Provider) -> str:
    lgd = visit.path["place"]
    if lgd not in provider.districts:
        raise not_found("district", lgd)
    return lgd


async def choose_districts(visit: Visit, work: Work, world: World) -> Done:
    """Work in other districts. What was chosen for a district that is given up goes with it."""
    provider = provider_of(visit, world)
    chosen = visit.form.applied(provider.districts, AT)
    services = {lgd: shown(tuple(kept)) for lgd, kept in provider.services.items() if lgd in chosen}
    return await _change(visit, work, world, districts=chosen, services=services)


async def choose_services(visit: Visit, work: Work, world: World) -> Done:
    """Offer other services in a district."""
    provider, form = provider_of(visit, world), visit.form
    lgd = _chosen_district(visit, provider)
    services = {key: shown(tuple(kept)) for key, kept in provider.services.items() if key != lgd}
    if form.everything != "on":
        services[lgd] = sorted(form.ticked(DOES))
    return await _change(visit, work, world, services=services)


async def _change(visit: Visit, work: Work, world: World, **values: Any) -> Done:
    return await change_provider(visit, work, world, address(visit, "coverage"), **values)


COVERAGE = "/provider/{provider}/coverage"
PAGES = (
    Page(
        path=COVERAGE,
        name="provider-coverage",
        title=msg("Where we work"),
        roles=OWNERS,
        read=read_coverage,
        template="provider_coverage.html",
        query=SearchQuery,
    ),
    Page(
        path=f"{COVERAGE}/{{place}}",
        name="provider-services",
        title=msg("Services in the district"),
        roles=OWNERS,
        read=read_services,
        template="provider_services.html",
    ),
)
DEEDS = (
    Deed(
        path="/provider/{provider}/districts",
        name="provider-districts",
        roles=OWNERS,
        act=choose_districts,
        page="provider-coverage",
        said=STORED,
        form=Districts,
        alters_catalog=True,
    ),
    Deed(
        path=f"{COVERAGE}/{{place}}",
        name="provider-services-choose",
        roles=OWNERS,
        act=choose_services,
        page="provider-services",
        said=STORED,
        form=Chosen,
        alters_catalog=True,
    ),
)
