"""What is wrong with a catalog as buyers see it, although every part of it may be stored: each rule a function.

``refused``: a buyer app may refuse it, or nobody can ever book it. ``misleading``: a buyer may expect something else.
What is not on sale is not looked at, but for the fact that it is not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from catalog.codes import is_wildcard
from catalog.load import CatalogData
from catalog.model import Offering, Provider, Service, SubService, Worker
from catalog.money import ZERO
from catalog.ratelist.cells import CellFault, checked_text
from catalog.ratelist.rules import TAX_RATES, WITHOUT_GSTIN, has_area
from catalog.ratelist.texts import language_of, plain
from catalog.services import SERVICES, SUB_SERVICES
from catalog.snapshot import offered, on_sale

Level = Literal["refused", "misleading"]

_SHORTEST_NAME, _LONGEST_NAME = 3, 80
_SHORTEST_MINUTES, _STEP, _MOST_DAYS = 10, 5, 10
_PLACEHOLDER = re.compile(r"^(test|todo|xxx+|n/?a|tbd|-+|\.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong: whose, with which offering ("" the provider itself), and the text for people."""

    provider_id: str
    offering_id: str
    level: Level
    kind: str
    text: str


Told = Iterator[tuple[Level, str, str]]


@dataclass(frozen=True)
class Shelf:
    """A provider on sale with what it offers today, and its workers."""

    provider: Provider
    offerings: tuple[Offering, ...]
    workers: tuple[Worker, ...]
    today: date

    @cached_property
    def names(self) -> Counter[tuple[str, str]]:
        """How often each pair of names occurs."""
        return Counter((plain(one.name), plain(one.name_hi)) for one in self.offerings)


def lint(data: CatalogData, today: date) -> list[Finding]:
    """Everything that is wrong with a catalog on a day, in the order of providers and offerings."""
    found: list[Finding] = []
    for provider in data.providers:
        own = [one for one in data.offerings if one.provider_id == provider.id and one.active]
        if not on_sale(provider, today):
            text = f"not on sale today: {provider.status}, agreement until {provider.agreement_until}"
            found.append(Finding(provider.id, "", "refused", "not_on_sale", text))
            continue
        shelf = Shelf(
            provider=provider,
            offerings=tuple(one for one in own if offered(one, today)),
            workers=tuple(one for one in data.workers if one.provider_id == provider.id),
            today=today,
        )
        found += [Finding(provider.id, "", *told) for told in _of_provider(shelf)]
        found += [Finding(provider.id, one.id, *told) for one in own for told in _validity(one, shelf)]
        found += [
            Finding(provider.id, one.id, *told)
            for one in shelf.offerings
            for rule in RULES
            for told in rule(one, shelf)
        ]
    return sorted(found)


def _of_provider(shelf: Shelf) -> Told:
    provider = shelf.provider
    if not shelf.offerings:
        yield "refused", "nothing_offered", "no offering is on sale today"
    if not provider.areas or not provider.districts:
        yield "refused", "no_area", "serves no area at all"
    if not provider.image:
        yield "misleading", "no_image", "no picture of the provider"
    if language_of(provider.name_hi) != "hi":
        yield "misleading", "no_hindi_name", f"the Hindi name is not in Hindi: {provider.name_hi!r}"


def _validity(one: Offering, shelf: Shelf) -> Told:
    if one.valid_until < shelf.today:
        yield "refused", "expired", f"its validity ended on {one.valid_until}"
    elif one.valid_from > shelf.today:
        yield "misleading", "not_yet_valid", f"its validity begins on {one.valid_from}"
    if one.valid_until > shelf.provider.agreement_until:
        yield "misleading", "beyond_agreement", f"the agreement ends before it, on {shelf.provider.agreement_until}"


def _names(one: Offering, shelf: Shelf) -> Told:
    if len(one.name) < _SHORTEST_NAME or _PLACEHOLDER.match(one.name):
        yield "misleading", "name_short", f"the name says nothing: {one.name!r}"
    if len(one.name) > _LONGEST_NAME:
        yield (
            "refused",
            "name_long",
            f"the name has {len(one.name)} characters, {_LONGEST_NAME} at most are shown",
        )
    if language_of(one.name) == "hi":
        yield "misleading", "no_english_name", "the English name is in Hindi"
    if language_of(one.name_hi) != "hi":
        yield "misleading", "no_hindi_name", f"the Hindi name is not in Hindi: {one.name_hi!r}"
    if shelf.names[plain(one.name), plain(one.name_hi)] > 1:
        yield "misleading", "same_name", "another offering of the provider has the same names"


def _texts(one: Offering, _shelf: Shelf) -> Told:
    for name in ("name", "name_hi", "short_desc", "long_desc"):
        try:
            checked_text(getattr(one, name))
        except CellFault as fault:
            yield "refused", fault.kind, f"{name} holds what may not be in a text"
    if not one.short_desc or _PLACEHOLDER.match(one.short_desc):
        yield "misleading", "no_description", "no description"


def _image(one: Offering, shelf: Shelf) -> Told:
    if not one.image:
        yield "refused", "no_image", "no picture"
    elif one.image == shelf.provider.image:
        yield "misleading", "provider_image", "shows the provider's picture instead of one of its own"


def _prices(one: Offering, _shelf: Shelf) -> Told:
    prices = (one.price, *one.district_prices.values())
    if min(prices) <= ZERO:
        yield "refused", "price_zero", "a price is not above zero"
    if one.max_price is not None and one.max_price <= min(prices):
        yield "misleading", "no_saving", f"the struck-off price {one.max_price} is above no price, so it is never shown"


def _tax(one: Offering, shelf: Shelf) -> Told:
    if one.tax_rate not in TAX_RATES:
        yield "refused", "tax_rate", f"{one.tax_rate:f} per cent is no rate of tax"
    elif not shelf.provider.gstin and one.tax_rate > WITHOUT_GSTIN:
        yield "refused", "tax_without_gstin", f"{one.tax_rate:f} per cent of tax, but the provider has no GSTIN"


def _time(one: Offering, shelf: Shelf) -> Told:
    hours = shelf.provider.hours
    day = (hours.closes.hour - hours.opens.hour) * 60 + hours.closes.minute - hours.opens.minute
    if one.duration < _SHORTEST_MINUTES or one.duration % _STEP or one.duration > _MOST_DAYS * day:
        yield "misleading", "odd_duration", f"{one.duration} minutes is an odd time"


def _code(one: Offering, _shelf: Shelf) -> Told:
    sub, service = _taxonomy(one)
    if not one.on_network:
        return
    if one.category == sub.code and sub.match != "exact":
        yield "refused", "nearest_code", f"published under {one.category}, which only comes near to {sub.name_en}"
    elif service.policy == "off":
        yield "refused", "policy_off", f"the policy of {service.id} is off, yet it is published"
    elif is_wildcard(one.category):
        yield "misleading", "wildcard", f"published under {one.category}: a search by code does not find it"


def _area(one: Offering, shelf: Shelf) -> Told:
    if not has_area(one, shelf.provider):
        yield "refused", "no_area", f"no area of the provider takes in {one.area_category}"
    foreign = {*one.districts, *one.district_prices} - set(shelf.provider.districts)
    if foreign:
        yield "misleading", "foreign_district", f"priced in districts not served: {', '.join(sorted(foreign))}"


def _workers(one: Offering, shelf: Shelf) -> Told:
    service_id = _taxonomy(one)[1].id
    able = [worker for worker in shelf.workers if _may_work(worker, service_id, shelf.today)]
    served = one.districts or shelf.provider.districts
    lacking = [lgd for lgd in served if not any(lgd in worker.districts for worker in able)]
    if not able or len(lacking) == len(served):
        yield "refused", "no_worker", f"no slot is ever free: no verified worker is certified for {service_id}"
    elif lacking:
        yield "misleading", "no_worker_there", f"no worker for {service_id} in {', '.join(lacking)}"


def _may_work(worker: Worker, service_id: str, today: date) -> bool:
    """Rule R11, and whether he or she is there at all."""
    verified = worker.verified_until is not None and worker.verified_until >= today
    certified = worker.skills.get(service_id, date.min) >= today
    engaged = any(one.first <= today <= one.until for one in worker.engagements)
    return worker.active and worker.available and verified and certified and not engaged


def _taxonomy(one: Offering) -> tuple[SubService, Service]:
    sub = SUB_SERVICES[one.sub_service_id]
    return sub, SERVICES[sub.service_id]


RULES: tuple[Callable[[Offering, Shelf], Told], ...] = (
    _names,
    _texts,
    _image,
    _prices,
    _tax,
    _time,
    _code,
    _area,
    _workers,
)
