"""The CSV files of customisation and of offers: their columns, what each means, and an example. All may be missing."""

from __future__ import annotations

from catalog import load_fields as read
from catalog.load_columns import Table, may, need
from catalog.money import ZERO

CATEGORIES = Table(
    file="customization_categories.csv",
    description="Groups of choices of an offering, and their parts.",
    key=("id",),
    optional=True,
    columns=(
        need("offering_id", read.identifier, "id in offerings.csv", "GOMTI-TAP"),
        need("id", read.identifier, "id of the category, unique over all providers", "GOMTI-TAP-FIT"),
        need("name", read.words, "name in English", "Fittings"),
        need("name_hi", read.words, "name in Hindi", "फिटिंग"),
        need("code", read.word, "code shown to the buyer app", "FITTINGS"),
        may("parent_category_id", read.identifier, "category of the same offering that this is a part of", "", ""),
        may("seq", read.whole(1, 99), "place in the order of choosing", "1", 1),
        may("mandatory", read.flag, "yes: something of it must be chosen", "no", default=False),
        may("min_selection", read.whole(0, 99), "fewest choices, where any is made", "1", None),
        may("max_selection", read.whole(1, 99), "most choices", "2", None),
        may("starts", read.clock, "with ends: hours in which the visit may begin, Asia/Kolkata", "09:00", None),
        may("ends", read.clock, "end of those hours; not in them any more", "12:00", None),
        may("frequency", read.duration, "step of those hours, ISO-8601", "PT1H", "PT1H"),
    ),
)
CUSTOMIZATIONS = Table(
    file="customizations.csv",
    description="What can be chosen with an offering.",
    key=("id",),
    optional=True,
    columns=(
        need("offering_id", read.identifier, "id in offerings.csv", "GOMTI-TAP"),
        need("id", read.identifier, "id of the item, unique over all offerings and customisations", "GOMTI-TAP-MIXER"),
        need("category_ids", read.several(read.identifier), "categories of the offering", "GOMTI-TAP-FIT"),
        need("name", read.words, "name in English", "Mixer"),
        need("name_hi", read.words, "name in Hindi", "मिक्सर"),
        need("short_desc", read.words, "one line", "The tap is a mixer"),
        need("price", read.amount, "rupees for one unit, tax included; may be 0", "50.00"),
        may("minutes", read.whole(0, 1440), "minutes that one unit adds to the visit", "15", 0),
        may("unit", read.word, "what one unit is", "piece", "unit"),
        may("min_count", read.whole(1, 99), "fewest units, where it is chosen", "1", 1),
        may("max_count", read.whole(1, 99), "most units in one order", "2", 1),
        may(
            "type", read.one_of("customization", "add_on"), "customization or add_on", "customization", "customization"
        ),
        may("attributes", read.pairs, "further attributes, code=value", "finish=chrome; handles=1", {}),
        may("image", read.url, "address of a picture; the offering's where empty", "", ""),
        may("active", read.flag, "yes or no", "yes", default=True),
    ),
)
OFFERS = Table(
    file="offers.csv",
    description="What providers take off the price.",
    key=("id",),
    optional=True,
    columns=(
        need("provider_id", read.identifier, "id in providers.csv", "P-GOMTI"),
        need("id", read.identifier, "id of the offer, unique over all providers", "GOMTI-TAP15"),
        need(
            "kind", read.one_of("Disc_Pct", "Disc_Amt", "BuyXGetY", "Freebie"), "code of the kind of offer", "Disc_Pct"
        ),
        need("name", read.words, "name in English", "15% off tap repairs"),
        need("name_hi", read.words, "name in Hindi", "नल की मरम्मत पर 15% छूट"),
        need("short_desc", read.words, "one line", "15% off, up to Rs 75"),
        need("long_desc", read.words, "a paragraph", "15% off tap repairs of Rs 398 or more, up to Rs 75."),
        may("percentage", read.percentage, "Disc_Pct: per cent taken off", "15", None),
        may("amount", read.price, "Disc_Amt: rupees taken off", "", None),
        may("max_benefit", read.price, "most rupees taken off", "75.00", None),
        may("min_value", read.amount, "what it applies to must come to, in rupees, tax included", "398.00", ZERO),
        may("buy", read.whole(1, 98), "BuyXGetY: units that are paid", "", None),
        may("get", read.whole(2, 99), "BuyXGetY: units that are had for them, the paid ones included", "", None),
        may("free_item_id", read.identifier, "Freebie: offering or customisation of which one unit is free", "", ""),
        may("item_ids", read.several(read.identifier), "items it applies to; all where empty", "GOMTI-TAP", ()),
        may("category_ids", read.several(read.category), "published categories; all where empty", "SRV11-1047", ()),
        may("location_ids", read.several(read.identifier), "places it is given from; all where empty", "L1", ()),
        need("valid_from", read.day, "first day", "2025-04-01"),
        need("valid_until", read.day, "last day", "2030-03-31"),
        may("auto", read.flag, "yes: applied by itself; no: the buyer names it", "no", default=False),
        may("active", read.flag, "yes or no", "yes", default=True),
    ),
)
