"""The CSV files of a catalog directory: their columns, what each means, and an example. The loader reads by this."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog import load_fields as read
from catalog.load_fields import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its meaning and an example. An empty cell gives ``default``, or is a problem where ``required``."""

    name: str
    description: str
    example: str
    required: bool
    default: Any
    read: Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file of a catalog: ``key`` are the columns that tell its rows apart. An ``optional`` one may be missing."""

    file: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False


def _need(name: str, reader: Reader, description: str, example: str) -> Column:
    return Column(name=name, description=description, example=example, required=True, default=None, read=reader)


def _may(name: str, reader: Reader, description: str, example: str, default: Any = "") -> Column:
    return Column(name=name, description=description, example=example, required=False, default=default, read=reader)


_HOURS = (
    _need("days", read.weekdays, "working days, 1 Monday to 7 Sunday", "1-7"),
    _need("opens", read.clock, "start of work, Asia/Kolkata", "09:00"),
    _need("closes", read.clock, "end of work, Asia/Kolkata", "18:00"),
    _may("holidays", read.days, "dates without work", "2027-03-22; 2027-08-15", ()),
)
_STATE = read.one_of("Pending", "In-Transit", "At-Location")
_PAYMENTS = read.several(read.one_of("PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT"))

HUNDRED = Decimal(100)
PROVIDERS = Table(
    file="providers.csv",
    description="Who offers services under an agreement with the Samiti.",
    key=("id",),
    columns=(
        _need("id", read.identifier, "id of the provider, unique", "P-GOMTI"),
        _need(
            "kind", read.one_of("firm", "individual"), "firm, or individual for a worker with an own agreement", "firm"
        ),
        _need("name", read.words, "name in English", "Gomti Demo Services"),
        _need("name_hi", read.words, "name in Hindi", "गोमती डेमो सर्विसेज"),
        _may("code", read.word, "short code shown to the buyer; the id where empty", "GOMTI"),
        _need("short_desc", read.words, "one line", "Plumbing and electrical repairs"),
        _need("long_desc", read.words, "a paragraph", "Plumbing and electrical repairs at home in Lucknow."),
        _need("image", read.url, "address of a picture", "https://static.example.in/gomti.png"),
        _need("phone", read.phone, "telephone shown to the buyer", "9000000001"),
        _need("email", read.email, "e-mail shown to the buyer", "gomti@example.in"),
        _may("gstin", read.gstin, "GSTIN, empty where not registered", "09AAAAA0000A1Z5"),
        _may("status", read.one_of("active", "suspended"), "active or suspended", "active", "active"),
        _need("agreement_from", read.day, "first day of the agreement", "2025-04-01"),
        _need("agreement_until", read.day, "last day of the agreement", "2030-03-31"),
        _may("acceptance", read.one_of("auto", "manual"), "manual: each order waits for a word", "auto", "auto"),
        _may("tracking", read.flag, "yes: buyers may ask where a worker on the way is", "no", default=False),
        _need("districts", read.many_districts, "districts served: LGD codes or names, or all", "Lucknow; 129"),
        *_HOURS,
    ),
)
LOCATIONS = Table(
    file="locations.csv",
    description="Places of business of providers.",
    key=("provider_id", "id"),
    columns=(
        _need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        _need("id", read.identifier, "id of the place, unique within the provider", "L1"),
        _need("gps", read.gps, "latitude,longitude in degrees", "26.864330,81.000650"),
        _need("address", read.words, "address", "Demo House 1, Gomti Nagar"),
        _need("city", read.words, "city", "Lucknow"),
        _need("std", read.std, "telephone code of the district, ONDC's or the real one", "0522"),
        _need("area_code", read.pincode, "pincode", "226010"),
        _may("district", read.one_district, "district; decided by pincode and gps where empty", "Lucknow"),
    ),
)
AREAS = Table(
    file="areas.csv",
    description="Where a provider serves from a place; one row for each category and kind.",
    key=("provider_id", "location_id", "category", "kind", "val"),
    columns=(
        _need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        _need("location_id", read.identifier, "id in locations.csv", "L1"),
        _need("category", read.category, "decimal code or wildcard", "SRV11-*"),
        _need("kind", read.one_of("10", "11", "12", "13"), "10 km, 11 pincodes, 12 country, 13 GeoJSON", "10"),
        _need(
            "val",
            read.words,
            "10: kilometres, three decimals at most; 11: pincodes separated by commas; 12: IND, or "
            "IN-UP for the state alone, which buyers see as IND; 13: a FeatureCollection, [lon, lat]",
            "15",
        ),
    ),
)
CANCELLATION = Table(
    file="cancellation_terms.csv",
    description="What cancelling costs, by the state of the visit; exactly one of fee and percentage.",
    key=("provider_id", "state", "cancel_by"),
    columns=(
        _need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        _need("state", _STATE, "Pending, In-Transit or At-Location", "In-Transit"),
        _need("cancel_by", read.duration, "lead time before the slot, ISO-8601", "PT2H"),
        _may("fee", read.amount, "fee in rupees", "50.00", None),
        _may("percentage", read.percentage, "fee as a percentage of the quote", "20", None),
        _may("reason_required", read.flag, "yes or no", "yes", default=True),
        _may("penalty", read.amount, "what the provider owes when it cancels; as the fee where empty", "50.00", None),
        _may("penalty_percentage", read.percentage, "the same as a percentage of the quote", "", None),
    ),
)
RESCHEDULE = Table(
    file="reschedule_terms.csv",
    description="Whether a booking may be moved, by the state of the visit.",
    key=("provider_id", "state"),
    columns=(
        _need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        _need("state", _STATE, "Pending, In-Transit or At-Location", "Pending"),
        _need("eligible", read.flag, "yes or no", "yes"),
        _need("fee", read.amount, "fee in rupees", "0.00"),
        _need("within", read.duration, "latest lead time before the slot, ISO-8601", "PT4H"),
    ),
)
CREDS = Table(
    file="creds.csv",
    description="Certificates of providers.",
    key=("provider_id", "id"),
    optional=True,
    columns=(
        _need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        _need("id", read.identifier, "id of the certificate", "C1"),
        _need("type", read.word, "kind of certificate", "License"),
        _need("desc", read.words, "what it says", "Agreement with Sewamitra Samiti (demonstration)"),
        _need("url", read.url, "where it can be seen", "https://static.example.in/gomti-agreement.pdf"),
    ),
)
OFFERINGS = Table(
    file="offerings.csv",
    description="Sub-services as providers sell them.",
    key=("id",),
    columns=(
        _need("id", read.identifier, "id of the offering, unique over all providers", "GOMTI-TAP"),
        _need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        _need("sub_service_id", read.identifier, "Sewamitra's sub-service", "SM-PLB-TAP"),
        _may("category", read.category, "code published; by code and policy of the service where empty", "SRV11-1047"),
        _may("name", read.words, "name in English; the sub-service's where empty", "Tap repair"),
        _may("name_hi", read.words, "name in Hindi; the sub-service's where empty", "नल की मरम्मत"),
        _need("short_desc", read.words, "one line", "Leaking tap or mixer put right"),
        _need("long_desc", read.words, "a paragraph: what is included and what not", "Includes washer. Parts extra."),
        _need("image", read.url, "address of a picture", "https://static.example.in/tap.png"),
        _need("price", read.price, "rupees for one unit, tax included", "199.00"),
        _may("max_price", read.price, "struck-off price", "249.00", None),
        _need("tax_rate", read.percentage, "tax in per cent, contained in the price", "18"),
        _may("sac", read.sac, "service accounting code", "998719"),
        _may("unit", read.word, "what one unit is", "job", "job"),
        _need("duration", read.whole(5, 43_200), "minutes that one unit keeps one worker", "60"),
        _may("max_count", read.whole(1, 999), "most units in one order", "5", 10),
        _may("parallel", read.flag, "yes: several units are done by several workers at once", "no", default=False),
        _may("payment_types", _PAYMENTS, "payment types", "PRE-FULFILLMENT; ON-FULFILLMENT", ("PRE-FULFILLMENT",)),
        _may("advance", read.percentage, "per cent of the price paid beforehand, the rest on site", "100", HUNDRED),
        _may("location_ids", read.several(read.identifier), "places it is served from; all where empty", "L1", ()),
        _may("parent_item_id", read.identifier, "offering that this one customises", "", ""),
        _need("valid_from", read.day, "first day on sale", "2025-04-01"),
        _need("valid_until", read.day, "last day on sale", "2030-03-31"),
        _may("active", read.flag, "yes or no", "yes", default=True),
    ),
)
DISTRICT_PRICES = Table(
    file="district_prices.csv",
    description="Prices that differ by district.",
    key=("offering_id", "district"),
    optional=True,
    columns=(
        _need("offering_id", read.identifier, "id in offerings.csv", "GOMTI-TAP"),
        _need("district", read.one_district, "LGD code or name", "Barabanki"),
        _need("price", read.price, "rupees for one unit, tax included", "249.00"),
    ),
)
WORKERS = Table(
    file="workers.csv",
    description="Workers, each registered by one provider.",
    key=("id",),
    columns=(
        _need("id", read.identifier, "id of the worker, unique", "W-GOMTI-1"),
        _need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        _need("name", read.words, "name shown to the buyer", "Demo Worker One"),
        _need("phone", read.phone, "telephone shown to the buyer", "9000000101"),
        _may("email", read.email, "e-mail; the provider's is shown where empty", "worker1@example.in"),
        _may("photo", read.url, "address of a photograph", "https://static.example.in/w1.png"),
        _may("gender", read.one_of("female", "male", "other"), "female, male or other", "female"),
        _need("gps", read.gps, "where the worker starts from: latitude,longitude", "26.850000,80.990000"),
        _need("districts", read.many_districts, "districts the worker is registered for", "Lucknow"),
        _may("verified_until", read.day, "last day of the police verification; empty: unverified", "2031-03-31", None),
        *_HOURS,
        _may("shares_location", read.flag, "yes: agrees that customers see where about", "no", default=False),
        _may("active", read.flag, "yes or no", "yes", default=True),
    ),
)
SKILLS = Table(
    file="skills.csv",
    description="Services a worker is certified in.",
    key=("worker_id", "service_id"),
    columns=(
        _need("worker_id", read.identifier, "id in workers.csv", "W-GOMTI-1"),
        _need("service_id", read.identifier, "Sewamitra's service", "SM-PLB"),
        _need("certified_until", read.day, "last day of the certificate", "2031-03-31"),
    ),
)
LEAVES = Table(
    file="leaves.csv",
    description="Days a worker is away, both ends included.",
    key=("worker_id", "first"),
    optional=True,
    columns=(
        _need("worker_id", read.identifier, "id in workers.csv", "W-GOMTI-1"),
        _need("first", read.day, "first day away", "2027-01-10"),
        _need("last", read.day, "last day away", "2027-01-12"),
    ),
)

TABLES = (
    PROVIDERS,
    LOCATIONS,
    AREAS,
    CANCELLATION,
    RESCHEDULE,
    CREDS,
    OFFERINGS,
    DISTRICT_PRICES,
    WORKERS,
    SKILLS,
    LEAVES,
)
"""All files of a catalog directory, in the order in which they are read."""
