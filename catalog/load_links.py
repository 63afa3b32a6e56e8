"""Areas, services and offerings of a catalog being loaded: rows put together, and checked against one another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial

from beckn_schemas.invariants_catalog import val_fits
from catalog.codes import covers, domains
from catalog.geo import polygon
from catalog.load_fields import pincode
from catalog.load_rows import Row, Rows
from catalog.model import Area, Hours, Offering, Provider, Service, SubService
from catalog.money import Money
from catalog.services import published_category

_LONGEST_KM = 1000.0
_FORMS = {
    "10": "kilometres with at most three decimals",
    "11": "pincodes separated by commas",
    "13": "a GeoJSON FeatureCollection",
}


def hours_of(rows: Rows, row: Row) -> Hours:
    """The working hours in a row of a provider or worker."""
    if row["closes"] <= row["opens"]:
        rows.note(row, "closes", "must be later than opens")
    return Hours(days=row["days"], opens=row["opens"], closes=row["closes"], holidays=row["holidays"])


def link_areas(rows: Rows, found: Iterable[Row]) -> tuple[Area, ...]:
    """The areas in rows, each ``val`` tried as its kind says and written as it is sent."""
    areas = []
    for row in found:
        val = _tidy(row["kind"], row["val"])
        rows.check(row, "val", partial(_try_area, row["kind"], val))
        areas.append(Area(location_id=row["location_id"], category=row["category"], kind=row["kind"], val=val))
    return tuple(areas)


def _tidy(kind: str, val: str) -> str:
    """A ``val`` as it is sent: pincodes without spaces, kilometres with kilometres as they are."""
    if kind == "11":
        return ",".join(part.strip() for part in val.split(","))
    return val


def _try_area(kind: str, val: str) -> None:
    """Raise ValueError where a ``val`` does not fit its kind."""
    match kind:
        case "10":
            if not val.replace(".", "", 1).isascii() or not val.replace(".", "", 1).isdecimal():
                raise ValueError(f"expected kilometres, found {val!r}")
            if not 0 < float(val) <= _LONGEST_KM:
                raise ValueError(f"expected kilometres above 0, at most {_LONGEST_KM:.0f}, found {val!r}")
        case "11":
            for part in val.split(","):
                pincode(part)
        case "12":
            if val not in {"IND", "IN-UP"}:
                raise ValueError(f"expected IND or IN-UP, found {val!r}")
        case _:
            polygon(val)
    if kind != "12" and not val_fits(kind, val):  # a state is told to buyers as its country
        raise ValueError(f"expected {_FORMS[kind]}, found {val[:80]!r}")


def link_services(
    rows: Rows, found: Iterable[Row], districts: Collection[str], services: Mapping[str, Service]
) -> dict[str, tuple[str, ...]]:
    """The services chosen for each district (rule R4); the districts must be the provider's."""
    chosen: dict[str, tuple[str, ...]] = {}
    for row in found:
        if row["district"] not in districts:
            rows.note(row, "district", f"the provider does not serve district {row['district']}")
        if row["service_id"] not in services:
            rows.note(row, "service_id", f"no such service: {row['service_id']}")
        chosen[row["district"]] = (*chosen.get(row["district"], ()), row["service_id"])
    return chosen


def link_offerings(
    rows: Rows,
    tables: Mapping[str, list[Row]],
    providers: Mapping[str, Provider],
    services: Mapping[str, Service],
) -> tuple[Offering, ...]:
    """The offerings of sound rows, with their category and district prices."""
    prices: dict[str, dict[str, Money]] = {}
    for row in tables["district_prices.csv"]:
        if row.sound:
            prices.setdefault(row["offering_id"], {})[row["district"]] = row["price"]
    subs = {sub.id: (sub, service) for service in services.values() for sub in service.sub_services}
    known = {row["id"]: row for row in tables["offerings.csv"]}
    offerings = []
    for row in tables["offerings.csv"]:
        if not row.sound:
            continue
        _check_offering(rows, row, known)
        if row["sub_service_id"] not in subs:
            rows.note(row, "sub_service_id", f"no such sub-service: {row['sub_service_id']}")
            continue
        sub, service = subs[row["sub_service_id"]]
        category = _category(rows, row, sub, service)
        if category is None:
            continue
        offering = _offering(row, sub, category, prices.get(row["id"], {}))
        if provider := providers.get(offering.provider_id):
            _check_place(rows, row, offering, provider)
        offerings.append(offering)
    return tuple(offerings)


def _check_offering(rows: Rows, row: Row, known: Mapping[str, Row]) -> None:
    if row["valid_until"] < row["valid_from"]:
        rows.note(row, "valid_until", "lies before valid_from")
    if row["max_price"] is not None and row["max_price"] < row["price"]:
        rows.note(row, "max_price", "lies below the price")
    if parent := row["parent_item_id"]:
        if parent not in known:
            rows.note(row, "parent_item_id", f"not in offerings.csv: {parent}")
        elif parent == row["id"] or known[parent]["provider_id"] != row["provider_id"]:
            rows.note(row, "parent_item_id", f"not another offering of the same provider: {parent}")


def _category(rows: Rows, row: Row, sub: SubService, service: Service) -> str | None:
    """The category published, empty where the policy lets none: then it is sold through our own channels alone.

    Noted and None for a domain that is not served, and for another category than that.
    """
    allowed = published_category(sub, service.policy) or ""
    if sub.domain not in domains():
        rows.note(row, "sub_service_id", f"{sub.id} belongs to {sub.domain}, which is not served")
    elif row["category"] not in ("", allowed):
        under = f"is published under {allowed}" if allowed else f"stays off the network (policy {service.policy})"
        rows.note(row, "category", f"{sub.id} {under}, not {row['category']}")
    else:
        return allowed
    return None


def _check_place(rows: Rows, row: Row, offering: Offering, provider: Provider) -> None:
    """Its places must be the provider's, and an area round one of them must take its category in."""
    for place in offering.location_ids:
        if provider.location(place) is None:
            rows.note(row, "location_ids", f"not a place of {provider.id}: {place}")
    for lgd in offering.district_prices:
        if lgd not in provider.districts:
            rows.note(row, "id", f"has a price in district {lgd}, which {provider.id} does not serve")
    for lgd in offering.districts:
        if lgd not in provider.districts:
            rows.note(row, "districts", f"{provider.id} does not serve district {lgd}")
    served_from = offering.location_ids or tuple(place.id for place in provider.locations)
    if not any(
        covers(area.category, offering.area_category) for area in provider.areas if area.location_id in served_from
    ):
        rows.note(row, "category", f"no area of {provider.id} takes in {offering.area_category}")


def _offering(row: Row, sub: SubService, category: str, prices: Mapping[str, Money]) -> Offering:
    return Offering(
        id=row["id"],
        provider_id=row["provider_id"],
        sub_service_id=sub.id,
        domain=sub.domain,
        category=category,
        name=row["name"] or sub.name_en,
        name_hi=row["name_hi"] or sub.name_hi,
        short_desc=row["short_desc"],
        long_desc=row["long_desc"],
        image=row["image"],
        price=row["price"],
        max_price=row["max_price"],
        district_prices=prices,
        tax_rate=row["tax_rate"],
        sac=row["sac"],
        unit=row["unit"],
        duration=row["duration"],
        max_count=row["max_count"],
        parallel=row["parallel"],
        payment_types=row["payment_types"],
        advance=row["advance"],
        location_ids=row["location_ids"],
        parent_item_id=row["parent_item_id"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        active=row["active"],
        districts=row["districts"],
    )
