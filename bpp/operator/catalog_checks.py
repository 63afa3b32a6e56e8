"""What must hold between the values of a catalog, checked as the CSV import checks it.

A value is laid out as the rows that the import would have read, so that ``catalog.load_links`` judges both alike.
Each function raises ApiProblem 422 with everything that does not hold.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bpp.operator.problems import UNPROCESSABLE, ApiProblem
from catalog.choice_faults import CatalogFault, offer_faults, offering_faults
from catalog.load_links import hours_of, link_areas, link_offerings, link_workers
from catalog.load_rows import Problem, Row, Rows
from catalog.model import Area, Hours, Location, Offering, Provider, Worker
from catalog.places import district_of, std_codes
from catalog.services import SERVICES
from catalog.snapshot import Catalog
from catalog.terms import cancellation_problem, reschedule_problem

FIELD_OF = {"service_id": "skills", "last": "leaves", "closes": "hours.closes"}
"""Where a column of the import stands in a document, if not under its own name."""

Found = list[tuple[str, str]]


def checked_offering(offering: Offering, catalog: Catalog) -> Offering:
    """An offering with what follows from its sub-service: domain, category, names where none were given."""
    rows = Rows(Path())
    linked = _link_offering(rows, offering, catalog.providers, catalog)
    _refuse([*_paths(rows.problems), *_choice_problems(offering, catalog)])
    return replace(linked[0], categories=offering.categories, customizations=offering.customizations)


def checked_worker(worker: Worker, catalog: Catalog) -> Worker:
    """A worker whose provider, services and districts exist."""
    rows = Rows(Path())
    _link_worker(rows, worker, catalog.providers)
    _refuse(_paths(rows.problems))
    return worker


def checked_provider(provider: Provider, catalog: Catalog) -> Provider:
    """A provider that is sound in itself, and that leaves none of its offerings and workers in the air.

    Only what a change newly breaks is held against it. A place's district is decided where it was left out.
    """
    found: Found = []
    places = tuple(_placed(one, index, found) for index, one in enumerate(provider.locations))
    provider = replace(provider, locations=places, code=provider.code or provider.id)
    found += _own_problems(provider)
    found += _offer_problems(provider, catalog)
    provider = replace(provider, areas=_areas(Rows(Path()), provider))
    if before := catalog.providers.get(provider.id):
        known = dict.fromkeys(_dependents(before, catalog))
        found += [one for one in _dependents(provider, catalog) if one not in known]
    _refuse(found)
    return provider


def _own_problems(provider: Provider) -> Found:
    rows = Rows(Path())
    hours_of(rows, _row(0, **_hours(provider.hours)))
    _areas(rows, provider)
    found = [
        (f"areas[{one.line}].val" if one.column == "val" else path, text)
        for one, (path, text) in zip(rows.problems, _paths(rows.problems), strict=True)
    ]
    if provider.agreement_until < provider.agreement_from:
        found.append(("agreement_until", "lies before agreement_from"))
    needed = {
        "locations": provider.locations,
        "areas": provider.areas,
        "terms.cancellation": provider.terms.cancellation,
        "terms.reschedule": provider.terms.reschedule,
    }
    found += [(name, "at least one is expected") for name, values in needed.items() if not values]
    found += [
        (f"areas[{index}].location_id", f"no such place: {one.location_id}")
        for index, one in enumerate(provider.areas)
        if provider.location(one.location_id) is None
    ]
    found += [
        (f"terms.cancellation[{index}].{problem[0]}", problem[1])
        for index, one in enumerate(provider.terms.cancellation)
        if (problem := cancellation_problem(one))
    ]
    found += [
        (f"terms.reschedule[{index}].{problem[0]}", problem[1])
        for index, one in enumerate(provider.terms.reschedule)
        if (problem := reschedule_problem(one))
    ]
    found += _twice("locations", (one.id for one in provider.locations))
    found += _twice("creds", (one.id for one in provider.creds))
    found += _twice("terms.cancellation", (f"{one.state} {one.cancel_by}" for one in provider.terms.cancellation))
    found += _twice("terms.reschedule", (one.state for one in provider.terms.reschedule))
    return found


def _choice_problems(offering: Offering, catalog: Catalog) -> Found:
    """What is wrong with the choices; of all the ids that others have, only those that it has too are looked for."""
    theirs = {
        key
        for key in (offering.id, *(one.id for one in offering.customizations))
        if (line := catalog.customizations.get(key)) and line.parent_item_id != offering.id
    }
    items = {one.id for one in offering.customizations if one.id == offering.id or one.id in catalog.offerings}
    categories = {one.id for one in offering.categories if catalog.groups.get(one.id, offering.id) != offering.id}
    found = [("id", f"the id {offering.id} is given already")] if offering.id in theirs else []
    return found + [_where(one) for one in offering_faults(offering, items | theirs, categories)]


def _offer_problems(provider: Provider, catalog: Catalog) -> Found:
    own = catalog.offerings_of.get(provider.id, ())
    offers = {one.id for other in catalog.providers.values() if other.id != provider.id for one in other.offers}
    return [_where(one) for one in offer_faults(provider, own, offers)]


def _where(fault: CatalogFault) -> tuple[str, str]:
    return (fault.part if fault.index is None else f"{fault.part}[{fault.index}].{fault.field}"), fault.text


def _areas(rows: Rows, provider: Provider) -> tuple[Area, ...]:
    """The areas as the import writes them; what is wrong with them is noted in ``rows``, by their index."""
    return link_areas(rows, [_row(index, **_fields(one)) for index, one in enumerate(provider.areas)])


def _placed(place: Location, index: int, found: Found) -> Location:
    district = place.district or district_of(place.area_code, place.gps)
    if district is None:
        found.append((f"locations[{index}].area_code", "a place in Uttar Pradesh is expected"))
        return place
    if place.std not in (known := std_codes(district).all):
        found.append((f"locations[{index}].std", f"expected {' or '.join(known)}, found {place.std}"))
    return replace(place, district=district)


def _dependents(provider: Provider, catalog: Catalog) -> Found:
    """What is wrong with the offerings and workers of a provider as it is."""
    providers = {provider.id: provider}
    found: Found = []
    for offering in catalog.offerings_of.get(provider.id, ()):
        rows = Rows(Path())
        _link_offering(rows, offering, providers, catalog)
        found += [("", f"offering {offering.id}: {one.text}") for one in rows.problems]
    for worker in catalog.workers_of.get(provider.id, ()):
        rows = Rows(Path())
        _link_worker(rows, worker, providers)
        found += [("", f"worker {worker.id}: {one.text}") for one in rows.problems]
    return found


def _link_offering(
    rows: Rows, offering: Offering, providers: Mapping[str, Provider], catalog: Catalog
) -> tuple[Offering, ...]:
    _check_provider(rows, offering.provider_id, providers)
    parent = catalog.offerings.get(offering.parent_item_id) if offering.parent_item_id != offering.id else None
    # A row that is not sound is only referred to.
    others = [replace(_row(0, **_fields(parent)), sound=False)] if parent else []
    prices = [
        _row(0, offering_id=offering.id, district=district, price=price)
        for district, price in offering.district_prices.items()
    ]
    tables = {"offerings.csv": [_row(0, **_fields(offering)), *others], "district_prices.csv": prices}
    return link_offerings(rows, tables, providers, SERVICES)


def _link_worker(rows: Rows, worker: Worker, providers: Mapping[str, Provider]) -> None:
    _check_provider(rows, worker.provider_id, providers)
    skills = [_row(0, worker_id=worker.id, service_id=one, certified_until=day) for one, day in worker.skills.items()]
    leaves = [_row(0, worker_id=worker.id, first=first, last=last) for first, last in worker.leaves]
    own = _row(0, **{**_fields(worker), **_hours(worker.hours)})
    tables = {"workers.csv": [own], "skills.csv": skills, "leaves.csv": leaves}
    link_workers(rows, tables, providers, SERVICES)


def _check_provider(rows: Rows, provider_id: str, providers: Mapping[str, Provider]) -> None:
    if provider_id not in providers:
        rows.problems.append(Problem("", 0, "provider_id", f"no such provider: {provider_id}"))


def _row(line: int, **values: Any) -> Row:
    return Row("", line, values, sound=True)


def _fields(value: Any) -> dict[str, Any]:
    return {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}


def _hours(hours: Hours) -> dict[str, Any]:
    return _fields(hours)


def _paths(problems: Iterable[Problem]) -> Found:
    return [(FIELD_OF.get(one.column, one.column), one.text) for one in problems]


def _twice(name: str, keys: Iterable[str]) -> Found:
    return [(name, f"{key} stands twice") for key, count in Counter(keys).items() if count > 1]


def _refuse(found: Found) -> None:
    if found:
        (path, text), *others = found
        more = "".join(f"; {where}: {what}" if where else f"; {what}" for where, what in others)
        raise ApiProblem(UNPROCESSABLE, "invalid", f"{text}{more}", path=path)
