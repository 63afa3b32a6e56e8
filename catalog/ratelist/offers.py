"""The offering that rows speak of: which one it is, and what it becomes.

A column that the list does not have leaves what there is, and so does an empty cell, but for those that may well be
empty: struck-off price, accounting code, names (then the sub-service's) and district (then all).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from catalog.model import Offering, Provider, SubService
from catalog.money import Money
from catalog.ratelist.cells import unit_word
from catalog.ratelist.read import RateList
from catalog.ratelist.rows import Reading, names_of
from catalog.ratelist.texts import plain
from catalog.taxes import usual_tax

UNIT, MINUTES = "job", 60
ASSUMED = ("duration", "tax_rate", "image", "valid_from", "valid_until")
"""What a new offering needs and a list may leave out; it is said that it was assumed."""

_PLAIN = (
    "unit",
    "duration",
    "max_count",
    "tax_rate",
    "sac",
    "short_desc",
    "long_desc",
    "payment_types",
    "advance",
    "parallel",
    "image",
    "valid_from",
    "valid_until",
    "active",
    "max_price",
)
_CLEARED: Mapping[str, Any] = {"max_price": None, "sac": ""}
_LONGEST_ID = 64
_LONGEST_PREFIX = 40

Key = tuple[str, str, str]


def key_of(one: Offering, sub: SubService) -> Key:
    """What tells a provider's offerings apart where no id does: the sub-service, and names that are not its own."""
    return _key(sub, one.name, one.name_hi)


def key_of_row(reading: Reading, sub: SubService) -> Key:
    """The same of a row."""
    return _key(sub, *names_of(reading))


def _key(sub: SubService, name: str, name_hi: str) -> Key:
    names = ((name, sub.name_en), (name_hi, sub.name_hi))
    given, given_hi = ("" if plain(text) == plain(own) else plain(text) for text, own in names)
    return sub.id, given, given_hi


def new_id(provider: Provider, key: Key, unit: str, taken: Collection[str]) -> str:
    """An id made of the provider, the sub-service, the names and the unit: the same list always gives the same."""
    sub_service_id, *names = key
    owner = provider.id if len(provider.id) <= _LONGEST_PREFIX else f"{provider.id[:30]}-{_digest(provider.id)}"
    base = f"{owner}.{sub_service_id.removeprefix('SM-')}"
    found = f"{base}-{_digest(*names, unit)}" if any(names) or unit != UNIT else base
    serial = 1
    while found in taken:  # renamed since, and another has come in its place
        serial += 1
        found = f"{base}-{_digest(*names, unit, str(serial))}"
    return found[:_LONGEST_ID]


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8]


def merged(
    before: Offering | None,
    readings: Sequence[Reading],
    sub: SubService,
    category: str,
    *,
    rates: RateList,
    provider: Provider,
    today: date,
) -> Offering:
    """The offering that rows of one id speak of; the first has the word but for districts and prices."""
    first = readings[0]
    base = before or _fresh(first, sub, category, provider, today)
    found = {name: first.values[name] for name in _PLAIN if first.has(name)}
    found |= {name: empty for name, empty in _CLEARED.items() if name in rates.headings and not first.has(name)}
    if before is not None and unit_word(before.unit) == found.get("unit"):
        found["unit"] = before.unit
    after = replace(base, sub_service_id=sub.id, domain=sub.domain, category=category, **found)
    return _priced(_named(after, before, first, sub, rates), before, readings, rates)


def assumed(before: Offering | None, after: Offering, first: Reading) -> tuple[tuple[str, Any], ...]:
    """The fields of a new offering that its row does not give, with what was taken."""
    if before is not None:
        return ()
    return tuple((name, getattr(after, name)) for name in ASSUMED if not first.has(name))


def _fresh(first: Reading, sub: SubService, category: str, provider: Provider, today: date) -> Offering:
    name, name_hi = names_of(first)
    short_desc = first.values.get("short_desc") or name or name_hi or sub.name_en
    return Offering(
        id=first.offering_id,
        provider_id=provider.id,
        sub_service_id=sub.id,
        domain=sub.domain,
        category=category,
        name=sub.name_en,
        name_hi=sub.name_hi,
        short_desc=short_desc,
        long_desc=short_desc,
        image=provider.image,
        price=first.values["price"],
        tax_rate=usual_tax(sub.service_id, registered=bool(provider.gstin)),
        unit=UNIT,
        duration=MINUTES,
        valid_from=today,
        valid_until=provider.agreement_until,
    )


def _named(one: Offering, before: Offering | None, first: Reading, sub: SubService, rates: RateList) -> Offering:
    """The names that the list gives; where it has no columns for them, those that there are."""
    name, name_hi = names_of(first)
    if before is not None and before.sub_service_id == sub.id:
        if not {"name", "name_hi"} & set(rates.headings):
            return one
        name = name or ("" if "name" in rates.headings else before.name)
        name_hi = name_hi or ("" if "name_hi" in rates.headings else before.name_hi)
    return replace(one, name=name or sub.name_en, name_hi=name_hi or sub.name_hi)


def _priced(one: Offering, before: Offering | None, readings: Sequence[Reading], rates: RateList) -> Offering:
    """The prices of all its rows: the general one, and those of districts that differ from it (rule R5)."""
    if "district" not in rates.headings:
        return replace(one, price=readings[0].values["price"])
    general = next((row.values["price"] for row in readings if not row.values.get("district")), None)
    by_district = {lgd: row.values["price"] for row in readings for lgd in row.values.get("district", ())}
    price = general or _commonest(by_district.values())
    districts = () if general else tuple(by_district)
    different = {lgd: own for lgd, own in by_district.items() if own != price}
    after = replace(one, price=price, districts=districts, district_prices=different)
    if before is not None and _same_prices(before, after):
        return replace(after, price=before.price, districts=before.districts, district_prices=before.district_prices)
    return after


def _commonest(prices: Iterable[Money]) -> Money:
    """The price of most districts; of several the lowest."""
    counted = Counter(prices)
    most = max(counted.values())
    return min(price for price, number in counted.items() if number == most)


def _same_prices(before: Offering, after: Offering) -> bool:
    """Whether two ways of writing prices come to the same in every district."""
    if set(before.districts) != set(after.districts) or (not after.districts and before.price != after.price):
        return False
    places = after.districts or {*before.district_prices, *after.district_prices}
    return all(before.price_in(one) == after.price_in(one) for one in places)
