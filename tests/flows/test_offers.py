"""Offers of the providers: told in the catalog, applied in the quote, kept to the end, and refused by their codes.

The numbers are those of the assertions in section 5 of the protocol reference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import init_message, select_message
from bpp.sandbox.moments import IST
from bpp.sandbox.offers import Offer, read_offers
from tests.support.clock import FakeClock
from tests.support.conversation import answer_to, check_conversation, confirm_with
from tests.support.effects import rows
from tests.support.json_edit import edited
from tests.support.network import Network, end_stop, moment, otp_of, running_network

Json = dict[str, Any]

SRV11, SRV12 = "ONDC:SRV11", "ONDC:SRV12"
KINDS = {
    "Disc_Pct": "AMIN-COOK10",
    "Disc_Amt": "GOMTI-FLAT50",
    "BuyXGetY": "HAZRAT-BROW2GET3",
    "Freebie": "AMIN-FREEFAN",
}
FEAST = {"AMIN-COOK-PERSON": 8, "AMIN-COOK-DAL": 1, "AMIN-COOK-TEHRI": 1, "AMIN-COOK-KEBAB": 1}
FEAST_PRICE = Decimal("199.00") + 8 * Decimal("49.00") + Decimal("129.00") * 2 + Decimal("149.00")


@pytest.fixture
async def network(
    request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Network]:
    """The network, with settings as an indirect parameter; in the end every callback was signed, valid and in its conversation."""
    async with running_network(sqlite_url, tmp_path, clock, **getattr(request, "param", {})) as running:
        yield running
        check_conversation(running)


def ist(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of November 2026 in Lucknow; the 23rd is the Monday on which tests begin."""
    return datetime(2026, 11, day, hour, minute, tzinfo=IST).astimezone(UTC)


async def find(network: Network, item_id: str, domain: str = SRV11) -> tuple[Callback, Offer]:
    found = (await journey.search(network.buyer, place=network.place, domain=domain)).callback
    return found, next(one for one in read_offers(found.message) if one.item_id == item_id)


async def choose(
    network: Network,
    item_id: str,
    *savings: str,
    count: int = 1,
    also: dict[str, int] | None = None,
    choices: dict[str, int] | None = None,
    start: datetime | None = None,
    domain: str = SRV11,
    edits: tuple[tuple[str, Any], ...] = (),
) -> Callback:
    """Select an item, and others of the same provider, with some of the network's offers; the on_select."""
    found, offer = await find(network, item_id, domain)
    message = select_message(offer, start or ist(24, 9), network.place, count=count, choices=choices, savings=savings)
    for other, units in (also or {}).items():
        message["order"]["items"].append({"id": other, "quantity": {"selected": {"count": units}}})
    for path, new in edits:
        message = edited(message, path, new)
    exchange = await journey.ask(
        network.buyer, "select", message, transaction_id=found.transaction_id, context=journey.following(found)
    )
    return exchange.callback


def accepted(selected: Callback) -> Callback:
    assert not selected.error, selected.error
    assert end_stop(selected)["time"]["label"] == "confirmed"
    return selected


def price(callback: Callback) -> Decimal:
    return Decimal(callback.order["quote"]["price"]["value"])


def lines(callback: Callback, *kinds: str) -> list[tuple[str, Decimal]]:
    """Item and amount of each line of some kinds."""
    return [
        (line["item"]["id"], Decimal(line["price"]["value"]))
        for line in callback.order["quote"]["breakup"]
        if line["tags"][0]["list"][0]["value"] in kinds
    ]


def applied(callback: Callback) -> list[str]:
    return [one["id"] for one in callback.order.get("offers", [])]


async def published(network: Network) -> dict[str, Json]:
    """The offers of all providers, by id, each with the ids of its provider's items."""
    found: dict[str, Json] = {}
    for domain in (SRV11, SRV12):
        callback = (await journey.search(network.buyer, place=network.place, domain=domain)).callback
        for provider in callback.message["catalog"]["providers"]:
            own = {one["id"] for one in provider["items"]}
            found |= {one["id"]: {**one, "known": own} for one in provider.get("offers", [])}
    return found


def details(offer: Json, code: str = "offers_details") -> dict[str, str]:
    groups = [group for group in offer["tags"] if group["descriptor"]["code"] == code]
    return {entry["descriptor"]["code"]: entry["value"] for group in groups for entry in group["list"]}


async def with_offer(network: Network, offer_id: str, **changes: Any) -> None:
    """Change one offer of a provider."""
    for provider_id in ("P-GOMTI", "P-AMIN", "P-HAZRAT"):
        _, provider = await network.call("GET", f"/providers/{provider_id}")
        if any(one["id"] == offer_id for one in provider["offers"]):
            offers = [{**one, **changes} if one["id"] == offer_id else one for one in provider["offers"]]
            status, answer = await network.call("PATCH", f"/providers/{provider_id}", {"offers": offers})
            assert status == 200, answer


# In the catalog


# 12
async def test_offers_of_all_four_kinds_are_in_the_catalog_with_what_they_apply_to(network: Network) -> None:
    found = await published(network)

    assert {one["descriptor"]["code"]: offer_id for offer_id, one in found.items()} == KINDS
    for one in found.values():
        assert one["item_ids"]
        assert set(one["item_ids"]) <= one["known"]
        assert one["location_ids"] == ["L1"]
        assert moment(one["time"]["range"]["start"]) < network.clock() < moment(one["time"]["range"]["end"])


async def test_each_kind_says_how_much_it_is_from_which_value_on_and_whether_it_must_be_asked_for(
    network: Network,
) -> None:
    found = await published(network)

    assert details(found["AMIN-COOK10"]) == {
        "qualifier_min_value": "599.00",
        "max_benefit": "75.00",
        "discount_unit": "percent",
        "discount_value": "10",
    }
    assert details(found["GOMTI-FLAT50"]) == {
        "qualifier_min_value": "499.00",
        "discount_unit": "amount",
        "discount_value": "50.00",
    }
    brows = found["HAZRAT-BROW2GET3"]
    assert (details(brows, "qualifier"), details(brows, "benefit")) == ({"item_count": "2"}, {"item_count": "1"})
    assert details(found["AMIN-FREEFAN"], "benefit") == {
        "item_count": "1",
        "item_id": "AMIN-FANCLEAN",
        "item_value": "99.00",
    }
    assert {offer_id: details(one, "meta")["auto"] for offer_id, one in found.items()} == {
        "AMIN-COOK10": "yes",
        "HAZRAT-BROW2GET3": "yes",
        "GOMTI-FLAT50": "no",
        "AMIN-FREEFAN": "no",
    }


async def test_only_offers_for_what_was_found_are_told(network: Network) -> None:
    async def offers(words: str) -> list[str]:
        found, _ = await network.offers(words)
        return [one["id"] for provider in found.message["catalog"]["providers"] for one in provider.get("offers", [])]

    assert await offers("tap repair") == ["GOMTI-FLAT50"]
    assert await offers("Cook - on demand") == ["AMIN-COOK10"]
    assert await offers("sofa cleaning") == []  # the fan that would be free is not in this catalog


@pytest.mark.parametrize(
    "change", [{"active": False}, {"valid_until": "2026-11-22"}, {"valid_from": "2026-11-24"}], ids=str
)
async def test_an_offer_that_is_not_in_force_is_neither_told_nor_applied(
    network: Network, change: dict[str, Any]
) -> None:
    await with_offer(network, "AMIN-COOK10", **change)

    assert "AMIN-COOK10" not in await published(network)
    selected = accepted(await choose(network, "AMIN-COOK", choices=FEAST, start=ist(24, 12)))
    assert price(selected) == FEAST_PRICE
    assert applied(selected) == []


# In the quote


# 20, 21
async def test_a_percentage_is_taken_off_what_a_cook_and_the_choices_come_to_up_to_its_cap(network: Network) -> None:
    lunch = {"AMIN-COOK-PERSON": 4, "AMIN-COOK-DAL": 1, "AMIN-COOK-TEHRI": 1}
    small = accepted(await choose(network, "AMIN-COOK", choices=lunch, start=ist(24, 12)))
    assert price(small) == Decimal("653.00") - Decimal("65.30")

    feast = accepted(await choose(network, "AMIN-COOK", choices=FEAST, start=ist(25, 12)))

    assert price(feast) == FEAST_PRICE - 75
    assert lines(feast, "discount") == [("AMIN-COOK", Decimal(-75))]
    assert applied(feast) == ["AMIN-COOK10"]
    whole = lines(feast, "item", "customization", "tax", "discount")
    assert sum(amount for _, amount in whole) == price(feast)


async def test_an_amount_is_taken_off_when_it_is_asked_for_and_not_before(network: Network) -> None:
    silent = accepted(await choose(network, "GOMTI-TAP", count=3))
    asked = accepted(await choose(network, "GOMTI-TAP", "GOMTI-FLAT50", count=3, start=ist(25, 9)))

    assert (price(silent), applied(silent)) == (Decimal("597.00"), [])
    assert (price(asked), applied(asked)) == (Decimal("547.00"), ["GOMTI-FLAT50"])
    assert lines(asked, "discount") == [("GOMTI-TAP", Decimal(-50))]
    assert lines(asked, "item", "tax") == lines(silent, "item", "tax")


async def test_an_amount_is_taken_off_several_items_together(network: Network) -> None:
    selected = accepted(await choose(network, "GOMTI-TAP", "GOMTI-FLAT50", also={"GOMTI-TOILET": 1}))

    assert price(selected) == Decimal("199.00") + Decimal("349.00") - 50
    assert lines(selected, "discount") == [("GOMTI-TAP", Decimal(-50))]


@pytest.mark.parametrize(("count", "paid"), [(1, 1), (2, 2), (3, 2), (4, 3)])
async def test_who_orders_three_pays_for_two(network: Network, count: int, paid: int) -> None:
    selected = accepted(await choose(network, "HAZRAT-BROW", count=count, domain=SRV12))

    assert price(selected) == paid * Decimal("99.00")
    assert sum(amount for _, amount in lines(selected, "item", "tax")) == count * Decimal("99.00")
    assert lines(selected, "discount") == ([("HAZRAT-BROW", Decimal(-99))] if count > paid else [])


async def test_a_free_item_has_a_line_at_its_full_price_and_a_discount_of_it(network: Network) -> None:
    selected = accepted(await choose(network, "AMIN-HOME", "AMIN-FREEFAN", also={"AMIN-FANCLEAN": 2}))

    assert price(selected) == Decimal("2499.00") + Decimal("99.00")
    assert sum(amount for item, amount in lines(selected, "item", "tax") if item == "AMIN-FANCLEAN") == 198
    assert lines(selected, "discount") == [("AMIN-FANCLEAN", Decimal(-99))]


async def test_a_line_has_one_offer_and_the_one_that_was_asked_for_comes_first(network: Network) -> None:
    _, provider = await network.call("GET", "/providers/P-GOMTI")
    half = {**provider["offers"][0], "id": "GOMTI-HALF", "kind": "Disc_Pct", "percentage": "50", "amount": None}
    offers = [*provider["offers"], {**half, "auto": True, "item_ids": ["GOMTI-TAP"]}]
    assert (await network.call("PATCH", "/providers/P-GOMTI", {"offers": offers}))[0] == 200

    silent = accepted(await choose(network, "GOMTI-TAP", count=3))
    asked = accepted(await choose(network, "GOMTI-TAP", "GOMTI-FLAT50", count=3, start=ist(25, 9)))

    assert (price(silent), applied(silent)) == (Decimal("298.50"), ["GOMTI-HALF"])
    assert (price(asked), applied(asked)) == (Decimal("547.00"), ["GOMTI-FLAT50"])


@pytest.mark.parametrize("network", [{"BPP_UNPAID_CONFIRM": "false"}], indirect=True)
async def test_what_an_offer_makes_free_need_not_be_paid_for_to_be_booked(network: Network) -> None:
    await with_offer(
        network, "GOMTI-FLAT50", kind="Disc_Pct", percentage="100", amount=None, min_value="0.00", max_benefit=None
    )
    selected = accepted(await choose(network, "GOMTI-TAP", "GOMTI-FLAT50"))
    ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback
    unpaid = [{**one, "status": "NOT-PAID"} for one in ready.order["payments"]]

    booked = await answer_to(await confirm_with(network, ready, ("payments", unpaid)), network.buyer)

    assert [(one["type"], one["params"]["amount"]) for one in unpaid] == [("PRE-FULFILLMENT", "0.00")]
    assert (booked.error_code, booked.order["status"]) == ("", "ACCEPTED")


# Refused


@pytest.mark.parametrize(
    ("item_id", "savings", "more", "code"),
    [
        ("GOMTI-TAP", ("NO-SUCH",), {}, "30006"),
        ("GOMTI-TAP", ("AMIN-COOK10",), {}, "30006"),  # another provider's
        ("GOMTI-TAP", ("GOMTI-FLAT50",), {}, "30023"),
        ("GOMTI-TAP", ("GOMTI-FLAT50", "NO-SUCH"), {"count": 3}, "30006"),
        ("AMIN-BATH", ("AMIN-COOK10",), {"count": 2}, "30007"),
        ("AMIN-HOME", ("AMIN-FREEFAN",), {}, "30007"),  # the free item is not ordered
        ("AMIN-KITCHEN", ("AMIN-FREEFAN",), {"also": {"AMIN-FANCLEAN": 1}}, "30023"),
    ],
)
async def test_an_offer_that_cannot_be_applied_is_refused_beside_the_quote_without_it_and_holds_nothing(
    network: Network, item_id: str, savings: tuple[str, ...], more: dict[str, Any], code: str
) -> None:
    selected = await choose(network, item_id, *savings, **more)

    assert selected.error_code == code
    assert selected.error["message"]
    assert end_stop(selected)["time"]["label"] == "rejected"
    whole = lines(selected, "item", "tax", "discount")
    assert sum(amount for _, amount in whole) == price(selected) > 0
    assert set(applied(selected)) <= set(savings) - {"NO-SUCH"}
    left = await rows(network.settings.database_url)
    assert (left["slot_cells"], left["drafts"]) == (0, 0)


async def test_an_offer_that_is_over_is_refused_as_invalid(network: Network) -> None:
    await with_offer(network, "GOMTI-FLAT50", valid_until="2026-11-22")

    selected = await choose(network, "GOMTI-TAP", "GOMTI-FLAT50", count=3)

    assert selected.error_code == "30006"
    assert price(selected) == Decimal("597.00")


async def test_a_missing_choice_is_told_before_an_offer(network: Network) -> None:
    selected = await choose(network, "AMIN-COOK", "NO-SUCH")

    assert selected.error_code == "40000"


async def test_an_offer_without_an_id_is_refused_by_the_schema(network: Network) -> None:
    with pytest.raises(journey.Refused) as caught:
        await choose(network, "GOMTI-TAP", edits=(("order.offers", [{"descriptor": {"code": "Disc_Amt"}}]),))

    assert caught.value.answer.error_code == "30000"


# Kept


# 32, 34
async def test_the_quote_with_its_offer_stays_the_same_to_the_end_though_the_offer_is_gone(network: Network) -> None:
    selected = accepted(await choose(network, "GOMTI-TAP", "GOMTI-FLAT50", count=3))
    await with_offer(network, "GOMTI-FLAT50", active=False)

    ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback
    confirmed = (await journey.confirm(network.buyer, ready)).callback
    assert not ready.error
    assert not confirmed.error
    network.clock.set(ist(24, 8, 30))
    await network.pushed(confirmed, "depart")
    network.clock.tick(minutes=20)
    arrived = await network.pushed(confirmed, "arrive")
    await network.pushed(confirmed, "start", otp=otp_of(arrived))
    network.clock.tick(hours=2)
    done = await network.pushed(confirmed, "complete")

    for callback in (ready, confirmed, arrived, done):
        assert callback.order["quote"] == selected.order["quote"]
        assert applied(callback) == ["GOMTI-FLAT50"]
    assert ready.order["payments"][0]["params"]["amount"] == "547.00"
    assert done.order["payments"][0]["params"]["amount"] == "547.00"


async def test_an_init_may_repeat_what_was_applied_or_say_nothing_of_it(network: Network) -> None:
    for day, offers in ((24, [{"id": "GOMTI-FLAT50"}]), (25, []), (26, None)):
        selected = accepted(await choose(network, "GOMTI-TAP", "GOMTI-FLAT50", count=3, start=ist(day, 9)))
        message = init_message(selected.order, network.customer, network.place)
        message["order"].pop("offers")
        if offers is not None:
            message["order"]["offers"] = offers
        ready = await journey.ask(
            network.buyer,
            "init",
            message,
            transaction_id=selected.transaction_id,
            context=journey.following(selected),
        )

        assert not ready.callback.error
        assert price(ready.callback) == Decimal("547.00")


# 32
async def test_an_init_or_confirm_that_names_another_offer_contradicts_the_quote(network: Network) -> None:
    selected = accepted(await choose(network, "GOMTI-TAP", count=3))
    message = init_message(selected.order, network.customer, network.place)
    message["order"]["offers"] = [{"id": "GOMTI-FLAT50"}]

    answer = await network.buyer.send("init", message, transaction_id=selected.transaction_id)

    assert (answer.error_code, answer.error["path"]) == ("31002", "message.order.offers[0].id")
    ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback
    answer = await confirm_with(network, ready, ("offers", [{"id": "GOMTI-FLAT50"}]))
    assert (answer.error_code, answer.error["path"]) == ("31002", "message.order.offers[0].id")


async def test_a_quote_that_has_run_out_is_renewed_with_its_offer_while_it_is_in_force(network: Network) -> None:
    selected = accepted(await choose(network, "GOMTI-TAP", "GOMTI-FLAT50", count=3))
    network.clock.tick(minutes=31)

    ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback

    assert not ready.error
    assert (price(ready), applied(ready)) == (Decimal("547.00"), ["GOMTI-FLAT50"])

    other = accepted(await choose(network, "GOMTI-TAP", "GOMTI-FLAT50", count=3, start=ist(25, 9)))
    await with_offer(network, "GOMTI-FLAT50", valid_until="2026-11-22")
    network.clock.tick(minutes=31)
    lapsed = (await journey.init(network.buyer, other, network.customer, network.place)).callback
    assert lapsed.error_code == "40003"


# 50
@pytest.mark.parametrize("by", ["buyer", "seller"])
async def test_a_cancellation_gives_back_what_was_paid_and_no_discount(network: Network, by: str) -> None:
    selected = accepted(await choose(network, "GOMTI-TAP", "GOMTI-FLAT50", count=3))
    ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback
    confirmed = (await journey.confirm(network.buyer, ready)).callback
    if by == "buyer":
        cancelled = (await journey.cancel(network.buyer, confirmed)).callback
    else:
        cancelled = await network.pushed(confirmed, "cancel", reason="013")

    refunds = lines(cancelled, "refund")
    assert price(cancelled) == Decimal("0.00")
    assert sum(amount for _, amount in refunds) == -Decimal("547.00")
    assert all(amount < 0 for _, amount in refunds)
    assert applied(cancelled) == ["GOMTI-FLAT50"]
