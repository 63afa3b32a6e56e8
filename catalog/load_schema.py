"""The CSV files of a catalog directory: their columns, what each means, and an example. The loader reads by this."""

from __future__ import annotations

from decimal import Decimal

from catalog import load_fields as read
from catalog.load_columns import Table, may, need
from catalog.load_schema_choices import CATEGORIES, CUSTOMIZATIONS, OFFERS
from catalog.load_schema_workers import ENGAGEMENTS, HOURS, LEAVES, SKILLS, WORKER_CREDS, WORKERS

_STATE = read.one_of("Pending", "In-Transit", "At-Location")
_PAYMENTS = read.several(read.one_of("PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT"))

HUNDRED = Decimal(100)
PROVIDERS = Table(
    file="providers.csv",
    description="Who offers services under an agreement with the Samiti.",
    key=("id",),
    columns=(
        need("id", read.identifier, "id of the provider, unique", "P-GOMTI"),
        need(
            "kind", read.one_of("firm", "individual"), "firm, or individual for a worker with an own agreement", "firm"
        ),
        need("name", read.words, "name in English", "Gomti Demo Services"),
        need("name_hi", read.words, "name in Hindi", "गोमती डेमो सर्विसेज"),
        may("code", read.word, "short code shown to the buyer; the id where empty", "GOMTI"),
        need("short_desc", read.words, "one line", "Plumbing and electrical repairs"),
        need("long_desc", read.words, "a paragraph", "Plumbing and electrical repairs at home in Lucknow."),
        need("image", read.url, "address of a picture", "https://static.example.in/gomti.png"),
        need("phone", read.phone, "telephone shown to the buyer", "9000000001"),
        need("email", read.email, "e-mail shown to the buyer", "gomti@example.in"),
        may("gstin", read.gstin, "GSTIN, empty where not registered", "09AAAAA0000A1Z5"),
        may("status", read.one_of("active", "suspended"), "active or suspended", "active", "active"),
        need("agreement_from", read.day, "first day of the agreement", "2025-04-01"),
        need("agreement_until", read.day, "last day of the agreement", "2030-03-31"),
        may("acceptance", read.one_of("auto", "manual"), "manual: each order waits for a word", "auto", "auto"),
        may("tracking", read.flag, "yes: buyers may ask where a worker on the way is", "no", default=False),
        need("districts", read.many_districts, "districts served: LGD codes or names, or all", "Lucknow; 129"),
        may("has_pan", read.flag, "yes: its permanent account number is known", "yes", default=True),
        may("worker_share", read.percentage, "per cent of what it earns that goes to the worker", "0", Decimal(0)),
        *HOURS,
    ),
)
LOCATIONS = Table(
    file="locations.csv",
    description="Places of business of providers.",
    key=("provider_id", "id"),
    columns=(
        need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        need("id", read.identifier, "id of the place, unique within the provider", "L1"),
        need("gps", read.gps, "latitude,longitude in degrees", "26.864330,81.000650"),
        need("address", read.words, "address", "Demo House 1, Gomti Nagar"),
        need("city", read.words, "city", "Lucknow"),
        need("std", read.std, "telephone code of the district, ONDC's or the real one", "0522"),
        need("area_code", read.pincode, "pincode", "226010"),
        may("district", read.one_district, "district; decided by pincode and gps where empty", "Lucknow"),
    ),
)
AREAS = Table(
    file="areas.csv",
    description="Where a provider serves from a place; one row for each category and kind.",
    key=("provider_id", "location_id", "category", "kind", "val"),
    columns=(
        need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        need("location_id", read.identifier, "id in locations.csv", "L1"),
        need("category", read.category, "decimal code or wildcard", "SRV11-*"),
        need("kind", read.one_of("10", "11", "12", "13"), "10 km, 11 pincodes, 12 country, 13 GeoJSON", "10"),
        need(
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
        need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        need("state", _STATE, "Pending, In-Transit or At-Location", "In-Transit"),
        need("cancel_by", read.duration, "lead time before the slot, ISO-8601", "PT2H"),
        may("fee", read.amount, "fee in rupees", "50.00", None),
        may("percentage", read.percentage, "fee as a percentage of the quote", "20", None),
        may("reason_required", read.flag, "yes or no", "yes", default=True),
        may("penalty", read.amount, "what the provider owes when it cancels; as the fee where empty", "50.00", None),
        may("penalty_percentage", read.percentage, "the same as a percentage of the quote", "", None),
    ),
)
RESCHEDULE = Table(
    file="reschedule_terms.csv",
    description="Whether a booking may be moved, by the state of the visit.",
    key=("provider_id", "state"),
    columns=(
        need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        need("state", _STATE, "Pending, In-Transit or At-Location", "Pending"),
        need("eligible", read.flag, "yes or no", "yes"),
        need("fee", read.amount, "fee in rupees", "0.00"),
        need("within", read.duration, "latest lead time before the slot, ISO-8601", "PT4H"),
    ),
)
CREDS = Table(
    file="creds.csv",
    description="Certificates of providers.",
    key=("provider_id", "id"),
    optional=True,
    columns=(
        need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        need("id", read.identifier, "id of the certificate", "C1"),
        need("type", read.word, "kind of certificate", "License"),
        need("desc", read.words, "what it says", "Agreement with Sewamitra Samiti (demonstration)"),
        need("url", read.url, "where it can be seen", "https://static.example.in/gomti-agreement.pdf"),
    ),
)
DISTRICT_SERVICES = Table(
    file="district_services.csv",
    description="The services chosen for a district; in a district without a row all that the provider offers.",
    key=("provider_id", "district", "service_id"),
    optional=True,
    columns=(
        need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        need("district", read.one_district, "LGD code or name", "Barabanki"),
        need("service_id", read.identifier, "Sewamitra's service", "SM-PLB"),
    ),
)
OFFERINGS = Table(
    file="offerings.csv",
    description="Sub-services as providers sell them.",
    key=("id",),
    columns=(
        need("id", read.identifier, "id of the offering, unique over all providers", "GOMTI-TAP"),
        need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        need("sub_service_id", read.identifier, "Sewamitra's sub-service", "SM-PLB-TAP"),
        may("category", read.category, "code published; by code and policy of the service where empty", "SRV11-1047"),
        may("name", read.words, "name in English; the sub-service's where empty", "Tap repair"),
        may("name_hi", read.words, "name in Hindi; the sub-service's where empty", "नल की मरम्मत"),
        need("short_desc", read.words, "one line", "Leaking tap or mixer put right"),
        need("long_desc", read.words, "a paragraph: what is included and what not", "Includes washer. Parts extra."),
        need("image", read.url, "address of a picture", "https://static.example.in/tap.png"),
        need("price", read.price, "rupees for one unit, tax included", "199.00"),
        may("max_price", read.price, "struck-off price", "249.00", None),
        need("tax_rate", read.percentage, "tax in per cent, contained in the price", "18"),
        may("sac", read.sac, "service accounting code", "998719"),
        may("unit", read.word, "what one unit is", "job", "job"),
        need("duration", read.whole(5, 43_200), "minutes that one unit keeps one worker", "60"),
        may("max_count", read.whole(1, 999), "most units in one order", "5", 10),
        may("parallel", read.flag, "yes: several units are done by several workers at once", "no", default=False),
        may("payment_types", _PAYMENTS, "payment types", "PRE-FULFILLMENT; ON-FULFILLMENT", ("PRE-FULFILLMENT",)),
        may("advance", read.percentage, "per cent of the price paid beforehand, the rest on site", "100", HUNDRED),
        may("location_ids", read.several(read.identifier), "places it is served from; all where empty", "L1", ()),
        may("parent_item_id", read.identifier, "offering that this one customises", "", ""),
        need("valid_from", read.day, "first day on sale", "2025-04-01"),
        need("valid_until", read.day, "last day on sale", "2030-03-31"),
        may("active", read.flag, "yes or no", "yes", default=True),
        may("districts", read.many_districts, "districts it is offered in; all of the provider's where empty", "", ()),
    ),
)
DISTRICT_PRICES = Table(
    file="district_prices.csv",
    description="Prices that differ by district.",
    key=("offering_id", "district"),
    optional=True,
    columns=(
        need("offering_id", read.identifier, "id in offerings.csv", "GOMTI-TAP"),
        need("district", read.one_district, "LGD code or name", "Barabanki"),
        need("price", read.price, "rupees for one unit, tax included", "249.00"),
    ),
)
TABLES = (
    PROVIDERS,
    LOCATIONS,
    AREAS,
    CANCELLATION,
    RESCHEDULE,
    CREDS,
    DISTRICT_SERVICES,
    OFFERINGS,
    DISTRICT_PRICES,
    WORKERS,
    SKILLS,
    LEAVES,
    ENGAGEMENTS,
    WORKER_CREDS,
    CATEGORIES,
    CUSTOMIZATIONS,
    OFFERS,
)
"""All files of a catalog directory, in the order in which they are read."""
