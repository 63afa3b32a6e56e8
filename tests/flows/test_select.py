"""Select: a price and a held slot, or what stands against it with times that can be booked instead.

The numbers are those of the assertions in section 5 of the protocol reference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import select_message
from bpp.sandbox.moments import IST, wire_time
from bpp.sandbox.offers import Offer, read_offers, state
from bpp.sandbox.places import Place, place_at
from tests.support.clock import FakeClock
from tests.support.conversation import check_conversation
from tests.support.effects import rows
from tests.support.json_edit import DELETE, edited
from tests.support.network import Network, end_stop, moment, running_network

Json = dict[str, Any]

SRV10, SRV11, SRV12 = DOMAINS = ("ONDC:SRV10", "ONDC:SRV11", "ONDC:SRV12")
STOP = "order.fulfillments[0].stops[0]"
LENIENT: tuple[tuple[str, Any], ...] = (
    ("order.items[0].quantity", DELETE),
    ("order.items[0].quantity", {}),
    ("order.items[0].quantity", {"selected": {}}),
    ("order.items[0].location_ids", DELETE),
    ("order.items[0].location_ids", ["L1-of-theirs"]),
    ("order.items[0].parent_item_id", ""),
    ("order.items[0].category_ids", DELETE),
    ("order.provider.locations", DELETE),
    ("order.provider.locations", []),
    ("order.provider.locations", [{"id": "87"}]),
    ("order.provider.locations", [{}]),
    ("order.payments", []),
    ("order.fulfillments[0].type", DELETE),
    (f"{STOP}.type", DELETE),
)
LINE_TYPES = {"item", "customization", "tax", "discount", "misc", "refund"}
NAGRAM = Place(name="Nagram", area_code="226303", gps="26.620000,81.130000", city="Lucknow", std="std:0522")
DELHI = Place(name="Delhi", area_code="110001", gps="28.613900,77.209000", city="Delhi", std="std:011")


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


async def search(
    network: Network, item_id: str, *, domain: str = SRV11, place: Place | None = None, buyer: Buyer | None = None
) -> tuple[Callback, Offer]:
    """Search; the on_search and one offer of it."""
    exchange = await journey.search(buyer or network.buyer, place=place or network.place, domain=domain)
    found = exchange.callback
    return found, next(one for one in read_offers(found.message) if one.item_id == item_id)


async def choose(network: Network, found: Callback, message: Json, *, buyer: Buyer | None = None) -> Callback:
    """Send a select after an on_search; the on_select."""
    exchange = await journey.ask(
        buyer or network.buyer,
        "select",
        message,
        transaction_id=found.transaction_id,
        context=journey.following(found),
    )
    return exchange.callback


async def take(
    network: Network, item_id: str, start: datetime, *, buyer: Buyer | None = None, domain: str = SRV11, **more: Any
) -> Callback:
    """A whole conversation from search to on_select."""
    found, offer = await search(network, item_id, buyer=buyer, domain=domain)
    return await choose(network, found, select_message(offer, start, network.place, **more), buyer=buyer)


async def refusal(network: Network, found: Callback, message: Json) -> str:
    """The code of the NACK that a select gets."""
    answer = await network.buyer.send(
        "select", message, transaction_id=found.transaction_id, context=journey.following(found)
    )
    assert answer.status == 200
    assert not answer.acked
    assert answer.error["message"].startswith("message.order")
    return answer.error_code


def slot(selected: Callback) -> tuple[datetime, datetime]:
    span = end_stop(selected)["time"]["range"]
    return moment(span["start"]), moment(span["end"])


def alternatives(selected: Callback) -> list[datetime]:
    return [moment(text) for text in selected.order["items"][0]["time"]["schedule"]["times"]]


def lines(selected: Callback, kind: str) -> list[Decimal]:
    """The amounts of the lines of a kind."""
    return [
        Decimal(line["price"]["value"])
        for line in selected.order["quote"]["breakup"]
        if line["tags"][0]["list"][0]["value"] == kind
    ]


def total(selected: Callback) -> Decimal:
    return Decimal(selected.order["quote"]["price"]["value"])


def accepted(selected: Callback) -> None:
    assert not selected.error, selected.error
    assert end_stop(selected)["time"]["label"] == "confirmed"
    assert state(selected.order) == "Serviceable"


def rejected(selected: Callback, start: datetime) -> None:
    """Assertion 17, but for the alternatives."""
    assert selected.error_code == "90001"
    assert end_stop(selected)["time"]["label"] == "rejected"
    assert slot(selected)[0] == start
    assert state(selected.order) == "Serviceable"
    assert total(selected) > 0


# 16, 19
@pytest.mark.parametrize(
    ("domain", "item_id", "payment"),
    [(SRV10, "GOMTI-ACCLEAN", "ON-FULFILLMENT"), (SRV11, "GOMTI-TAP", "PRE-FULFILLMENT"), (SRV12, "HAZRAT-CUT", "")],
)
async def test_an_offered_slot_is_confirmed_with_the_items_as_they_were_selected(
    network: Network, domain: str, item_id: str, payment: str
) -> None:
    found, offer = await search(network, item_id, domain=domain)
    for start in (offer.starts[0], offer.starts[-1]):
        message = select_message(offer, start, network.place, payment_type=payment)
        message["order"]["items"][0]["tags"] = [{"descriptor": {"code": "X"}, "list": []}]

        selected = await choose(network, found, message)

        accepted(selected)
        wanted, order = message["order"], selected.order
        assert slot(selected)[0] == start
        assert end_stop(selected)["location"] == wanted["fulfillments"][0]["stops"][0]["location"]
        ids = {one["id"] for one in order["fulfillments"]}
        for asked, item in zip(wanted["items"], order["items"], strict=True):
            assert set(item["fulfillment_ids"]) <= ids
            assert {key: value for key, value in item.items() if key != "fulfillment_ids"} == asked
        assert order["payments"][0]["type"] == wanted["payments"][0]["type"]
        assert order["provider"]["id"] == wanted["provider"]["id"]
        assert order["provider"]["locations"]


# 19
@pytest.mark.parametrize("network", [{"BPP_HEX_CATEGORY_PEERS": "buyer.sandbox.example"}], indirect=True)
async def test_category_ids_come_back_as_the_peer_counts_them(network: Network) -> None:
    found, offer = await search(network, "GOMTI-FAN")
    assert offer.category_id == "SRV11-101E"

    selected = await choose(network, found, select_message(offer, offer.starts[0], network.place))

    assert selected.order["items"][0]["category_ids"] == ["SRV11-101E"]


# 19
async def test_what_was_said_of_an_item_is_echoed_to_the_letter(network: Network) -> None:
    found, offer = await search(network, "GOMTI-TAP")
    message = select_message(offer, offer.starts[0], network.place)
    asked = message["order"]["items"][0]
    asked |= {"parent_item_id": "", "category_ids": ["SRV11-102F"], "tags": [{"descriptor": {"code": "a"}, "list": []}]}

    [item] = (await choose(network, found, message)).order["items"]

    assert {key: item[key] for key in asked} == asked


# 16
async def test_a_start_is_compared_to_the_minute(network: Network) -> None:
    found, offer = await search(network, "GOMTI-TAP")
    start = offer.starts[2]

    selected = await choose(
        network, found, select_message(offer, start + timedelta(seconds=11, milliseconds=613), network.place)
    )

    accepted(selected)
    assert slot(selected)[0] == start


# 17
async def test_a_slot_that_cannot_be_had_is_rejected_with_times_that_can(network: Network) -> None:
    network.clock.tick(hours=2, minutes=30)
    for start in (
        ist(23, 10),  # past
        ist(23, 11, 30),  # now
        ist(22, 10),  # yesterday
        ist(24, 10, 20),  # never offered
        ist(24, 17, 15),  # not on the grid, and too late to end before six
        ist(24, 3),  # at night
        ist(29, 10),  # beyond the days offered
        ist(24, 10) + timedelta(days=3650),
    ):
        found, offer = await search(network, "GOMTI-TAP")
        selected = await choose(network, found, select_message(offer, start, network.place))

        rejected(selected, start)
        times = alternatives(selected)
        assert times == sorted(set(times))
        assert set(times) == set(offer.starts)
        message = select_message(offer, times[len(times) // 2], network.place)
        accepted(await choose(network, found, message))


# 17
@pytest.mark.parametrize("network", [{"BPP_HORIZON_DAYS": "1"}], indirect=True)
async def test_where_nothing_is_free_at_all_a_slot_is_rejected_without_alternatives(network: Network) -> None:
    found, offer = await search(network, "GOMTI-TAP")
    network.clock.set(ist(23, 17, 30))

    selected = await choose(network, found, select_message(offer, offer.starts[0], network.place))

    rejected(selected, offer.starts[0])
    assert alternatives(selected) == []


# 18
async def test_a_select_without_a_slot_is_refused_and_holds_nothing(network: Network) -> None:
    found, offer = await search(network, "INDIRA-PAINT")
    good = select_message(offer, offer.starts[0], network.place)

    for time in (DELETE, {}, {"label": "selected"}, {"range": {}}, {"range": {"start": ""}}):
        assert await refusal(network, found, edited(good, f"{STOP}.time", time)) == "90003"
    assert (await rows(network.settings.database_url))["slot_cells"] == 0
    _, again = await search(network, "INDIRA-PAINT", buyer=network.second_buyer)
    assert again.starts == offer.starts


# 20, 21
@pytest.mark.parametrize("domain", DOMAINS)
async def test_every_item_costs_its_catalog_price_times_the_count_to_the_paisa(network: Network, domain: str) -> None:
    found = (await journey.search(network.buyer, place=network.place, domain=domain)).callback
    catalog = {
        item["id"]: item["quantity"]["maximum"]["count"]
        for provider in found.message["catalog"]["providers"]
        for item in provider["items"]
    }
    for offer in read_offers(found.message):
        if offer.choices:
            continue  # it costs what is chosen: test_customization
        single: list[Decimal] = []
        for count in (1, min(2, catalog[offer.item_id])):
            message = select_message(offer, offer.starts[4], network.place, count=count)
            selected = await choose(network, found, message)

            accepted(selected)
            assert total(selected) == offer.price * count
            breakup = selected.order["quote"]["breakup"]
            assert sum(Decimal(line["price"]["value"]) for line in breakup) == total(selected)
            for line in breakup:
                assert line["title"]
                assert line["item"]["id"] == offer.item_id
                assert line["tags"][0]["descriptor"]["code"] == "title"
                assert line["tags"][0]["list"][0]["value"] in LINE_TYPES
            (item,) = lines(selected, "item")
            unit = Decimal(next(line["item"]["price"]["value"] for line in breakup if "price" in line["item"]))
            assert item == unit * count
            single = single or lines(selected, "item")
            assert item == single[0] * count


# 22
async def test_what_we_do_not_know_is_refused_by_its_code_and_path(network: Network) -> None:
    found, offer = await search(network, "GOMTI-TAP")
    good = select_message(offer, offer.starts[0], network.place)

    for path, value, code in (
        ("order.provider.id", "P-NOBODY", "30001"),
        ("order.provider.id", "P-GANGA", "30004"),  # known, but the item is another's
        ("order.items[0].id", "NOTHING", "30004"),
        ("order.items[0].id", "HAZRAT-CUT", "30004"),
    ):
        assert await refusal(network, found, edited(good, path, value)) == code, (path, value)


# 22
@pytest.mark.parametrize(
    ("item_id", "change", "code"),
    [
        ("GOMTI-TAP", {"count": 6}, "40009"),
        ("GOMTI-TAP", {"count": 1000}, "40009"),
        ("AMIN-MOP", {"count": 2}, "40009"),
        ("GOMTI-TANK", {"payment_type": "ON-FULFILLMENT"}, "40004"),
        ("GOMTI-TAP", {"payment_type": "POST-FULFILLMENT"}, "40004"),
        ("GOMTI-TAP", {"payment_type": "BARTER"}, "40004"),
    ],
)
async def test_what_is_not_sold_so_is_answered_by_its_code_and_holds_nothing(
    network: Network, item_id: str, change: Json, code: str
) -> None:
    found, offer = await search(network, item_id)

    selected = await choose(network, found, select_message(offer, offer.starts[0], network.place, **change))

    assert selected.error_code == code
    assert selected.error["message"]
    assert not selected.order or end_stop(selected)["time"]["label"] == "rejected"
    left = await rows(network.settings.database_url)
    assert (left["slot_cells"], left["drafts"]) == (0, 0)


# 22
@pytest.mark.parametrize(
    ("item_id", "place", "code"),
    [
        ("GOMTI-TAP", NAGRAM, "30010"),  # a radius
        ("AMIN-BATH", NAGRAM, "30009"),  # pincodes
        ("HAZRAT-CUT", NAGRAM, "30009"),  # a polygon
        ("AWADH-DOGWALK", DELHI, "30009"),  # the whole country, but three districts of ours
        ("GOMTI-TAP", place_at("208001"), "30009"),  # a district that the provider has not chosen
    ],
)
async def test_a_place_that_is_not_served_is_answered_as_non_serviceable(
    network: Network, item_id: str, place: Place, code: str
) -> None:
    domain = SRV12 if item_id.startswith("HAZRAT") else SRV11
    found, offer = await search(network, item_id, domain=domain)

    selected = await choose(network, found, select_message(offer, offer.starts[0], place))

    assert selected.error_code == code
    assert state(selected.order) == "Non-serviceable"
    assert end_stop(selected)["time"]["label"] == "rejected"
    accepted(await choose(network, found, select_message(offer, offer.starts[0], network.place)))


async def test_a_customer_may_select_for_another_place_than_was_searched_for(network: Network) -> None:
    found, offer = await search(network, "GOMTI-TAP")
    barabanki = Place(name="", area_code="225001", gps="26.930000,81.190000", city="Barabanki", std="*")

    selected = await choose(network, found, select_message(offer, offer.starts[0], barabanki))

    accepted(selected)
    assert total(selected) == Decimal("249.00")  # the district's own price


# 22, decision 1
async def test_more_workers_at_once_than_the_provider_has_are_refused_by_quantity(network: Network) -> None:
    """Two workers of P-GOMTI do air conditioners; four may be ordered."""
    accepted(await take(network, "GOMTI-ACCLEAN", ist(24, 10), domain=SRV10, count=2))

    selected = await take(network, "GOMTI-ACCLEAN", ist(25, 10), domain=SRV10, count=3)

    assert selected.error_code == "40002"
    assert end_stop(selected)["time"]["label"] == "rejected"


# 23
async def test_what_can_be_left_out_means_one_unit_at_the_only_place(network: Network) -> None:
    found, offer = await search(network, "GOMTI-TAP")
    good = select_message(offer, offer.starts[0], network.place)

    for path, value in LENIENT:
        selected = await choose(network, found, edited(good, path, value))

        accepted(selected)
        assert selected.order["items"][0]["quantity"] == {"selected": {"count": 1}}, (path, value)
        assert selected.order["provider"]["locations"] == [{"id": "L1"}], (path, value)
        assert total(selected) == Decimal("199.00")
        assert selected.order["payments"][0]["type"] == "PRE-FULFILLMENT"


# 23
async def test_a_strange_location_of_an_item_is_answered_with_the_only_place(network: Network) -> None:
    found, offer = await search(network, "GOMTI-TAP")
    good = select_message(offer, offer.starts[0], network.place)

    selected = await choose(network, found, edited(good, "order.items[0].location_ids", ["87"]))

    accepted(selected)
    assert selected.order["items"][0]["location_ids"] == ["L1"]


# 23
async def test_a_quantity_under_the_provider_counts_for_the_items(network: Network) -> None:
    found, offer = await search(network, "GOMTI-TAP")
    message = edited(select_message(offer, offer.starts[0], network.place), "order.items[0].quantity", DELETE)
    message["order"]["provider"]["quantity"] = {"selected": {"count": 2}}

    selected = await choose(network, found, message)

    accepted(selected)
    assert total(selected) == Decimal("398.00")


# 23, decision 1
async def test_of_a_provider_with_two_places_a_third_is_unknown(network: Network) -> None:
    found, offer = await search(network, "AWADH-DOGWALK")
    good = select_message(offer, offer.starts[0], network.place)

    for place in ("L1", "L2"):
        accepted(await choose(network, found, edited(good, "order.provider.locations", [{"id": place}])))
    nowhere = edited(good, "order.provider.locations", [{"id": "L3"}])
    assert await refusal(network, found, nowhere) == "30002"


async def test_several_items_are_one_visit_of_one_worker_and_one_price(network: Network) -> None:
    found, offer = await search(network, "GOMTI-TAP")
    message = select_message(offer, ist(24, 9), network.place)
    message["order"]["items"].append({"id": "GOMTI-FAN", "quantity": {"selected": {"count": 2}}})

    selected = await choose(network, found, message)

    accepted(selected)
    assert total(selected) == Decimal("199.00") + 2 * Decimal("149.00")
    assert slot(selected) == (ist(24, 9), ist(24, 11, 30))  # 60 + 2 x 45 minutes
    assert [one["id"] for one in selected.order["items"]] == ["GOMTI-TAP", "GOMTI-FAN"]
    assert len(lines(selected, "item")) == 2


async def test_items_that_no_single_worker_can_do_together_are_answered_so(network: Network) -> None:
    found, offer = await search(network, "AMIN-PARTY")
    message = select_message(offer, offer.starts[0], network.place)
    message["order"]["items"].append({"id": "AMIN-ROACH", "quantity": {"selected": {"count": 1}}})

    selected = await choose(network, found, message)

    assert selected.error_code == "40006"
    assert end_stop(selected)["time"]["label"] == "rejected"


async def test_items_of_two_domains_are_not_one_order(network: Network) -> None:
    found, offer = await search(network, "GOMTI-TAP")
    message = select_message(offer, offer.starts[0], network.place)
    message["order"]["items"].append({"id": "GOMTI-ACCLEAN", "quantity": {"selected": {"count": 1}}})

    assert await refusal(network, found, message) == "30004"


# 22
async def test_the_limit_of_an_item_counts_over_all_lines_that_name_it(network: Network) -> None:
    found, offer = await search(network, "AMIN-MOP")
    message = select_message(offer, offer.starts[0], network.place)
    message["order"]["items"] *= 2

    selected = await choose(network, found, message)

    assert selected.error_code == "40009"


# Slots


async def test_the_count_multiplies_the_time_of_one_worker(network: Network) -> None:
    selected = await take(network, "INDIRA-DOOR", ist(24, 10), count=3)
    accepted(selected)
    assert slot(selected) == (ist(24, 10), ist(24, 16))  # 3 x 120 minutes

    late = await take(network, "INDIRA-DOOR", ist(25, 14), count=3)
    rejected(late, ist(25, 14))
    assert max(one for one in alternatives(late) if one < ist(26, 0)) == ist(25, 12)

    _, offer = await search(network, "INDIRA-PAINT", buyer=network.second_buyer)
    assert ist(24, 9) in offer.starts
    assert not {ist(24, hour) for hour in range(10, 16)} & set(offer.starts)
    assert ist(24, 16) in offer.starts


async def test_units_done_in_parallel_take_several_workers_at_the_same_time(network: Network) -> None:
    selected = await take(network, "GOMTI-ACCLEAN", ist(24, 10), domain=SRV10, count=2)
    accepted(selected)
    assert slot(selected) == (ist(24, 10), ist(24, 11, 30))

    rejected(await take(network, "GOMTI-ACCLEAN", ist(24, 10), domain=SRV10), ist(24, 10))
    accepted(await take(network, "GOMTI-ACCLEAN", ist(24, 12), domain=SRV10))


async def test_a_longer_range_asks_for_all_the_slots_in_it(network: Network) -> None:
    selected = await take(network, "INDIRA-PAINT", ist(24, 10), end=ist(24, 13))
    accepted(selected)
    assert slot(selected) == (ist(24, 10), ist(24, 13))

    clash = await take(network, "INDIRA-PAINT", ist(24, 9), end=ist(24, 11), buyer=network.second_buyer)
    rejected(clash, ist(24, 9))


async def test_an_end_that_is_not_after_the_start_is_not_believed(network: Network) -> None:
    found, offer = await search(network, "GOMTI-TAP")
    message = select_message(offer, offer.starts[0], network.place)
    message["order"]["fulfillments"][0]["stops"][0]["time"]["range"]["end"] = wire_time(ist(20, 9))

    selected = await choose(network, found, message)

    accepted(selected)
    assert slot(selected) == (offer.starts[0], offer.starts[0] + timedelta(hours=1))


async def test_a_held_slot_is_refused_to_others_until_ten_minutes_have_passed(network: Network) -> None:
    start = ist(24, 10)
    accepted(await take(network, "INDIRA-PAINT", start))

    network.clock.tick(minutes=9, seconds=59)
    refused = await take(network, "INDIRA-PAINT", start, buyer=network.second_buyer)
    rejected(refused, start)
    assert start not in alternatives(refused)
    network.clock.tick(seconds=1)
    accepted(await take(network, "INDIRA-PAINT", start, buyer=network.second_buyer))

    rejected(await take(network, "INDIRA-PAINT", start), start)


async def test_a_second_select_replaces_the_hold_of_the_first(network: Network) -> None:
    found, offer = await search(network, "INDIRA-PAINT")
    first, second = offer.starts[2], offer.starts[5]
    before = await choose(network, found, select_message(offer, first, network.place))
    after = await choose(network, found, select_message(offer, second, network.place))
    accepted(after)
    assert before.order["fulfillments"][0]["id"] != ""

    _, theirs = await search(network, "INDIRA-PAINT", buyer=network.second_buyer)

    assert first in theirs.starts
    assert second not in theirs.starts
    accepted(
        await choose(network, found, select_message(offer, second, network.place))
    )  # one's own hold is no obstacle


async def test_a_rejected_select_can_be_followed_by_one_for_another_time(network: Network) -> None:
    found, offer = await search(network, "INDIRA-PAINT")
    rejected(await choose(network, found, select_message(offer, ist(22, 10), network.place)), ist(22, 10))

    accepted(await choose(network, found, select_message(offer, offer.starts[0], network.place)))


@pytest.mark.parametrize("network", [{"BPP_HOLDS_PER_PEER": "2"}], indirect=True)
async def test_a_buyer_app_holds_so_many_slots_at_once_and_no_more(network: Network) -> None:
    first, second = [await take(network, "GOMTI-TAP", ist(24, hour)) for hour in (9, 10)]
    accepted(first)
    accepted(second)

    third = await take(network, "GOMTI-TAP", ist(24, 11))
    rejected(third, ist(24, 11))

    accepted(await take(network, "GOMTI-TAP", ist(24, 11), buyer=network.second_buyer))
    ready = await journey.init(network.buyer, first, network.customer, network.place)
    confirmed = await journey.confirm(network.buyer, ready.callback)
    assert confirmed.callback.order["status"] == "ACCEPTED"  # a booking is no hold
    accepted(await take(network, "GOMTI-TAP", ist(24, 11)))
    rejected(await take(network, "GOMTI-TAP", ist(24, 12)), ist(24, 12))
    network.clock.tick(minutes=10)
    accepted(await take(network, "GOMTI-TAP", ist(24, 12)))


async def test_two_buyer_apps_may_use_one_transaction_id_without_touching_each_other(network: Network) -> None:
    found, offer = await search(network, "INDIRA-PAINT")
    accepted(await choose(network, found, select_message(offer, offer.starts[2], network.place)))
    message = select_message(offer, offer.starts[3], network.place)

    accepted(await choose(network, found, message, buyer=network.second_buyer))

    _, left = await search(network, "INDIRA-PAINT")
    assert not {offer.starts[2], offer.starts[3]} & set(left.starts)


async def test_a_provider_that_is_suspended_cannot_be_selected_and_a_worker_who_leaves_frees_no_slot(
    network: Network,
) -> None:
    found, offer = await search(network, "INDIRA-PAINT")
    message = select_message(offer, offer.starts[0], network.place)

    assert (await network.call("PATCH", "/workers/W-INDIRA-1", {"active": False}))[0] == 200
    gone = await choose(network, found, message)
    assert gone.error_code == "40006"
    assert (await network.call("PATCH", "/providers/P-INDIRA", {"status": "suspended"}))[0] == 200
    assert await refusal(network, found, message) == "30017"
