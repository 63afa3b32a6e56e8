"""Workers of a catalog being loaded: rows put together, and checked against providers and services."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.load_links import hours_of
from catalog.load_rows import Row, Rows
from catalog.model import Credential, Engagement, Provider, Service, Worker


def link_workers(
    rows: Rows,
    tables: Mapping[str, list[Row]],
    providers: Mapping[str, Provider],
    services: Mapping[str, Service],
) -> tuple[Worker, ...]:
    """The workers of sound rows, with their certificates, papers, leaves and engagements."""
    for row in tables["skills.csv"]:
        if row["service_id"] is not None and row["service_id"] not in services:
            rows.note(row, "service_id", f"no such service: {row['service_id']}")
    for row in (*tables["leaves.csv"], *tables["engagements.csv"]):
        if row.sound and row["last"] < row["first"]:
            rows.note(row, "last", "lies before first")
    for row in tables["engagements.csv"]:
        if row.sound and (row["ended"] is None) != (row["ended_by"] == ""):
            rows.note(row, "ended_by", "ended and ended_by stand together or not at all")
    workers = []
    for row in tables["workers.csv"]:
        if not row.sound:
            continue
        provider = providers.get(row["provider_id"])
        if provider and (foreign := set(row["districts"]) - set(provider.districts)):
            rows.note(row, "districts", f"{provider.id} does not serve {', '.join(sorted(foreign))}")
        workers.append(_worker(rows, row, tables))
    return tuple(workers)


def _worker(rows: Rows, row: Row, tables: Mapping[str, list[Row]]) -> Worker:
    def own(file: str) -> list[Row]:
        return [one for one in tables[file] if one.sound and one["worker_id"] == row["id"]]

    return Worker(
        id=row["id"],
        provider_id=row["provider_id"],
        name=row["name"],
        phone=row["phone"],
        email=row["email"],
        photo=row["photo"],
        gender=row["gender"],
        gps=row["gps"],
        districts=row["districts"],
        skills={one["service_id"]: one["certified_until"] for one in own("skills.csv")},
        verified_until=row["verified_until"],
        hours=hours_of(rows, row),
        leaves=tuple((one["first"], one["last"]) for one in own("leaves.csv")),
        shares_location=row["shares_location"],
        active=row["active"],
        engagements=tuple(_engagement(one) for one in own("engagements.csv")),
        available=row["available"],
        creds=tuple(credential(one) for one in own("worker_creds.csv")),
        verification=row["verification"],
        external_id=row["external_id"],
    )


def _engagement(row: Row) -> Engagement:
    return Engagement(
        id=row["id"],
        mode=row["mode"],
        employer=row["employer"],
        first=row["first"],
        last=row["last"],
        ended=row["ended"],
        ended_by=row["ended_by"],
    )


def credential(row: Row) -> Credential:
    """The paper in a row of a provider or worker."""
    return Credential(id=row["id"], type=row["type"], desc=row["desc"], url=row["url"])
