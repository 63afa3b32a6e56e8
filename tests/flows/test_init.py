"""Init: the customer's details, the slot held longer, payments; and a selection that is lost, lapsed or contradicted.

The numbers are those of the assertions in section 5 of the protocol reference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from beckn_schemas.spellings import FEE_CODES
from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import init_message, search_message, select_message
from bpp.sandbox.moments import IST
from bpp.sandbox.offers import Offer, read_offers
from bpp.sandbox.places import Place
from tests.support.clock import FakeClock
from tests.support.conversation import check_conversation
from tests.support.effects import rows
from tests.support.json_edit import DELETE, edited
from tests.support.network import Network, end_stop, moment, running_network

Json = dict[str, Any]

STOP = "order.fulfillments[0].stops[0]"
PAINTER = "wall painting"  # offered by P-INDIRA, who is alone
SETTLEMENT = {
    "Settlement_Counterparty": {
        *("Counterparty", "Mode", "Beneficiary_Name", "Bank_Account_No", "Ifsc_Code", "UPI_Address")
    },
    "Settlement_Details": {"Window", "Basis", "Witholding_Amount", "Phase"},
    "Buyer_Finder_Fee": {"Buyer_Finder_Fee_Type", "Buyer_Finder_Fee_Amount"},
}
BILLINGS: tuple[Json, ...] = (
    {"name": "A", "phone": "9800000000"},
    {"name": "अशोक", "phone": "9800000000", "email": "", "tax_id": "", "state": {"name": "12"}},
    {
        "name": "A",
        "phone": "1",
        "tax_id": "09X",
        "created_at": "2026-11-23T03:30:00Z",
        "locations": [{"gps": "1,2"}],
    },
    {"name": "A B", "address": "  two  spaces\n", "phone": "+91-98000", "city": {"name": "x", "code": "std:0522"}},
)
NAGRAM = Place(name="Nagram", area_code="226303", gps="26.620000,81.130000", city="Lucknow", std="std:0522")
ALIGANJ = Place(name="Aliganj", area_code="226024", gps="26.889000,80.942000", city="Lucknow", std="std:0522")


@pytest.fixture
async def network(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """The network; in the end every callback was signed, valid and in its conversation."""
    async with running_network(sqlite_url, tmp_path, clock) as running:
        yield running
        check_conversation(running)


def ist(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of November 2026 in Lucknow; the 23rd is the Monday on which tests begin."""
    return datetime(2026, 11, day, hour, minute, tzinfo=IST).astimezone(UTC)


async def choose(network: Network, words: str, start: datetime, buyer: Buyer | None = None) -> Callback:
    """Search and select a time of the first offer; the on_select."""
    found, offers = await network.offers(words, buyer=buyer or network.buyer)
    return (await journey.select(buyer or network.buyer, found, offers[0], start, network.place)).callback


async def init(network: Network, selected: Callback, message: Json | None = None) -> Callback:
    """Send an init after an on_select, the usual one or another; the on_init."""
    usual = init_message(selected.order, network.customer, network.place)
    exchange = await journey.ask(
        network.buyer,
        "init",
        message or usual,
        transaction_id=selected.transaction_id,
        context=journey.following(selected),
    )
    return exchange.callback


async def refusal(network: Network, message: Json, transaction_id: str, buyer: Buyer | None = None) -> str:
    """The code of the NACK that an init gets; nothing of it is stored."""
    await network.settled()
    before = await rows(network.settings.database_url)
    answer = await (buyer or network.buyer).send("init", message, transaction_id=transaction_id)
    assert answer.status == 200
    assert not answer.acked
    assert await rows(network.settings.database_url) == before
    return answer.error_code


def start_of(one: Callback) -> datetime:
    return moment(end_stop(one)["time"]["range"]["start"])


def alternatives(one: Callback) -> list[datetime]:
    return [moment(text) for text in one.order["items"][0]["time"]["schedule"]["times"]]


def tags(payment: Json) -> dict[str, dict[str, str]]:
    """The entries of a payment's tags by code."""
    return {
        tag["descriptor"]["code"]: {entry["descriptor"]["code"]: entry["value"] for entry in tag["list"]}
        for tag in payment["tags"]
    }


def finder_fee(one: Callback) -> list[tuple[str, str]]:
    """Type and amount in each payment, however the buyer app spells their codes."""
    fees = [tags(payment)["Buyer_Finder_Fee"] for payment in one.order["payments"]]
    assert all({*fee} in map(set, FEE_CODES.values()) for fee in fees)
    return [(kind, amount) for kind, amount in (fee.values() for fee in fees)]


async def still_offered(network: Network, start: datetime) -> bool:
    """Whether the second buyer is offered the painter at that time."""
    _, offers = await network.offers(PAINTER, buyer=network.second_buyer)
    return start in offers[0].starts


# 25
async def test_an_init_without_fulfillments_means_those_that_were_selected(network: Network) -> None:
    selected = await choose(network, "tap repair", ist(24, 10))
    message = init_message(selected.order, network.customer, network.place)
    nothing: tuple[Any, ...] = ([], DELETE, [{}], [{"stops": []}], [{"id": "F-theirs", "type": "X"}])

    for fulfillments in nothing:
        ready = await init(network, selected, edited(message, "order.fulfillments", fulfillments))

        assert not ready.error
        [chosen], [kept] = selected.order["fulfillments"], ready.order["fulfillments"]
        assert kept["id"] == chosen["id"]
        assert start_of(ready) == ist(24, 10)
        assert end_stop(ready)["time"] == end_stop(selected)["time"]
        assert end_stop(ready)["location"] == end_stop(selected)["location"]
        assert ready.order["items"] == selected.order["items"]
        assert ready.order["quote"] == selected.order["quote"]


# 25
async def test_what_an_init_says_of_customer_and_place_comes_back(network: Network) -> None:
    selected = await choose(network, "tap repair", ist(24, 10))
    message = init_message(selected.order, network.customer, network.place)
    said = message["order"]["fulfillments"][0]["stops"][0]
    said |= {"instructions": {"short_desc": "the blue door"}, "person": {"name": "आशा"}}

    ready = await init(network, selected, message)

    stop = end_stop(ready)
    for key in ("location", "contact", "person", "instructions"):
        assert stop[key] == said[key]
    assert stop["time"]["label"] == "confirmed"


# 26
async def test_billing_comes_back_field_by_field(network: Network) -> None:
    selected = await choose(network, "tap repair", ist(24, 10))
    message = init_message(selected.order, network.customer, network.place)

    for billing in BILLINGS:
        ready = await init(network, selected, edited(message, "order.billing", billing))

        assert ready.order["billing"] == billing
        assert ready.order["provider"]["locations"]
        assert ready.order["locations"] == [{"id": "L1"}]
        assert ready.order["cancellation_terms"]


# 27
@pytest.mark.parametrize(
    ("domain", "payment_type", "collected_by"),
    [
        ("ONDC:SRV10", "PRE-FULFILLMENT", "BAP"),
        ("ONDC:SRV11", "ON-FULFILLMENT", "BPP"),
        ("ONDC:SRV12", "ON-FULFILLMENT", "BPP"),
    ],
)
async def test_a_payment_says_how_much_by_whom_and_where_it_is_settled(
    network: Network, domain: str, payment_type: str, collected_by: str
) -> None:
    found = (await journey.search(network.buyer, place=network.place, domain=domain)).callback
    offer = next(one for one in read_offers(found.message) if payment_type in one.payment_types)
    selected = await journey.select(
        network.buyer, found, offer, offer.starts[0], network.place, payment_type=payment_type
    )

    ready = await init(network, selected.callback)

    [payment] = ready.order["payments"]
    assert payment["id"]
    assert "status" not in payment
    assert (payment["type"], payment["collected_by"]) == (payment_type, collected_by)
    settings = network.settings
    assert payment["params"] == {
        "amount": ready.order["quote"]["price"]["value"],
        "currency": "INR",
        "bank_account_number": settings.settlement_account,
        "virtual_payment_address": settings.settlement_upi,
    }
    assert {code: entries.keys() for code, entries in tags(payment).items()} == SETTLEMENT
    counterparty = tags(payment)["Settlement_Counterparty"]
    assert counterparty["Counterparty"] == "BPP"
    assert counterparty["Beneficiary_Name"] == settings.settlement_beneficiary
    assert counterparty["Ifsc_Code"] == settings.settlement_ifsc


def fee_tag(group: str, prefix: str, kind: str, amount: Any) -> list[Json]:
    entries = {f"{prefix}_type": kind, f"{prefix}_amount": amount}
    rows = [{"descriptor": {"code": code}, "value": value} for code, value in entries.items()]
    return [{"descriptor": {"code": group}, "list": rows}]


FEES: tuple[tuple[Any, tuple[str, str]], ...] = (
    (fee_tag("BAP_Terms", "finder_fee", "amount", "150"), ("amount", "150")),
    (fee_tag("BAP_Terms", "finder_fee", "percent", "3"), ("percent", "3")),
    (fee_tag("BAP_Terms", "Buyer_finder_fee", "percent", "3"), ("percent", "3")),
    (fee_tag("BAP_Terms", "Buyer_Finder_Fee", "percentage", "2.5"), ("percent", "2.5")),
    (fee_tag("bap_terms", "BUYER_FINDER_FEE", "Percent", "3"), ("percent", "3")),
    (fee_tag("BAP_TERMS", "finder_fee", "AMOUNT", 150), ("amount", "150")),
    (fee_tag("BAP_Terms", "finder_fee", "percent", "much"), ("percent", "0")),
    (fee_tag("Other_Terms", "finder_fee", "percent", "3"), ("percent", "0")),
    ([], ("percent", "0")),
    (DELETE, ("percent", "0")),
)


# 27
async def test_the_finder_fee_of_the_search_stands_in_every_payment_from_then_on(network: Network) -> None:
    for said, expected in FEES:
        message = edited(search_message(words="fan repair", place=network.place), "intent.tags", said)
        found = (await journey.ask(network.buyer, "search", message, transaction_id=network.buyer.new_id())).callback
        offer = read_offers(found.message)[0]
        selected = await journey.select(network.buyer, found, offer, offer.starts[0], network.place)

        ready = await init(network, selected.callback)
        confirmed = (await journey.confirm(network.buyer, ready)).callback
        status = (await journey.status(network.buyer, confirmed)).callback

        for one in (ready, confirmed, status):
            assert finder_fee(one) == [expected], said


# 27
async def test_the_newest_search_of_a_transaction_says_the_fee(network: Network) -> None:
    transaction_id = network.buyer.new_id()
    for fee in (("amount", "10"), ("percent", "7")):
        message = search_message(words="tap repair", place=network.place, fee=fee)
        found = (await journey.ask(network.buyer, "search", message, transaction_id=transaction_id)).callback
        network.clock.tick(seconds=1)
    offer = read_offers(found.message)[0]
    selected = await journey.select(network.buyer, found, offer, offer.starts[0], network.place)

    assert finder_fee(await init(network, selected.callback)) == [("percent", "7")]


# 28
async def test_a_slot_that_another_took_after_the_hold_had_lapsed_is_answered_with_other_times(
    network: Network,
) -> None:
    selected = await choose(network, PAINTER, ist(24, 10))
    network.clock.tick(minutes=10)
    theirs = await choose(network, PAINTER, ist(24, 10), network.second_buyer)
    assert not theirs.error

    lost = await init(network, selected)

    assert lost.error_code == "90001"
    assert end_stop(lost)["time"]["label"] == "rejected"
    assert start_of(lost) == ist(24, 10)
    assert ist(24, 10) not in alternatives(lost)
    assert lost.order["quote"] == selected.order["quote"]
    refused = await journey.init(network.second_buyer, theirs, network.customer, network.place)
    assert not refused.callback.error
    other = alternatives(lost)[3]
    again = await journey.select(network.buyer, selected, an_offer(selected), other, network.place)
    assert not again.callback.error
    assert not (await init(network, again.callback)).error


def an_offer(selected: Callback) -> Offer:
    """What was selected, as an offer to select again."""
    item = selected.order["items"][0]
    return Offer(
        provider_id=selected.order["provider"]["id"],
        provider_name="",
        rating="",
        location_id=selected.order["provider"]["locations"][0]["id"],
        item_id=item["id"],
        item_name="",
        description="",
        category_id="",
        price=0,  # type: ignore[arg-type]
        payment_types=(),
        starts=(),
        slot=ist(24, 11) - ist(24, 10),
    )


# 28
async def test_after_a_lost_slot_nothing_can_be_confirmed(network: Network) -> None:
    selected = await choose(network, PAINTER, ist(24, 10))
    network.clock.tick(minutes=10)
    await choose(network, PAINTER, ist(24, 10), network.second_buyer)
    lost = await init(network, selected)

    with pytest.raises(journey.Refused) as refused:
        await journey.confirm(network.buyer, lost)

    assert refused.value.answer.error_code == "31002"


# 28
async def test_a_slot_that_is_still_free_after_the_hold_had_lapsed_is_held_again(network: Network) -> None:
    selected = await choose(network, PAINTER, ist(24, 10))
    network.clock.tick(minutes=12)
    assert await still_offered(network, ist(24, 10))

    ready = await init(network, selected)

    assert not ready.error
    assert start_of(ready) == ist(24, 10)
    assert not await still_offered(network, ist(24, 10))
    network.clock.tick(minutes=9, seconds=59)
    assert not await still_offered(network, ist(24, 10))
    network.clock.tick(seconds=1)
    assert await still_offered(network, ist(24, 10))


# decision 12
async def test_an_init_holds_the_slot_for_ten_minutes_more(network: Network) -> None:
    selected = await choose(network, PAINTER, ist(24, 10))
    network.clock.tick(minutes=9)
    assert not (await init(network, selected)).error

    network.clock.tick(minutes=9, seconds=59)
    assert not await still_offered(network, ist(24, 10))
    network.clock.tick(seconds=1)
    assert await still_offered(network, ist(24, 10))


# 28, 17
async def test_a_slot_that_has_begun_is_lost_even_while_it_is_held(network: Network) -> None:
    network.clock.set(ist(23, 9, 55))
    selected = await choose(network, PAINTER, ist(23, 10))
    network.clock.tick(minutes=5)

    late = await init(network, selected)

    assert late.error_code == "90001"
    assert min(alternatives(late)) == ist(23, 11)


# 28
async def test_an_init_without_a_select_is_refused(network: Network) -> None:
    found, _ = await network.offers("tap repair")
    selected = await choose(network, "tap repair", ist(24, 10))
    message = init_message(selected.order, network.customer, network.place)

    assert await refusal(network, message, found.transaction_id) == "31002"
    assert await refusal(network, message, "T-NEVER-SEEN") == "31002"
    assert await refusal(network, message, selected.transaction_id, network.second_buyer) == "31002"
    assert not (await init(network, selected)).error


# 28, decision 1
async def test_an_init_of_something_else_than_was_selected_is_refused(network: Network) -> None:
    selected = await choose(network, "tap repair", ist(24, 10))
    message = init_message(selected.order, network.customer, network.place)
    item = message["order"]["items"][0]

    for path, value in (
        ("order.items[0].id", "GOMTI-FAN"),
        ("order.items[0].quantity.selected.count", 2),
        ("order.items", [item, {**item, "id": "GOMTI-FAN"}]),
        ("order.items", [item, item]),
        ("order.provider.id", "P-AMIN"),
    ):
        assert await refusal(network, edited(message, path, value), selected.transaction_id) == "31002", (path, value)
    assert await refusal(network, edited(message, "order.billing", DELETE), selected.transaction_id) == "30000"
    assert await refusal(network, edited(message, "order.items", []), selected.transaction_id) == "30000"
    assert not (await init(network, selected)).error


async def test_one_item_in_two_lines_is_its_sum(network: Network) -> None:
    found, offers = await network.offers("tap repair")
    message = select_message(offers[0], offers[0].starts[0], network.place)
    message["order"]["items"] += [{"id": "GOMTI-TAP", "quantity": {"selected": {"count": 2}}}]
    selected = (await journey.ask(network.buyer, "select", message, transaction_id=found.transaction_id)).callback
    assert selected.order["quote"]["price"]["value"] == "597.00"
    usual = init_message(selected.order, network.customer, network.place)

    one_line = {**usual["order"], "items": usual["order"]["items"][1:]}
    assert await refusal(network, {"order": one_line}, found.transaction_id) == "31002"
    ready = await init(network, selected)

    assert [item["quantity"]["selected"]["count"] for item in ready.order["items"]] == [1, 2]
    assert ready.order["payments"][0]["params"]["amount"] == "597.00"


async def test_a_lapsed_quote_is_renewed_where_the_price_is_the_same(network: Network) -> None:
    selected = await choose(network, "tap repair", ist(24, 10))
    network.clock.tick(minutes=31)

    ready = await init(network, selected)
    confirmed = (await journey.confirm(network.buyer, ready)).callback

    assert not ready.error
    assert ready.order["quote"] == selected.order["quote"]
    assert confirmed.order["status"] == "ACCEPTED"


async def test_a_lapsed_quote_is_refused_where_the_price_has_changed_and_a_select_brings_the_new_one(
    network: Network,
) -> None:
    selected = await choose(network, "tap repair", ist(24, 10))
    status, answer = await network.call("PATCH", "/offerings/GOMTI-TAP", {"price": "219.00"})
    assert status == 200, answer
    network.clock.tick(minutes=31)

    late = await init(network, selected)

    assert late.error_code == "40003"
    assert late.order["quote"]["price"]["value"] == "199.00"
    with pytest.raises(journey.Refused):
        await journey.confirm(network.buyer, late)
    again = await journey.select(network.buyer, selected, an_offer(selected), ist(24, 10), network.place)
    assert again.callback.order["quote"]["price"]["value"] == "219.00"
    assert not (await init(network, again.callback)).error


# decision 17
async def test_a_quote_in_force_stands_whatever_the_price_is_now(network: Network) -> None:
    selected = await choose(network, "tap repair", ist(24, 10))
    assert (await network.call("PATCH", "/offerings/GOMTI-TAP", {"price": "219.00"}))[0] == 200
    network.clock.tick(minutes=29)

    ready = await init(network, selected)

    assert not ready.error
    assert ready.order["quote"] == selected.order["quote"]


@pytest.mark.parametrize(
    ("path", "change", "code"),
    [
        ("/providers/P-GOMTI", {"status": "suspended"}, "30017"),
        ("/providers/P-GOMTI", {"agreement_until": "2026-11-22"}, "30021"),
        ("/offerings/GOMTI-TAP", {"active": False}, "30004"),
    ],
)
async def test_what_is_no_longer_sold_cannot_be_initialised(
    network: Network, path: str, change: Json, code: str
) -> None:
    selected = await choose(network, "tap repair", ist(24, 10))
    assert (await network.call("PATCH", path, change))[0] == 200

    message = init_message(selected.order, network.customer, network.place)

    assert await refusal(network, message, selected.transaction_id) == code


@pytest.mark.parametrize(("words", "code"), [("tap repair", "30010"), ("bathroom cleaning", "30009")])
async def test_an_init_for_a_place_that_is_not_served_is_answered_so_and_one_for_the_first_place_still_works(
    network: Network, words: str, code: str
) -> None:
    selected = await choose(network, words, ist(24, 10))
    elsewhere = edited(
        init_message(selected.order, network.customer, NAGRAM),
        f"{STOP}.location.gps",
        NAGRAM.gps,
    )

    refused = await init(network, selected, elsewhere)

    assert refused.error_code == code
    assert "state" not in refused.order["fulfillments"][0]
    assert end_stop(refused)["time"]["label"] == "rejected"
    assert not (await init(network, selected)).error


async def test_an_init_may_move_the_visit_within_what_is_served(network: Network) -> None:
    selected = await choose(network, "tap repair", ist(24, 10))
    message = edited(init_message(selected.order, network.customer, ALIGANJ), f"{STOP}.location.gps", ALIGANJ.gps)

    ready = await init(network, selected, message)

    assert not ready.error
    assert end_stop(ready)["location"]["gps"] == ALIGANJ.gps


async def test_an_init_for_a_district_with_another_price_needs_another_select(network: Network) -> None:
    barabanki = "26.930000,81.190000"
    selected = await choose(network, "tap repair", ist(24, 10))
    message = edited(init_message(selected.order, network.customer, network.place), f"{STOP}.location.gps", barabanki)

    moved = await init(network, selected, edited(message, f"{STOP}.location.area_code", "225001"))

    assert moved.error_code == "40003"
    assert moved.order["quote"] == selected.order["quote"]
    assert not (await init(network, selected)).error


async def test_an_init_for_another_district_at_the_same_price_holds_a_worker_who_serves_it(network: Network) -> None:
    """P-GOMTI's basins cost the same in Barabanki; two of three plumbers no longer go there."""
    for worker in ("W-GOMTI-1", "W-GOMTI-2"):
        assert (await network.call("PATCH", f"/workers/{worker}", {"districts": ["162"]}))[0] == 200
    found = (await journey.search(network.buyer, place=network.place)).callback
    offer = next(one for one in read_offers(found.message) if one.item_id == "GOMTI-BASIN")
    selected = (await journey.select(network.buyer, found, offer, ist(24, 10), network.place)).callback
    message = edited(
        init_message(selected.order, network.customer, network.place), f"{STOP}.location.gps", "26.930000,81.190000"
    )

    ready = await init(network, selected, edited(message, f"{STOP}.location.area_code", "225001"))
    confirmed = (await journey.confirm(network.buyer, ready)).callback

    assert not ready.error
    start = next(stop for stop in confirmed.order["fulfillments"][0]["stops"] if stop["type"] == "start")
    assert start["person"]["name"] == "Deepa Demo"


async def test_an_init_may_choose_another_way_of_paying_that_the_item_is_sold_with(network: Network) -> None:
    selected = await choose(network, "tap repair", ist(24, 10))
    message = init_message(selected.order, network.customer, network.place)

    ready = await init(network, selected, edited(message, "order.payments", [{"type": "ON-FULFILLMENT"}]))
    refused = await init(network, selected, edited(message, "order.payments", [{"type": "POST-FULFILLMENT"}]))
    unknown = await init(network, selected, edited(message, "order.payments", [{"type": "BARTER"}]))
    unsaid = await init(network, selected, edited(message, "order.payments", []))

    assert [one["type"] for one in ready.order["payments"]] == ["ON-FULFILLMENT"]
    assert (refused.error_code, unknown.error_code) == ("40004", "40004")
    assert [one["type"] for one in unsaid.order["payments"]] == ["ON-FULFILLMENT"]


async def test_an_init_sent_again_with_other_details_replaces_them_and_keeps_the_ids(network: Network) -> None:
    selected = await choose(network, "tap repair", ist(24, 10))
    message = init_message(selected.order, network.customer, network.place)
    first = await init(network, selected, message)

    second = await init(network, selected, edited(message, "order.billing.name", "Another Name"))

    assert second.order["billing"]["name"] == "Another Name"
    for key in ("fulfillments", "payments"):
        assert [one["id"] for one in first.order[key]] == [one["id"] for one in second.order[key]]
    confirmed = (await journey.confirm(network.buyer, second)).callback
    assert confirmed.order["billing"]["name"] == "Another Name"


async def test_after_a_rejected_select_an_init_tries_the_slot_once_more(network: Network) -> None:
    theirs = await choose(network, PAINTER, ist(24, 10), network.second_buyer)
    assert not theirs.error
    rejected = await choose(network, PAINTER, ist(24, 10))
    assert rejected.error_code == "90001"
    assert (await init(network, rejected)).error_code == "90001"

    network.clock.tick(minutes=10)

    assert not (await init(network, rejected)).error


async def test_after_a_refused_select_there_is_nothing_to_initialise(network: Network) -> None:
    found, offers = await network.offers("tap repair")
    message = select_message(offers[0], offers[0].starts[0], network.place, count=6)
    refused = (await journey.ask(network.buyer, "select", message, transaction_id=found.transaction_id)).callback
    assert refused.error_code == "40009"

    asked = init_message(refused.order, network.customer, network.place)

    assert await refusal(network, asked, found.transaction_id) == "31002"
