"""What an offering out of a rate list may not be, beside what its cells may not hold.

Only what is new or changed is held against it: what is on sale already is the linter's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.codes import covers, to_decimal
from catalog.model import Offering, Provider, SubService
from catalog.places import districts
from catalog.ratelist.rows import Reading
from catalog.ratelist.texts import Language
from catalog.services import SERVICES

TAX_RATES = tuple(Decimal(rate) for rate in (0, 5, 12, 18, 28))
WITHOUT_GSTIN = Decimal(5)
"""The most that a provider without GSTIN may say: the operator pays it (section 9(5) of the CGST Act)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A rule that is broken: the column, the kind, and what the words about it need."""

    column: str
    kind: str
    values: dict[str, Any]


def broken_by_row(row: Reading, sub: SubService, category: str, provider: Provider, said: Language) -> Iterator[Wrong]:
    """What is wrong with a single row: its code, and its districts."""
    if (code := row.values.get("category")) and _code(code) != category:
        kind = "other_code" if category else "no_code"
        yield Wrong(column="category", kind=kind, values=_values(service=sub.id, expected=category, found=code))
    for lgd in row.values.get("district", ()):
        place = districts()[lgd]
        name = place.name_hi if said == "hi" else place.name_en
        if lgd not in provider.districts:
            yield Wrong(column="district", kind="foreign_district", values=_values(found=name))
        elif lgd in provider.services and sub.service_id not in provider.services[lgd]:
            service = SERVICES[sub.service_id]
            chosen = service.name_hi if said == "hi" else service.name_en
            yield Wrong(column="district", kind="service_not_chosen", values=_values(found=name, service=chosen))


def broken_by_offering(one: Offering, provider: Provider) -> Iterator[Wrong]:
    """What is wrong with the offering that its rows make together."""
    if one.valid_until < one.valid_from:
        values = _values(found=one.valid_until.isoformat(), first=one.valid_from.isoformat())
        yield Wrong(column="valid_until", kind="reversed", values=values)
    if one.max_price is not None and one.max_price < one.price:
        yield Wrong(column="max_price", kind="below_price", values=_values(found=one.max_price, price=one.price))
    if one.tax_rate not in TAX_RATES:
        allowed = ", ".join(str(rate) for rate in TAX_RATES)
        yield Wrong(column="tax_rate", kind="tax_rate", values=_values(found=f"{one.tax_rate:f}", allowed=allowed))
    elif not provider.gstin and one.tax_rate > WITHOUT_GSTIN:
        yield Wrong(column="tax_rate", kind="tax_without_gstin", values=_values(found=f"{one.tax_rate:f}"))
    if not has_area(one, provider):
        yield Wrong(column="sub_service", kind="no_area", values=_values(category=one.area_category))


def has_area(one: Offering, provider: Provider) -> bool:
    """Whether an area round one of its places takes it in."""
    places = one.location_ids or tuple(place.id for place in provider.locations)
    return any(covers(area.category, one.area_category) for area in provider.areas if area.location_id in places)


def _code(text: str) -> str:
    try:
        return to_decimal(text)
    except ValueError:
        return text


def _values(**values: Any) -> dict[str, Any]:
    return values
