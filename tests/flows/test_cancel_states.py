"""What giving an order up costs, in every state and at every moment: the buyer its fee, the provider its penalty.

Numbers are those of the protocol reference, section 5. Reasons and repetitions are in test_cancel.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.offers import total_adds_up
from tests.support.agreed import agree, money_of, term
from tests.support.conversation import answer_to, check_conversation, events_of, is_offered, orders, slot_of, state_of
from tests.support.network import Network, end_stop, otp_of

PAINTER = "painting consultation"
WAY = ("depart", "arrive", "start")
STATES: Mapping[str, str] = {"": "0.00", "depart": "50.00", "arrive": "99.00", "start": "99.00"}
"""The last event, and the fee that P-GOMTI's terms ask for then."""


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def brought_to(network: Network, confirmed: Callback, last: str) -> Callback:
    """Everything up to an event of ``WAY`` (empty: nothing); the last callback."""
    told = confirmed
    for event in WAY[: WAY.index(last) + 1] if last else ():
        network.clock.tick(minutes=1)
        told = await network.pushed(confirmed, event, None, **({"otp": otp_of(told)} if event == "start" else {}))
    return told


async def cancelled(network: Network, confirmed: Callback, reason: str = "002") -> Callback:
    return (await journey.cancel(network.buyer, confirmed, reason)).callback


def kinds(callback: Callback) -> list[str]:
    return [line["tags"][0]["list"][0]["value"] for line in callback.order["quote"]["breakup"]]


def price(callback: Callback) -> str:
    value: str = callback.order["quote"]["price"]["value"]
    assert total_adds_up(callback.order["quote"])
    return value


async def cells_of(network: Network, ref: str) -> Mapping[str, Any]:
    return await network.context.storage.read(lambda work: work.slots.held_by(ref))


async def no_timer(network: Network) -> bool:
    return await network.context.storage.read(lambda work: work.timers.next_due()) is None


# The buyer, who paid before


@pytest.mark.parametrize("last", STATES, ids=lambda last: last or "confirm")
async def test_a_buyer_may_cancel_in_every_state_at_the_fee_of_that_state(network: Network, last: str) -> None:
    confirmed = await network.booked()  # 49, 50
    await brought_to(network, confirmed, last)
    fee = STATES[last]

    told = await cancelled(network, confirmed)

    assert (told.action, told.order["status"], state_of(told)) == ("on_cancel", "CANCELLED", "Cancelled")
    assert told.order["cancellation"] == {"cancelled_by": "CONSUMER", "reason": {"descriptor": {"code": "002"}}}
    assert price(told) == fee
    assert kinds(told) == ["item", "tax", "refund", "refund"] + (["misc"] if fee != "0.00" else [])
    assert told.order["quote"]["breakup"][:2] == confirmed.order["quote"]["breakup"]
    assert told.order["payments"] == confirmed.order["payments"]
    assert (told.order["payments"][0]["status"], told.order["payments"][0]["params"]["amount"]) == ("PAID", "199.00")
    ref = await network.ref(confirmed)
    back = f"{199 - int(float(fee))}.00"
    assert await money_of(network, ref) == {"fee": fee, "refund": back, "penalty": "0.00"}


@pytest.mark.parametrize("last", STATES, ids=lambda last: last or "confirm")
async def test_worker_slot_and_token_are_gone_with_the_order(network: Network, last: str) -> None:  # 49, 40
    confirmed = await network.booked(PAINTER, slot=4)
    await brought_to(network, confirmed, last)
    ref = await network.ref(confirmed)
    assert await cells_of(network, ref)

    told = await cancelled(network, confirmed)
    network.clock.tick(minutes=30)  # no token follows
    await network.settled()

    assert "authorization" not in end_stop(told)
    assert await cells_of(network, ref) == {}
    assert await no_timer(network)
    assert await is_offered(network, slot_of(confirmed), PAINTER)
    assert await events_of(network, ref) == ["assign", *WAY[: WAY.index(last) + 1 if last else 0], "cancel"]
    later = [one for one in network.buyer.callbacks if one.number > told.number and one.order]
    assert later == []


@pytest.mark.parametrize(("last", "fee"), [("", "0.00"), ("depart", "29.90"), ("start", "59.80")])
async def test_a_percentage_is_of_the_whole_price(network: Network, last: str, fee: str) -> None:  # 50
    confirmed = await network.booked("haircut", domain="ONDC:SRV12")  # 299.00, at 0, 10 and 20 per cent
    await brought_to(network, confirmed, last)

    assert price(await cancelled(network, confirmed)) == fee


async def test_a_fee_is_never_more_than_the_price(network: Network) -> None:  # 50
    await agree(network, "P-GOMTI", term("Pending", fee="500.00"))
    confirmed = await network.booked()

    told = await cancelled(network, confirmed)

    assert price(told) == "199.00"
    assert await money_of(network, await network.ref(confirmed)) == {
        "fee": "199.00",
        "refund": "0.00",
        "penalty": "0.00",
    }


async def test_a_state_of_which_the_terms_say_nothing_costs_nothing(network: Network) -> None:  # 50
    await agree(network, "P-GOMTI", term("Pending", fee="10.00"))
    confirmed = await network.booked()
    await brought_to(network, confirmed, "depart")

    assert price(await cancelled(network, confirmed)) == "0.00"


HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
BY_LEAD = (
    term("Pending", "PT0S", fee="60.00"),
    term("Pending", "PT4H", fee="0.00"),
    term("Pending", "PT1H", percentage="10"),
)


@pytest.mark.parametrize(
    ("lead", "fee"),
    [
        (5 * HOUR, "0.00"),
        (4 * HOUR, "0.00"),
        (4 * HOUR - SECOND, "19.90"),
        (HOUR, "19.90"),
        (HOUR - SECOND, "60.00"),
        (-HOUR, "60.00"),
    ],
)
async def test_of_several_terms_of_a_state_that_counts_whose_notice_was_kept(
    network: Network, lead: timedelta, fee: str
) -> None:  # 50
    await agree(network, "P-GOMTI", *BY_LEAD)
    confirmed = await network.booked(slot=7)
    network.clock.set(slot_of(confirmed) - lead)

    told = await cancelled(network, confirmed)

    assert price(told) == fee
    assert told.order["cancellation_terms"] == confirmed.order["cancellation_terms"]
    assert len(told.order["cancellation_terms"]) == 3


async def test_a_term_alone_in_its_state_counts_however_short_the_notice(network: Network) -> None:  # 50
    await agree(network, "P-GOMTI", term("Pending", "PT4H", fee="20.00"))
    confirmed = await network.booked(slot=3)
    network.clock.set(slot_of(confirmed) - timedelta(minutes=5))

    assert price(await cancelled(network, confirmed)) == "20.00"


async def test_a_reason_is_wanted_where_the_term_of_this_moment_wants_one(network: Network) -> None:  # 51
    await agree(network, "P-GOMTI", term("Pending"), term("In-Transit", fee="50.00", reason_required=False))
    confirmed = await network.booked()
    message = {"order_id": confirmed.order["id"]}
    said = await network.buyer.send("cancel", message, transaction_id=confirmed.transaction_id)
    early = await answer_to(said, network.buyer)
    await network.pushed(confirmed, "depart")
    said = await network.buyer.send("cancel", message, transaction_id=confirmed.transaction_id)
    late = await answer_to(said, network.buyer)

    assert (early.error_code, early.order["status"]) == ("30012", "ACCEPTED")
    assert (late.error_code, late.order["status"], price(late)) == ("", "CANCELLED", "50.00")
    assert late.order["cancellation"]["reason"]["descriptor"]["code"] == "012"


# The buyer, who has not paid


@pytest.mark.parametrize("last", STATES, ids=lambda last: last or "confirm")
async def test_what_was_not_paid_is_owed_only_as_far_as_the_fee(network: Network, last: str) -> None:  # 42, 50
    confirmed = await network.booked(payment_type="ON-FULFILLMENT")
    await brought_to(network, confirmed, last)

    told = await cancelled(network, confirmed)

    (payment,) = told.order["payments"]
    assert price(told) == STATES[last]
    assert (payment["status"], payment["params"]["amount"]) == ("NOT-PAID", STATES[last])
    assert payment["type"] == "ON-FULFILLMENT"
    assert "transaction_id" not in payment["params"]
    money = await money_of(network, await network.ref(confirmed))
    assert (money["fee"], money["refund"]) == (STATES[last], "0.00")


@pytest.mark.parametrize(
    ("fee", "left", "refund"), [("0.00", "0.00", "99.50"), ("50.00", "0.00", "49.50"), ("150.00", "50.50", "0.00")]
)
async def test_an_advance_covers_the_fee_as_far_as_it_goes(
    network: Network, fee: str, left: str, refund: str
) -> None:  # 50
    assert (await network.call("PATCH", "/offerings/GOMTI-TAP", {"advance": "50"}))[0] == 200
    await agree(network, "P-GOMTI", term("Pending", fee=fee))
    confirmed = await network.booked()

    told = await cancelled(network, confirmed)

    said = [(one["status"], one["params"]["amount"]) for one in told.order["payments"]]
    assert said == [("PAID", "99.50"), ("NOT-PAID", left)]
    assert price(told) == fee
    assert (await money_of(network, await network.ref(confirmed)))["refund"] == refund


# The provider


@pytest.mark.parametrize("last", STATES, ids=lambda last: last or "confirm")
async def test_a_provider_owes_what_the_buyer_would_and_the_buyer_gets_all_back(network: Network, last: str) -> None:
    confirmed = await network.booked()  # 53; E-Commerce Rules 2020, rule 4(8)
    await brought_to(network, confirmed, last)

    told = await network.pushed(confirmed, "cancel", reason="016")

    assert (told.action, price(told)) == ("on_cancel", "0.00")
    assert told.order["payments"] == confirmed.order["payments"]
    ref = await network.ref(confirmed)
    assert await money_of(network, ref) == {"fee": "0.00", "refund": "199.00", "penalty": STATES[last]}
    assert await cells_of(network, ref) == {}
    assert await no_timer(network)


@pytest.mark.parametrize(
    ("lead", "penalty"), [(4 * HOUR, "0.00"), (4 * HOUR - SECOND, "75.00"), (HOUR - SECOND, "49.75")]
)
async def test_a_penalty_of_its_own_counts_by_the_same_moment_and_nothing_is_owed_in_time(
    network: Network, lead: timedelta, penalty: str
) -> None:
    await agree(
        network,
        "P-GOMTI",
        term("Pending", "PT4H"),
        term("Pending", "PT1H", fee="20.00", penalty="75.00"),
        term("Pending", "PT0S", percentage="20", penalty_percentage="25"),
    )
    confirmed = await network.booked(slot=7)
    network.clock.set(slot_of(confirmed) - lead)

    await network.pushed(confirmed, "cancel", reason="002")

    assert (await money_of(network, await network.ref(confirmed)))["penalty"] == penalty


@pytest.mark.parametrize(
    ("given", "told", "note"),
    [
        ("016", "016", ""),
        ("024", "024", ""),
        ("001", "005", "001"),  # a buyer's code says nothing of a seller
        ("998", "005", "998"),  # the system's own
        ("कारीगर बीमार है", "005", "कारीगर बीमार है"),
    ],
)
async def test_a_providers_reason_is_a_code_of_the_table_or_words_that_stay_with_us(
    network: Network, given: str, told: str, note: str
) -> None:  # 53
    confirmed = await network.booked()

    callback = await network.pushed(confirmed, "cancel", reason=given)
    _, order = await network.call("GET", f"/orders/{await network.ref(confirmed)}")

    assert callback.order["cancellation"]["reason"]["descriptor"]["code"] == told
    assert (order["cancellation"]["reason"], order["cancellation"]["note"]) == (told, note)
    assert last_event(order)["detail"].get("note", "") == note


# The operator, for the buyer


WORDS = "she telephoned: " + "not today, " * 40 + "she said"


@pytest.mark.parametrize(("given", "told", "note"), [("003", "003", ""), (WORDS, "012", WORDS)], ids=["code", "words"])
async def test_cancelling_on_the_buyers_behalf_is_the_buyers_cancelling(
    network: Network, given: str, told: str, note: str
) -> None:  # 49, 50
    confirmed = await network.booked()
    await network.pushed(confirmed, "depart")

    callback = await network.pushed(confirmed, "cancel", reason=given, on_behalf_of="buyer")

    assert callback.order["cancellation"] == {"cancelled_by": "CONSUMER", "reason": {"descriptor": {"code": told}}}
    assert price(callback) == "50.00"
    _, order = await network.call("GET", f"/orders/{await network.ref(confirmed)}")
    assert order["cancellation"] == {
        "cancelled_by": "CONSUMER",
        "reason": told,
        "note": note,
        "fee": "50.00",
        "refund": "149.00",
        "penalty": "0.00",
    }
    assert last_event(order)["actor"] == "buyer"
    assert last_event(order)["detail"]["by"].startswith("supervisor:")


def last_event(order: Mapping[str, Any]) -> Mapping[str, Any]:
    """The last entry of a timeline that is no message."""
    events: list[Mapping[str, Any]] = [one for one in order["timeline"] if one["kind"] == "event"]
    return events[-1]


# A quotation that waits


EXTRA = {"lines": [{"title": "New mixer", "price": "1500.00"}]}


async def quoted(network: Network, confirmed: Callback, **more: Any) -> Callback:
    ref = await network.ref(confirmed)
    body = {"event": "requote", **EXTRA, **more}
    status, answer = await network.call("POST", f"/orders/{ref}/events", body)
    assert status == 200, answer
    return await network.buyer.next_callback(confirmed.transaction_id, "on_update")


@pytest.mark.parametrize("minutes", [0, 120], ids=["in this visit", "in another"])
@pytest.mark.parametrize("by", ["buyer", "seller"])
async def test_a_quotation_that_waits_is_withdrawn_with_the_order(network: Network, by: str, minutes: int) -> None:
    confirmed = await network.booked()  # 47, 50
    await brought_to(network, confirmed, "arrive")
    offered = await quoted(network, confirmed, minutes=minutes)
    assert (offered.order["status"], offered.order["quote"]["price"]["value"]) == ("PENDING", "1699.00")
    ref = await network.ref(confirmed)
    _, before = await network.call("GET", f"/orders/{ref}")

    if by == "buyer":
        told = await cancelled(network, confirmed)
    else:
        told = await network.pushed(confirmed, "cancel", reason="013")

    assert price(told) == ("99.00" if by == "buyer" else "0.00")  # of the order's own price, At-Location
    assert told.order["items"] == confirmed.order["items"]
    assert told.order["payments"] == confirmed.order["payments"]
    assert len(told.order["fulfillments"]) == 1
    _, after = await network.call("GET", f"/orders/{ref}")
    assert [one["state"] for one in before["quotations"]] == ["open"]
    assert [one["state"] for one in after["quotations"]] == ["withdrawn"]
    if minutes:
        assert await cells_of(network, before["quotations"][0]["visit"]["id"]) == {}
    assert await no_timer(network)
    for event in ("accept_quote", "reject_quote"):
        assert (await network.event(confirmed, event))[0] == 409


@pytest.mark.parametrize("by", ["buyer", "seller"])
async def test_what_an_earlier_visit_did_stays_paid_when_a_later_one_is_given_up(network: Network, by: str) -> None:
    confirmed, _ = await network.completed(PAINTER)  # 50, 53
    await quoted(network, confirmed, minutes=120)
    await network.pushed(confirmed, "accept_quote")
    ref = await network.ref(confirmed)

    if by == "buyer":
        told = await cancelled(network, confirmed)
    else:
        told = await network.pushed(confirmed, "cancel", reason="016")

    states = [one["state"]["descriptor"]["code"] for one in told.order["fulfillments"]]
    assert (told.order["status"], states) == ("CANCELLED", ["Completed", "Cancelled"])
    assert price(told) == "99.00"
    assert kinds(told) == ["item", "tax", "item", "tax", "refund", "refund"]
    assert [(one["status"], one["params"]["amount"]) for one in told.order["payments"]] == [
        ("PAID", "99.00"),
        ("NOT-PAID", "0.00"),
    ]
    visits = (await network.call("GET", f"/orders/{ref}"))[1]["fulfillments"]
    assert await cells_of(network, ref)  # the time that was worked stays worked
    assert await cells_of(network, visits[1]["id"]) == {}


# Odd, and once only


async def test_a_cancel_with_force_is_a_cancel(network: Network) -> None:  # network reference, 4.1
    confirmed = await network.booked()
    force = {"descriptor": {"code": "force"}, "list": [{"descriptor": {"code": "force"}, "value": "yes"}]}
    message = {
        "order_id": confirmed.order["id"],
        "cancellation_reason_id": "052",
        "descriptor": {"short_desc": "late", "tags": [force]},
    }

    told = await answer_to(
        await network.buyer.send("cancel", message, transaction_id=confirmed.transaction_id), network.buyer
    )

    assert (told.order["status"], price(told)) == ("CANCELLED", "0.00")
    assert told.order["cancellation"]["reason"]["descriptor"]["code"] == "052"


@pytest.mark.parametrize("reason", ["022", "998", "7" * 255])
async def test_a_reason_may_be_anything_that_fits_an_id(network: Network, reason: str) -> None:  # 51
    confirmed = await network.booked()

    assert (await cancelled(network, confirmed, reason)).order["cancellation"]["reason"]["descriptor"]["code"] == reason


async def test_a_reason_longer_than_an_id_is_refused_and_cancels_nothing(network: Network) -> None:  # 51
    confirmed = await network.booked()

    answer = await network.buyer.send(
        "cancel",
        {"order_id": confirmed.order["id"], "descriptor": {"code": "7" * 256}},
        transaction_id=confirmed.transaction_id,
    )

    assert (answer.status, answer.error_code) == (200, "30000")
    assert [one.order_status for one in await orders(network)] == ["ACCEPTED"]


@pytest.mark.parametrize("last", ["depart", "start"])
async def test_the_fee_is_kept_once(network: Network, last: str) -> None:  # 52
    confirmed = await network.booked()
    await brought_to(network, confirmed, last)
    first = await cancelled(network, confirmed)

    second = await cancelled(network, confirmed, "012")
    by_seller = await network.event(confirmed, "cancel", reason="011")

    assert second.error_code == "50008"
    assert second.order == first.order
    assert by_seller[0] == 409
