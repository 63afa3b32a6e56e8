"""A catalog from a directory of CSV files: read as a whole, or refused with every problem it has.

The columns are described in ``catalog.load_schema``; ``columns()`` gives them to the command line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from catalog import load_schema as schema
from catalog import load_schema_choices as of_choices
from catalog import load_schema_workers as of_workers
from catalog.load_choices import link_choices, link_offers
from catalog.load_columns import Column, Table
from catalog.load_links import hours_of, link_areas, link_offerings, link_services
from catalog.load_rows import Problem, Row, Rows
from catalog.load_workers import credential, link_workers
from catalog.model import (
    CancellationTerm,
    Location,
    Offering,
    Provider,
    RescheduleTerm,
    Service,
    Terms,
    Worker,
)
from catalog.places import district_of, std_codes
from catalog.services import SERVICES
from catalog.terms import cancellation_problem, reschedule_problem

__all__ = ["DEMO", "CatalogData", "CatalogProblems", "Column", "Problem", "Table", "columns", "read_catalog"]

DEMO = Path(__file__).parent / "demo"
"""The demonstration catalog, a directory like any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogData:
    """What a catalog directory holds, references checked."""

    providers: tuple[Provider, ...]
    offerings: tuple[Offering, ...]
    workers: tuple[Worker, ...]


class CatalogProblems(Exception):
    """A catalog that cannot be used: ``problems`` says everything that is wrong, by file and line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


def columns() -> tuple[Table, ...]:
    """The files of a catalog directory with their columns, each with a description and an example."""
    return schema.TABLES


def read_catalog(path: Path | str, services: Mapping[str, Service] = SERVICES) -> CatalogData:
    """Read and check a catalog directory; ``services`` is the taxonomy with its publishing policies.

    Raises CatalogProblems with every problem found: cells that cannot be read, references to nothing, rows that
    contradict each other, sub-services that no policy lets onto the network.
    """
    rows = Rows(Path(path))
    if not rows.directory.is_dir():
        raise CatalogProblems([Problem(str(path), 0, "", "no such directory")])
    tables = {table.file: rows.read(table) for table in schema.TABLES}
    _check_references(rows, tables)
    providers = [_provider(rows, row, tables, services) for row in tables["providers.csv"] if row.sound]
    by_id = {provider.id: provider for provider in providers}
    offerings = link_offerings(rows, tables, by_id, services)
    offerings = link_choices(rows, tables, offerings)
    workers = link_workers(rows, tables, by_id, services)
    with_offers = link_offers(rows, tables, providers, offerings)
    if rows.problems:
        raise CatalogProblems(rows.problems)
    return CatalogData(providers=with_offers, offerings=offerings, workers=workers)


_REFERENCES = (
    (schema.LOCATIONS, ("provider_id",), schema.PROVIDERS),
    (schema.AREAS, ("provider_id",), schema.PROVIDERS),
    (schema.CANCELLATION, ("provider_id",), schema.PROVIDERS),
    (schema.RESCHEDULE, ("provider_id",), schema.PROVIDERS),
    (schema.CREDS, ("provider_id",), schema.PROVIDERS),
    (schema.DISTRICT_SERVICES, ("provider_id",), schema.PROVIDERS),
    (schema.OFFERINGS, ("provider_id",), schema.PROVIDERS),
    (schema.DISTRICT_PRICES, ("offering_id",), schema.OFFERINGS),
    (of_workers.WORKERS, ("provider_id",), schema.PROVIDERS),
    (of_workers.SKILLS, ("worker_id",), of_workers.WORKERS),
    (of_workers.LEAVES, ("worker_id",), of_workers.WORKERS),
    (of_workers.ENGAGEMENTS, ("worker_id",), of_workers.WORKERS),
    (of_workers.WORKER_CREDS, ("worker_id",), of_workers.WORKERS),
    (of_choices.CATEGORIES, ("offering_id",), schema.OFFERINGS),
    (of_choices.CUSTOMIZATIONS, ("offering_id",), schema.OFFERINGS),
    (of_choices.OFFERS, ("provider_id",), schema.PROVIDERS),
    (schema.AREAS, ("provider_id", "location_id"), schema.LOCATIONS),
)


def _check_references(rows: Rows, tables: Mapping[str, list[Row]]) -> None:
    for table, names, target in _REFERENCES:
        known = {tuple(row[name] for name in target.key) for row in tables[target.file]}
        for row in tables[table.file]:
            key = tuple(row[name] for name in names)
            if None not in key and key not in known:
                rows.note(row, names[-1], f"not in {target.file}: {key[-1]}")


def _provider(rows: Rows, row: Row, tables: Mapping[str, list[Row]], services: Mapping[str, Service]) -> Provider:
    if row["agreement_until"] < row["agreement_from"]:
        rows.note(row, "agreement_until", "lies before agreement_from")
    of = partial(_of_provider, tables, row["id"])
    locations = tuple(place for one in of(schema.LOCATIONS) if (place := _location(rows, one)))
    cancellation = tuple(_cancellation(rows, one) for one in of(schema.CANCELLATION))
    reschedule = tuple(_reschedule(rows, one) for one in of(schema.RESCHEDULE))
    for table in (schema.LOCATIONS, schema.AREAS, schema.CANCELLATION, schema.RESCHEDULE):
        if not any(one["provider_id"] == row["id"] for one in tables[table.file]):
            rows.note(row, "id", f"{row['id']} has no row in {table.file}")
    return Provider(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        name_hi=row["name_hi"],
        code=row["code"] or row["id"],
        short_desc=row["short_desc"],
        long_desc=row["long_desc"],
        image=row["image"],
        phone=row["phone"],
        email=row["email"],
        gstin=row["gstin"],
        status=row["status"],
        agreement_from=row["agreement_from"],
        agreement_until=row["agreement_until"],
        acceptance=row["acceptance"],
        tracking=row["tracking"],
        districts=row["districts"],
        locations=locations,
        areas=link_areas(rows, of(schema.AREAS)),
        hours=hours_of(rows, row),
        terms=Terms(cancellation=cancellation, reschedule=reschedule),
        creds=tuple(credential(one) for one in of(schema.CREDS)),
        services=link_services(rows, of(schema.DISTRICT_SERVICES), row["districts"], services),
        has_pan=row["has_pan"],
        worker_share=row["worker_share"],
    )


def _of_provider(tables: Mapping[str, list[Row]], provider_id: str, table: Table) -> list[Row]:
    return [row for row in tables[table.file] if row.sound and row["provider_id"] == provider_id]


def _location(rows: Rows, row: Row) -> Location | None:
    district = row["district"] or district_of(row["area_code"], row["gps"])
    if district is None:
        return None
    if row["std"] not in std_codes(district).all:
        rows.note(row, "std", f"expected {' or '.join(std_codes(district).all)}, found {row['std']}")
    return Location(
        id=row["id"],
        gps=row["gps"],
        address=row["address"],
        city=row["city"],
        std=row["std"],
        area_code=row["area_code"],
        district=district,
    )


def _reschedule(rows: Rows, row: Row) -> RescheduleTerm:
    term = RescheduleTerm(state=row["state"], eligible=row["eligible"], fee=row["fee"], within=row["within"])
    if problem := reschedule_problem(term):
        rows.note(row, *problem)
    return term


def _cancellation(rows: Rows, row: Row) -> CancellationTerm:
    term = CancellationTerm(
        state=row["state"],
        cancel_by=row["cancel_by"],
        fee=row["fee"],
        percentage=row["percentage"],
        reason_required=row["reason_required"],
        penalty=row["penalty"],
        penalty_percentage=row["penalty_percentage"],
    )
    if problem := cancellation_problem(term):
        rows.note(row, *problem)
    return term
