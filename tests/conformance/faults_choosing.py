"""Faults of select: what ``choosing``, ``slots``, ``declining`` and ``pricing`` must find."""

from __future__ import annotations

from tests.conformance.planted import AnotherCode, Changes, Json, NeverRefuses, Planted, answering, fails, says
from tests.support.json_edit import DELETE, edited

CUSTOMER_TIME = "message.order.fulfillments[0].stops[0].time"
SILENT = says("error", DELETE)
"""As if nothing stood against it."""


def _refused(document: Json) -> bool:
    return "error" in document


def _confirmed(document: Json) -> bool:
    return "error" not in document


def _two(request: Json) -> bool:
    return bool(request["message"]["order"]["items"][0].get("quantity", {}).get("selected", {}).get("count") == 2)


def _inverted(request: Json) -> bool:
    time = request["message"]["order"]["fulfillments"][0]["stops"][0]["time"]
    return bool(time["range"]["end"] < time["range"]["start"])


def _tagged(document: Json) -> bool:
    return "tags" in document["message"]["order"]["fulfillments"][0]


def _as_items(lines: list[Json]) -> list[Json]:
    kinds = {"customization": "item"}
    return [edited(line, "tags[0].list[0].value", lambda kind: kinds.get(kind, kind)) for line in lines]


ECHOES: tuple[Planted, ...] = (
    Planted(
        name="a category that was not selected",
        check="select_items",
        seller=Changes("on_select", says("message.order.items[0].category_ids", ["SRV11-1000"])),
    ),
    Planted(
        name="another provider",
        check="select_provider",
        seller=Changes("on_select", says("message.order.provider.id", "P-AMIN")),
    ),
    Planted(
        name="another payment type",
        check="select_payment_type",
        seller=Changes("on_select", says("message.order.payments[0].type", "ON-FULFILLMENT")),
    ),
    Planted(
        name="another start",
        check="select_start",
        seller=Changes("on_select", says(f"{CUSTOMER_TIME}.range.start", "2026-11-28T05:30:00.000Z")),
    ),
    Planted(
        name="another pincode",
        check="select_place",
        seller=Changes("on_select", says("message.order.fulfillments[0].stops[0].location.area_code", "226001")),
    ),
    Planted(
        name="tags of the fulfillment lost",
        check="select_tags",
        scenario="select_variants",
        seller=Changes("on_select", says("message.order.fulfillments[0].tags", DELETE), where=_tagged),
    ),
)
SLOTS: tuple[Planted, ...] = (
    Planted(
        name="an offered start refused", check="offered_slot_confirmed", seller=Changes("on_select", fails("90001"))
    ),
    Planted(
        name="a start that was never offered is confirmed",
        check="unavailable_slot_rejected",
        scenario="schedule_reselection",
        seller=Changes("on_select", SILENT, where=_refused),
    ),
    Planted(
        name="no other starts",
        check="alternatives_offered",
        scenario="schedule_reselection",
        seller=Changes("on_select", says("message.order.items[0].time.schedule.times", []), where=_refused),
    ),
    Planted(
        name="a start offered instead is refused, too",
        check="alternative_confirmed",
        scenario="schedule_reselection",
        seller=Changes("on_select", fails("90001"), where=_confirmed),
    ),
    Planted(
        name="a price of nothing beside the error",
        check="rejected_but_priced",
        scenario="schedule_reselection",
        seller=Changes("on_select", says("message.order.quote.price.value", "0.00"), where=_refused),
    ),
)
REFUSALS: tuple[Planted, ...] = (
    Planted(
        name="no time is taken for an answer",
        check="select_without_time",
        scenario="schedule_not_provided",
        seller=NeverRefuses("select"),
    ),
    *(
        Planted(name=f"{check} is taken", check=check, scenario="select_refusals", seller=NeverRefuses("select"))
        for check in ("unknown_provider", "unknown_item")
    ),
    *(
        Planted(
            name=f"nothing said of {check}",
            check=check,
            scenario="select_refusals",
            seller=Changes("on_select", SILENT),
        )
        for check in ("count_beyond_maximum", "payment_type_unsupported", "past_start_refused")
    ),
    Planted(
        name="not served and yet serviceable",
        check="place_not_served",
        scenario="select_refusals",
        seller=Changes(
            "on_select", says("message.order.fulfillments[0].state.descriptor.code", "Serviceable"), where=_refused
        ),
    ),
    *(
        Planted(
            name=f"nothing said of {check}",
            check=check,
            scenario="choice_refusals",
            seller=Changes("on_select", SILENT),
        )
        for check in ("choice_missing_refused", "choice_exceeded_refused")
    ),
    Planted(
        name="two where nothing was said",
        check="left_out_means_one",
        scenario="select_variants",
        seller=Changes("on_select", says("message.order.items[0].quantity.selected.count", 2)),
    ),
    Planted(
        name="an end before the start is refused",
        check="start_to_the_minute",
        scenario="select_variants",
        seller=Changes("on_select", answering(_inverted, fails("90001"))),
    ),
)
MORE: tuple[Planted, ...] = (
    Planted(
        name="a choice lost",
        check="select_items",
        scenario="cook_on_demand",
        seller=Changes("on_select", says("message.order.items", lambda items: items[:-1])),
    ),
    Planted(
        name="yesterday is confirmed",
        check="unavailable_slot_rejected",
        scenario="select_refusals",
        seller=Changes("on_select", SILENT, where=_refused),
    ),
    Planted(
        name="other starts that are past",
        check="alternatives_offered",
        scenario="schedule_reselection",
        seller=Changes(
            "on_select",
            says("message.order.items[0].time.schedule.times", ["2026-11-01T05:30:00.000Z"]),
            where=_refused,
        ),
    ),
    Planted(
        name="a code of another thing", check="unknown_item", scenario="select_refusals", seller=AnotherCode("30001")
    ),
    Planted(
        name="a time that nobody chose is confirmed",
        check="select_without_time",
        scenario="schedule_not_provided",
        seller=Changes("on_select", says(f"{CUSTOMER_TIME}.label", "confirmed"), where=_refused),
        settings={"BPP_NO_SLOT": "offer"},
    ),
    Planted(
        name="a choice charged as a service",
        check="customization_lines",
        scenario="cook_on_demand",
        seller=Changes("on_select", says("message.order.quote.breakup", _as_items)),
    ),
)
PRICES: tuple[Planted, ...] = (
    Planted(
        name="tax on top of the catalog's price",
        check="quoted_catalog_price",
        seller=Changes("on_select", says("message.order.quote.price.value", "234.82")),
    ),
    Planted(
        name="choices that cost nothing",
        check="customization_lines",
        scenario="cook_on_demand",
        seller=Changes("on_select", says("message.order.quote.breakup", lambda lines: lines[:1])),
    ),
    Planted(
        name="two for the price of one",
        check="count_doubles",
        scenario="select_variants",
        seller=Changes("on_select", answering(_two, says("message.order.quote.breakup[0].price.value", "168.64"))),
    ),
)
PLANTED: tuple[Planted, ...] = (*ECHOES, *SLOTS, *REFUSALS, *MORE, *PRICES)
