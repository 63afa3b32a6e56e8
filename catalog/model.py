"""The catalog's values: places, services, providers, offerings, workers. Frozen; no behaviour but small reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from catalog.customization import Customization, CustomizationCategory, Offer
from catalog.money import Money
from catalog.parts import (
    Area,
    AreaKind,
    CancellationTerm,
    Credential,
    Engagement,
    EngagementMode,
    Gps,
    Hours,
    Location,
    Rating,
    RescheduleTerm,
    Terms,
)

__all__ = [
    "IN_ADVANCE",
    "ON_SITE",
    "Area",
    "AreaKind",
    "CancellationTerm",
    "Credential",
    "Engagement",
    "EngagementMode",
    "Gps",
    "Hours",
    "Location",
    "Offering",
    "PaymentType",
    "Provider",
    "PublishPolicy",
    "Rating",
    "RescheduleTerm",
    "Service",
    "Slot",
    "SubService",
    "Terms",
    "Worker",
]

PaymentType = Literal["PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT"]
IN_ADVANCE: PaymentType = "PRE-FULFILLMENT"
ON_SITE: PaymentType = "ON-FULFILLMENT"
PublishPolicy = Literal["exact", "wildcard", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A sewaprdata: a firm or an individual with an agreement, who offers services in chosen districts.

    Sources: rules R1 to R8 of the government order of 13 December 2021. ``districts`` are LGD codes; a provider
    is offered only where a district and an area both say so. ``acceptance`` manual: each order waits for the
    provider's word. ``tracking``: buyers may ask where a worker is who is on the way to them and who agrees.
    ``services`` are the service ids chosen for a district (rule R4), by its LGD code; in a district that is not a key
    all that it offers. ``has_pan``: the Samiti knows its permanent account number, which lowers the income tax
    deducted. ``worker_share`` is the part, per cent, of what it earns that is credited to the worker's own wallet.
    """

    id: str
    kind: Literal["firm", "individual"]
    name: str
    name_hi: str
    code: str
    short_desc: str
    long_desc: str
    image: str
    phone: str
    email: str
    gstin: str = ""
    status: Literal["active", "suspended"] = "active"
    agreement_from: date
    agreement_until: date
    acceptance: Literal["auto", "manual"] = "auto"
    tracking: bool = False
    districts: tuple[str, ...]
    locations: tuple[Location, ...]
    areas: tuple[Area, ...]
    hours: Hours
    terms: Terms
    creds: tuple[Credential, ...] = ()
    offers: tuple[Offer, ...] = ()
    rating: Rating = field(default_factory=Rating)
    services: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    has_pan: bool = True
    worker_share: Decimal = Decimal(0)

    def location(self, location_id: str) -> Location | None:
        """The location of that id, or None."""
        return next((place for place in self.locations if place.id == location_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubService:
    """One thing Sewamitra sells, in both languages, with its ONDC code where there is one.

    ``id`` such as ``SM-PLB-TAP``; ``service_id`` such as ``SM-PLB``. ``code`` is decimal (``SRV11-1047``) or
    None. ``words`` are further names people use: English, Hindi, Roman Hindi. ``match`` says how well the code
    fits: ``exact``, ``nearest`` (never published under it in silence) or ``none``.
    """

    id: str
    service_id: str
    domain: str
    name_en: str
    name_hi: str
    code: str | None
    match: Literal["exact", "nearest", "none"]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A trade such as plumbing, with its publishing policy where no exact code exists."""

    id: str
    name_en: str
    name_hi: str
    policy: PublishPolicy
    words: tuple[str, ...] = ()
    sub_services: tuple[SubService, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """A sub-service as one provider sells it: the ``item`` of the wire.

    ``id`` is unique over all providers. ``price`` is tax-inclusive, for one unit; ``district_prices`` overrides it
    by LGD code. ``tax_rate`` is per cent. ``duration`` is the minutes one unit keeps one worker. ``parallel``: several
    units are done by several workers at once instead of one after another. ``category`` is the code published: a
    decimal ONDC code or the wildcard ``SRV11-*`` of decision 22; empty for what stays off the network. ``advance`` is
    the part of the price, per cent, that is paid beforehand where payment is beforehand; the rest is then paid on site.
    ``customizations`` are chosen with it, as the rules of its ``categories`` say. ``districts`` are those of the
    provider's, by LGD code, in which it is offered; all of them where empty.
    """

    id: str
    provider_id: str
    sub_service_id: str
    domain: str
    category: str
    name: str
    name_hi: str
    short_desc: str
    long_desc: str
    image: str
    price: Money
    max_price: Money | None = None
    district_prices: Mapping[str, Money] = field(default_factory=dict)
    tax_rate: Decimal = Decimal(18)
    sac: str = ""
    unit: str = "job"
    duration: int = 60
    max_count: int = 10
    parallel: bool = False
    payment_types: tuple[PaymentType, ...] = ("PRE-FULFILLMENT",)
    advance: Decimal = Decimal(100)
    location_ids: tuple[str, ...] = ()
    parent_item_id: str = ""
    valid_from: date
    valid_until: date
    active: bool = True
    categories: tuple[CustomizationCategory, ...] = ()
    customizations: tuple[Customization, ...] = ()
    districts: tuple[str, ...] = ()

    @property
    def on_network(self) -> bool:
        """Whether buyer apps are offered it; what they are not is sold through our own channels alone."""
        return bool(self.category)

    @property
    def area_category(self) -> str:
        """What an area must take in to serve it: its category, else that of its whole domain."""
        return self.category or f"{self.domain.removeprefix('ONDC:')}-*"

    def price_in(self, district: str | None) -> Money:
        """The price of one unit in a district (LGD code), the general one where none is set."""
        return self.district_prices.get(district or "", self.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A sewamitra: registered by one provider, police-verified, certified per service.

    ``skills`` maps a service id (``SM-PLB``) to the last day of its certificate; ``verified_until`` is the last
    day of the police verification. ``leaves`` are closed intervals of days. ``shares_location``: the worker agrees
    that customers are told roughly where he or she is on the way to them. ``engagements`` are contracts elsewhere;
    ``available`` is the worker's own switch. ``creds`` are the papers that may be shown to the buyer, ``verification``
    the number of the police verification, ``external_id`` the worker's id in another register of the state (R23).
    """

    id: str
    provider_id: str
    name: str
    phone: str
    email: str = ""
    photo: str = ""
    gender: Literal["female", "male", "other", ""] = ""
    gps: Gps
    districts: tuple[str, ...]
    skills: Mapping[str, date]
    verified_until: date | None
    hours: Hours
    leaves: tuple[tuple[date, date], ...] = ()
    shares_location: bool = False
    active: bool = True
    rating: Rating = field(default_factory=Rating)
    engagements: tuple[Engagement, ...] = ()
    available: bool = True
    creds: tuple[Credential, ...] = ()
    verification: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A stretch of time at the customer's place, both ends aware and in UTC."""

    start: datetime
    end: datetime
