"""Scenario ``search``: our search against the same on SQL, and against itself on a hundredth of the catalog.

Three kinds of queries, as buyers ask: a category at coordinates, words at coordinates, a category in a pincode. A query
hardly ever comes twice, so that a memory of whole answers helps nobody; but ours has answered some thousand others of
each kind, and knows what is sold in a district. Of the three the least favourable counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from random import Random

from bpp.app import utc_now
from bpp.bench.micro import timed
from bpp.bench.processes import BenchFailed
from bpp.bench.run import Found, Run
from bpp.bench.stores import Answer, SqlSearch
from bpp.orders.assignment import local_day
from catalog.codes import is_wildcard
from catalog.load import CatalogData
from catalog.model import Gps, Offering, Provider
from catalog.search import Place, Query, match
from catalog.services import SUB_SERVICES
from catalog.snapshot import Catalog
from catalog.synthetic.catalog import synthetic_catalog
from catalog.synthetic.plan import pincodes_of
from catalog.synthetic.scale import SCALES

QUERIES = 20_000
CHECKED = 40  # of each kind, whose results are compared
WARM = 4_000  # others of each kind, which a server in service has answered before
SMALL = 1_000  # offerings
_NEAR = 0.05  # degrees from a provider's place
KINDS = {
    "category+gps": "search.fts_gps",
    "words+gps": "search.fts_words",
    "category+pincode": "search.fts_pincode",
}
"""Each with the row of its own."""


def search(run: Run) -> Found:
    """CPU of a search: FTS5 with R*Tree and naive SQL over ours, and ours over ours on a thousand offerings."""
    today = local_day(utc_now())
    run.told("making the catalog of the whole state")
    data = synthetic_catalog(SCALES["up"], today)
    large, store = built(data), SqlSearch(data, today)
    found = Found()
    asked = {kind: queries(data, kind, QUERIES, today) for kind in KINDS}
    for kind, some in asked.items():
        check_equal(large, store, some[:CHECKED], today)
        run.told(f"{kind}: {CHECKED} results are the same three times")
    for query in itertools.chain.from_iterable(some[-WARM:] for some in asked.values()):
        match(large, query, today)
    functions: dict[str, Callable[[], object]] = {}
    searches = {"ours": lambda query: match(large, query, today), "fts": store.fts, "naive": store.naive}
    for kind, (name, by) in itertools.product(KINDS, searches.items()):
        functions[f"{name} {kind}"] = partial(_next, by, itertools.cycle(asked[kind]))
    rounds = timed(functions, run)
    found.raw["search"] = rounds
    for row, other in (("search.fts", "fts"), ("search.naive", "naive")):
        found.values[row] = [min(one[f"{other} {kind}"] / one[f"ours {kind}"] for kind in KINDS) for one in rounds]
    for kind, row in KINDS.items():
        found.values[row] = [one[f"fts {kind}"] / one[f"ours {kind}"] for one in rounds]
    found.notes += [
        f"search, {kind}: {rounds[-1][f'ours {kind}'] * 1e6:.0f} us, FTS5 with R*Tree"
        f" {rounds[-1][f'fts {kind}'] * 1e6:.0f} us, naive SQL {rounds[-1][f'naive {kind}'] * 1e6:.0f} us"
        for kind in KINDS
    ]
    found.add(_growth(run, data, large, today))
    return found


def _next(search: Callable[[Query], object], some: Iterator[Query]) -> object:
    return search(next(some))


def built(data: CatalogData) -> Catalog:
    """The product's catalog of some data."""
    return Catalog.build(version=1, providers=data.providers, offerings=data.offerings, workers=())


def answer(catalog: Catalog, query: Query, today: date) -> Answer:
    """What the product finds, in the form of the stores."""
    return [(one.provider.id, tuple(offering.id for offering in one.offerings)) for one in match(catalog, query, today)]


def check_equal(catalog: Catalog, store: SqlSearch, some: Sequence[Query], today: date) -> None:
    """Raise BenchFailed where the three do not find the same in the same order."""
    for query in some:
        ours = answer(catalog, query, today)
        for name, theirs in (("FTS5", store.fts(query)), ("naive SQL", store.naive(query))):
            if ours != theirs:
                raise BenchFailed(f"{name} does not find what ours finds for {query}: {ours[:2]} and {theirs[:2]}")


def queries(data: CatalogData, kind: str, count: int, today: date, *, within: Sequence[Provider] = ()) -> list[Query]:
    """So many of a kind, around places of providers, for something that some offering is; the same in every run."""
    random = Random(f"{kind} {count}")  # noqa: S311  the same in every run
    wanted = _wanted(data.offerings, today)
    return [_query(kind, random.choice(within or data.providers), random.choice(wanted), random) for _ in range(count)]


def _wanted(offerings: Sequence[Offering], today: date) -> list[Offering]:
    """One offering of each code of the network."""
    found = {
        one.category: one
        for one in offerings
        if one.on_network and not is_wildcard(one.category) and one.active and one.valid_until >= today
    }
    return [found[category] for category in sorted(found)]


def _query(kind: str, provider: Provider, wanted: Offering, random: Random) -> Query:
    home = random.choice(provider.locations)
    near = Gps(
        round(home.gps.lat + random.uniform(-_NEAR, _NEAR), 6), round(home.gps.lon + random.uniform(-_NEAR, _NEAR), 6)
    )
    code = random.choice(pincodes_of(random.choice(provider.districts)))
    place = Place.of(None, code) if kind == "category+pincode" else Place.of(near, "")
    if kind == "words+gps":
        return Query(domain=wanted.domain, place=place, words=SUB_SERVICES[wanted.sub_service_id].name_en.lower())
    return Query(domain=wanted.domain, place=place, category=wanted.category)


def _growth(run: Run, data: CatalogData, large: Catalog, today: date) -> Found:
    """The same queries with the same results on the whole catalog and on a thousand offerings."""
    some, small = _same_results(data, large, today)
    rounds = timed(
        {
            "large": partial(_next, lambda query: match(large, query, today), itertools.cycle(some)),
            "small": partial(_next, lambda query: match(small, query, today), itertools.cycle(some)),
        },
        run,
    )
    found = Found(values={"search.growth": [one["large"] / one["small"] for one in rounds]})
    found.raw["search_growth"] = rounds
    found.notes.append(f"search growth: {len(some)} queries, {len(small.offerings)} offerings in the small catalog")
    return found


def _same_results(data: CatalogData, large: Catalog, today: date) -> tuple[list[Query], Catalog]:
    """Queries of one district, and a catalog of whoever answers them filled up to a thousand offerings."""
    first = data.providers[0].districts[0]
    homes = [one for one in data.providers if one.districts[0] == first]
    chosen: dict[str, tuple[Offering, ...]] = {}
    some: list[Query] = []
    of_kinds = (queries(data, kind, QUERIES // 20, today, within=homes) for kind in KINDS)
    for query in itertools.chain.from_iterable(zip(*of_kinds, strict=True)):
        names = [name for name, _ in answer(large, query, today)]
        more = {name: large.offerings_of[name] for name in names if name not in chosen}
        if names and sum(map(len, (*chosen.values(), *more.values()))) <= SMALL:
            chosen |= more
            some.append(query)
    for name, theirs in large.offerings_of.items():
        if name not in chosen and sum(map(len, chosen.values())) + len(theirs) <= SMALL:
            chosen[name] = theirs
    small = Catalog.build(
        version=1,
        providers=[one for one in data.providers if one.id in chosen],
        offerings=itertools.chain.from_iterable(chosen.values()),
        workers=(),
    )
    if not some or any(answer(small, query, today) != answer(large, query, today) for query in some):
        raise BenchFailed("the small catalog does not answer as the large one")
    return some, small
