"""Customisation: a cook on demand, by the number of people, the meal and the dishes, from the search to the invoice.

The numbers are those of the assertions in section 5 of the protocol reference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import init_message, select_message
from bpp.sandbox.moments import IST, wire_time
from bpp.sandbox.offers import Offer
from tests.support.clock import FakeClock
from tests.support.conversation import check_conversation, confirm_with
from tests.support.effects import rows
from tests.support.json_edit import DELETE, edited
from tests.support.network import Network, end_stop, moment, otp_of, running_network

Json = dict[str, Any]

BASE, PERSON = "AMIN-COOK", "AMIN-COOK-PERSON"
POHA, IDLI, DAL, TEHRI, KEBAB, ROTI, SABZI, DOSA, TIDY = (
    f"AMIN-COOK-{dish}" for dish in ("POHA", "IDLI", "DAL", "TEHRI", "KEBAB", "ROTI", "SABZI", "DOSA", "TIDY")
)
LUNCH = {PERSON: 4, DAL: 1, TEHRI: 1, ROTI: 1}
LUNCH_PRICE = Decimal("199.00") + 4 * Decimal("49.00") + Decimal("129.00") + Decimal("129.00") + Decimal("49.00")
LUNCH_OFF = Decimal("70.20")  # AMIN-COOK10: 10 per cent of 702.00, which is 599.00 or more
LUNCH_MINUTES = 30 + 4 * 10 + 30 + 30 + 20


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


async def cook(network: Network, words: str = "cook") -> tuple[Callback, Offer]:
    found, offers = await network.offers(words)
    return found, next(one for one in offers if one.item_id == BASE)


async def choose(
    network: Network, choices: Mapping[str, int], start: datetime | None = None, *edits: tuple[str, Any]
) -> Callback:
    """Select a cook for Tuesday's noon, or another start, with some places of the message changed; the on_select."""
    found, offer = await cook(network)
    message = select_message(offer, start or ist(24, 12), network.place, choices=choices)
    for path, new in edits:
        message = edited(message, path, new)
    return await sent(network, found, message)


async def sent(network: Network, found: Callback, message: Json) -> Callback:
    exchange = await journey.ask(
        network.buyer,
        "select",
        message,
        transaction_id=found.transaction_id,
        context=journey.following(found),
    )
    return exchange.callback


async def refused(network: Network, choices: Mapping[str, int], *edits: tuple[str, Any]) -> str:
    """The code and path of the NACK of a select."""
    with pytest.raises(journey.Refused) as caught:
        await choose(network, choices, None, *edits)
    error = caught.value.answer.error
    return f"{error['code']} {error['path']}"


def accepted(selected: Callback) -> None:
    assert not selected.error, selected.error
    assert end_stop(selected)["time"]["label"] == "confirmed"


def slot(selected: Callback) -> tuple[datetime, datetime]:
    span = end_stop(selected)["time"]["range"]
    return moment(span["start"]), moment(span["end"])


def price(callback: Callback) -> Decimal:
    return Decimal(callback.order["quote"]["price"]["value"])


def breakup(callback: Callback) -> list[tuple[str, str, Decimal]]:
    """Kind, item and amount of each line."""
    lines = callback.order["quote"]["breakup"]
    return [
        (line["tags"][0]["list"][0]["value"], line["item"]["id"], Decimal(line["price"]["value"])) for line in lines
    ]


def provider_of(found: Callback) -> Json:
    providers: list[Json] = found.message["catalog"]["providers"]
    return next(one for one in providers if one["id"] == "P-AMIN")


def tag_values(part: Json, code: str) -> dict[str, str]:
    groups = [group for group in part.get("tags", []) if group["descriptor"]["code"] == code]
    return {entry["descriptor"]["code"]: entry["value"] for group in groups for entry in group["list"]}


# In the catalog


# 12
@pytest.mark.parametrize("words", ["cook", "रसोइया", "Cook - on demand", ""])
async def test_a_search_that_finds_a_cook_brings_what_can_be_chosen_with_one(network: Network, words: str) -> None:
    found, _ = await cook(network, words)
    provider = provider_of(found)
    categories = {one["id"]: one for one in provider["categories"]}
    chosen = [item for item in provider["items"] if item["parent_item_id"] == BASE]

    assert {item["id"] for item in chosen} >= {PERSON, POHA, DAL, TIDY}
    for item in chosen:
        assert item["category_ids"]
        assert set(item["category_ids"]) <= categories.keys()
        assert tag_values(item, "attribute")["type"] in {"customization", "add_on"}
    assert all(one.get("parent_category_id", one["id"]) in categories for one in categories.values())


async def test_the_rules_of_choosing_are_told_with_their_hours(network: Network) -> None:
    found, _ = await cook(network)
    provider = provider_of(found)
    by_code = {one["descriptor"]["code"]: one for one in provider["categories"]}
    items = {one["id"]: one for one in provider["items"]}

    assert tag_values(by_code["MEAL"], "selection") == {
        "seq": "2",
        "mandatory_selection": "true",
        "min_selection": "1",
        "max_selection": "3",
    }
    assert tag_values(by_code["EXTRAS"], "selection")["mandatory_selection"] == "false"
    assert by_code["LUNCH"]["parent_category_id"] == by_code["MEAL"]["id"]
    assert tag_values(by_code["LUNCH"], "schedule") == {"start_time": "11:00", "end_time": "15:00", "frequency": "PT1H"}
    assert [one["descriptor"]["code"] for one in provider["categories"]][:3] == ["PEOPLE", "MEAL", "BREAKFAST"]
    assert items[PERSON]["quantity"]["minimum"]["value"] == "1"
    assert items[PERSON]["quantity"]["maximum"]["value"] == "8"
    assert tag_values(items[KEBAB], "attribute") == {
        "type": "customization",
        "dish_type": "Starter",
        "cuisine": "Awadhi",
        "Mandatory_Appliance": "Non_Stick_Pan",
    }
    assert tag_values(items[TIDY], "attribute")["type"] == "add_on"


async def test_a_search_that_does_not_find_the_cook_brings_no_choices(network: Network) -> None:
    found, _ = await network.offers("bathroom cleaning")
    provider = provider_of(found)

    assert "categories" not in provider
    assert {item["parent_item_id"] for item in provider["items"]} == {""}


@pytest.mark.parametrize(
    ("network", "words", "bases", "choices"),
    [
        ({"BPP_ITEMS_PER_PROVIDER": "12"}, "", {"AMIN-FANCLEAN", BASE}, 10),
        ({"BPP_ITEMS_PER_PROVIDER": "11"}, "", 11, 0),  # the cook with ten choices is passed over for the next ones
        ({"BPP_ITEMS_PER_PROVIDER": "3"}, "Cook - on demand", {BASE}, 10),  # one service in any case
    ],
    indirect=["network"],
)
async def test_a_catalog_has_so_many_items_and_a_service_comes_with_all_its_choices_or_not_at_all(
    network: Network, words: str, bases: set[str] | int, choices: int
) -> None:
    found, _ = await network.offers(words)
    items = provider_of(found)["items"]
    own = {one["id"] for one in items if not one["parent_item_id"]}

    assert own == bases if isinstance(bases, set) else (len(own), BASE in own) == (bases, False)
    assert len(items) - len(own) == choices


async def test_what_is_taken_off_the_list_can_neither_be_found_nor_chosen(network: Network) -> None:
    _, offering = await network.call("GET", f"/offerings/{BASE}")
    items = [{**one, "active": one["id"] != DAL} for one in offering["customizations"]]
    assert (await network.call("PATCH", f"/offerings/{BASE}", {"customizations": items}))[0] == 200

    found, _ = await cook(network)

    assert DAL not in {one["id"] for one in provider_of(found)["items"]}
    assert await refused(network, LUNCH) == "30004 message.order.items[2].id"


async def test_every_time_offered_is_in_the_hours_of_some_meal_and_long_enough_for_the_least_of_it(
    network: Network,
) -> None:
    _, offer = await cook(network)
    clocks = {start.astimezone(IST).hour for start in offer.starts}

    assert clocks == set(range(9, 17))  # 75 minutes at least, and the workers go home at six
    for start, dishes in ((ist(24, 9), (POHA, IDLI)), (ist(24, 16), (ROTI, SABZI))):
        accepted(await choose(network, {PERSON: 1, **dict.fromkeys(dishes, 1)}, start))


async def test_hours_that_leave_a_gap_leave_it_in_the_times_of_the_catalog_too(network: Network) -> None:
    _, offering = await network.call("GET", f"/offerings/{BASE}")
    gap = [{**one, "starts": "12:00:00"} if one["code"] == "LUNCH" else one for one in offering["categories"]]
    assert (await network.call("PATCH", f"/offerings/{BASE}", {"categories": gap}))[0] == 200

    _, offer = await cook(network)

    assert {start.astimezone(IST).hour for start in offer.starts} == set(range(9, 17)) - {11}


# Chosen


# 19, 20, 21, 24
async def test_what_is_chosen_is_priced_line_by_line_and_lengthens_the_visit(network: Network) -> None:
    selected = await choose(network, LUNCH)

    accepted(selected)
    assert price(selected) == LUNCH_PRICE - LUNCH_OFF
    assert slot(selected) == (ist(24, 12), ist(24, 12) + timedelta(minutes=LUNCH_MINUTES))
    lines = breakup(selected)
    assert sum(amount for _, _, amount in lines) == price(selected)
    assert [(kind, item) for kind, item, _ in lines if kind in ("item", "customization")] == [
        ("item", BASE),
        ("customization", PERSON),
        ("customization", DAL),
        ("customization", TEHRI),
        ("customization", ROTI),
    ]
    for item_id, cost in ((BASE, "199.00"), (PERSON, "196.00"), (DAL, "129.00"), (ROTI, "49.00")):
        own = [amount for kind, item, amount in lines if item == item_id and kind != "discount"]
        assert sum(own) == Decimal(cost)  # without tax, and the tax
        assert len(own) == 2
    for line in selected.order["quote"]["breakup"]:
        if "price" in line["item"]:
            unit, count = Decimal(line["item"]["price"]["value"]), line["item"]["quantity"]["selected"]["count"]
            assert Decimal(line["price"]["value"]) == unit * count


# 19
async def test_the_items_come_back_as_they_were_chosen_from_select_to_confirm(network: Network) -> None:
    found, offer = await cook(network)
    message = select_message(offer, ist(24, 12), network.place, choices=LUNCH)

    selected = await sent(network, found, message)
    ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback
    confirmed = (await journey.confirm(network.buyer, ready)).callback

    for callback in (selected, ready, confirmed):
        assert not callback.error
        echoed = [{key: one[key] for key in one if key != "fulfillment_ids"} for one in callback.order["items"]]
        assert echoed == message["order"]["items"]
        assert callback.order["quote"]["breakup"] == selected.order["quote"]["breakup"]
    assert ready.order["payments"][0]["params"]["amount"] == str(price(selected))


# 23
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("order.items[1].parent_item_id", DELETE),
        ("order.items[1].parent_item_id", ""),
        ("order.items[2].category_ids", DELETE),
        ("order.items[2].category_ids", ["AMIN-COOK-DISHES", "AMIN-COOK-LUNCH"]),
        ("order.items[2].category_ids", ["C3", "C23"]),
        ("order.items[2].tags", DELETE),
        ("order.items[1].location_ids", DELETE),
    ],
)
async def test_a_buyer_app_may_leave_out_what_follows_from_the_item(network: Network, path: str, value: Any) -> None:
    selected = await choose(network, LUNCH, None, (path, value))

    accepted(selected)
    assert price(selected) == LUNCH_PRICE - LUNCH_OFF


async def test_the_base_item_may_stand_anywhere_among_the_items(network: Network) -> None:
    selected = await choose(network, LUNCH, None, ("order.items", lambda items: [*items[1:], items[0]]))

    accepted(selected)
    assert price(selected) == LUNCH_PRICE - LUNCH_OFF


async def test_an_add_on_costs_and_takes_time_like_anything_chosen(network: Network) -> None:
    selected = await choose(network, {**LUNCH, TIDY: 1})

    accepted(selected)
    assert slot(selected)[1] - slot(selected)[0] == timedelta(minutes=LUNCH_MINUTES + 30)
    assert ("customization", TIDY) in [(kind, item) for kind, item, _ in breakup(selected)]


# 24
@pytest.mark.parametrize(
    ("choices", "code", "about"),
    [
        ({}, "40000", "People"),
        ({PERSON: 4}, "40000", "Meal"),
        ({DAL: 1, TEHRI: 1}, "40000", "People"),
        ({PERSON: 4, DAL: 1}, "40000", "Dishes"),
        ({PERSON: 9, DAL: 1, TEHRI: 1}, "40009", PERSON),
        ({PERSON: 4, DAL: 2, TEHRI: 1}, "40009", DAL),
        (dict.fromkeys((PERSON, POHA, IDLI, DAL, TEHRI, KEBAB, ROTI, SABZI), 1), "40009", "Dishes"),
    ],
)
async def test_a_missing_or_excessive_choice_is_refused_beside_the_priced_order_and_holds_nothing(
    network: Network, choices: dict[str, int], code: str, about: str
) -> None:
    selected = await choose(network, choices)

    assert selected.error_code == code
    assert about in selected.error["message"]
    assert end_stop(selected)["time"]["label"] == "rejected"
    assert len(selected.order["items"]) == 1 + len(choices)
    assert sum(amount for _, _, amount in breakup(selected)) == price(selected)
    left = await rows(network.settings.database_url)
    assert (left["slot_cells"], left["drafts"]) == (0, 0)


async def test_after_a_refusal_the_same_transaction_may_choose_better(network: Network) -> None:
    found, offer = await cook(network)
    missing = await sent(network, found, select_message(offer, ist(24, 12), network.place, choices={PERSON: 4}))
    assert missing.error_code == "40000"

    accepted(await sent(network, found, select_message(offer, ist(24, 12), network.place, choices=LUNCH)))


# 22, 24
@pytest.mark.parametrize(
    ("choices", "edits", "refusal"),
    [
        ({**LUNCH, "AMIN-COOK-PIZZA": 1}, (), "30004 message.order.items[5].id"),
        (LUNCH, (("order.items[1].parent_item_id", "AMIN-PARTY"),), "30004 message.order.items[1].parent_item_id"),
        (LUNCH, (("order.items[0].id", "AMIN-PARTY"),), "30004 message.order.items[1].id"),
        (LUNCH, (("order.items", lambda items: items[1:]),), "30004 message.order.items[0].id"),
        (LUNCH, (("order.provider.id", "P-GOMTI"),), "30004 message.order.items[0].id"),
    ],
)
async def test_a_choice_of_another_item_or_of_none_is_not_found(
    network: Network, choices: dict[str, int], edits: tuple[tuple[str, Any], ...], refusal: str
) -> None:
    assert await refused(network, choices, *edits) == refusal


# 17
async def test_a_slot_outside_the_hours_of_the_meal_is_refused_with_times_that_fit(network: Network) -> None:
    breakfast = {PERSON: 2, POHA: 1, IDLI: 1}

    selected = await choose(network, breakfast, ist(24, 13))

    assert selected.error_code == "90001"
    assert end_stop(selected)["time"]["label"] == "rejected"
    times = [moment(text) for text in selected.order["items"][0]["time"]["schedule"]["times"]]
    assert {start.astimezone(IST).hour for start in times} == {9, 10}
    accepted(await choose(network, breakfast, times[0]))


async def test_a_dish_of_two_meals_may_be_cooked_in_the_hours_of_either_unless_one_is_named(network: Network) -> None:
    named = [(f"order.items[{place}].category_ids", ["AMIN-COOK-DISHES", "AMIN-COOK-DINNER"]) for place in (2, 3, 4)]

    accepted(await choose(network, LUNCH, ist(24, 12)))
    accepted(await choose(network, LUNCH, ist(25, 15)))
    lunchtime = await choose(network, LUNCH, ist(26, 12), *named)
    assert lunchtime.error_code == "90001"
    accepted(await choose(network, LUNCH, ist(26, 15), *named))


async def test_a_lost_slot_is_offered_again_only_in_the_hours_of_the_meal(network: Network) -> None:
    """The hold has run out and somebody else has both cooks: init looks for a slot anew, from the snapshot."""
    breakfast = {PERSON: 1, POHA: 1, IDLI: 1}
    selected = await choose(network, breakfast, ist(24, 9))
    network.clock.tick(minutes=11)
    for _ in range(2):
        await network.offers("cook")
        other = await choose(network, {PERSON: 1, ROTI: 1, POHA: 1}, ist(24, 9))
        if other.error:
            break

    ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback

    assert ready.error_code == "90001"
    times = [moment(text) for text in ready.order["items"][0]["time"]["schedule"]["times"]]
    assert times
    assert {start.astimezone(IST).hour for start in times} <= {9, 10}


# Kept


# 32
@pytest.mark.parametrize("count", [3, 5])
async def test_an_init_or_confirm_with_another_number_of_people_contradicts_the_selection(
    network: Network, count: int
) -> None:
    selected = await choose(network, LUNCH)
    message = init_message(selected.order, network.customer, network.place)
    changed = edited(message, "order.items[1].quantity.selected.count", count)

    answer = await network.buyer.send("init", changed, transaction_id=selected.transaction_id)
    assert (answer.error_code, answer.error["path"]) == ("31002", "message.order.items")
    without = edited(message, "order.items", lambda items: items[:-1])
    answer = await network.buyer.send("init", without, transaction_id=selected.transaction_id)
    assert answer.error_code == "31002"

    ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback
    answer = await confirm_with(network, ready, ("items[1].quantity.selected.count", count))
    assert answer.error_code == "31002"


async def test_a_price_that_changes_after_the_selection_does_not_change_the_quote(network: Network) -> None:
    selected = await choose(network, LUNCH)
    _, offering = await network.call("GET", f"/offerings/{BASE}")
    dearer = [{**one, "price": "999.00"} for one in offering["customizations"]]
    assert (await network.call("PATCH", f"/offerings/{BASE}", {"customizations": dearer}))[0] == 200

    ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback

    assert not ready.error
    assert price(ready) == price(selected)
    network.clock.tick(minutes=31)
    lapsed = (await journey.init(network.buyer, selected, network.customer, network.place)).callback
    assert lapsed.error_code == "40003"


# 19, 20, 21, 24, 37, 39
async def test_a_cook_is_booked_and_cooks_and_the_invoice_shows_what_was_chosen(network: Network) -> None:
    choices = {PERSON: 2, POHA: 1, IDLI: 1, TIDY: 1}
    selected = await choose(network, choices, ist(24, 9))
    accepted(selected)
    expected = Decimal("199.00") + 2 * Decimal("49.00") + Decimal("79.00") + Decimal("99.00") + Decimal("99.00")
    assert price(selected) == expected  # 574.00: below the 599.00 of AMIN-COOK10
    ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback
    confirmed = (await journey.confirm(network.buyer, ready)).callback
    assert confirmed.order["status"] == "ACCEPTED"

    network.clock.set(ist(24, 8, 30))
    await network.pushed(confirmed, "depart")
    network.clock.tick(minutes=20)
    arrived = await network.pushed(confirmed, "arrive")
    await network.pushed(confirmed, "start", otp=otp_of(arrived))
    network.clock.tick(hours=2)
    done = await network.pushed(confirmed, "complete")

    assert done.order["status"] == "COMPLETED"
    assert done.order["items"] == confirmed.order["items"]
    assert done.order["quote"] == selected.order["quote"]
    async with aiohttp.ClientSession() as session, session.get(done.order["documents"][0]["url"]) as answer:
        page = await answer.text()
    assert all(text in page for text in ("Idli with sambar", "Kitchen tidied up", "574.00"))


# 33
async def test_the_time_of_the_dishes_is_taken_from_the_workers_and_given_back_by_a_cancellation(
    network: Network,
) -> None:
    confirmed = []
    for _ in range(2):
        selected = await choose(network, LUNCH, ist(24, 12))
        if selected.error:
            break
        ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback
        confirmed.append((await journey.confirm(network.buyer, ready)).callback)
    _, offer = await cook(network)
    assert ist(24, 14) not in offer.starts  # 150 minutes from noon

    for one in confirmed:
        cancelled = (await journey.cancel(network.buyer, one)).callback
        assert cancelled.order["status"] == "CANCELLED"
        assert price(cancelled) == Decimal(0)
    _, offer = await cook(network)
    assert ist(24, 14) in offer.starts


async def test_a_select_in_the_shape_of_the_published_examples_is_understood(network: Network) -> None:
    """Categories named at the provider as well, dishes with the category of the meal, no parent on the base item."""
    selected = await choose(
        network,
        LUNCH,
        None,
        ("order.provider.categories", [{"id": "AMIN-COOK-LUNCH", "parent_category_id": "AMIN-COOK-MEAL"}]),
        ("order.items[2].category_ids", ["AMIN-COOK-DISHES", "AMIN-COOK-LUNCH"]),
        ("order.fulfillments[0].stops[0].time.range.end", wire_time(ist(24, 15))),
    )

    accepted(selected)
    assert slot(selected) == (ist(24, 12), ist(24, 15))
