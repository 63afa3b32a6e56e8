"""Bookings by telephone: the five minutes of a call, and whatever a caller or an operator gets wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bpp.actions.timers import timer_due
from bpp.operator.app import ROUTES
from bpp.storage.ports import OrderFilter
from bpp.storage.ports_demand import DemandFilter
from catalog.money import Money
from tests.bpp.operator.conftest import ENGINEER, OPERATOR
from tests.support.callers import CALLER, booked, done, found, happens, otp, quote


async def test_a_caller_finds_a_service_by_spoken_words_with_fee_rating_and_free_starts(desk):
    answer = await found(desk.call)

    assert answer["nothing"] is None
    assert answer["place"]["district_name"] == {"en": "Lucknow", "hi": "लखनऊ"}
    assert "SM-PLB-TAP" in {one["id"] for one in answer["understood"]}
    first = answer["items"][0]
    service = next(one for one in first["services"] if one["item_id"] == "GOMTI-TAP")
    assert (first["provider_id"], first["rating"], first["km"]) == ("P-GOMTI", None, None)
    assert service["price"] == "199.00"
    assert len(service["starts"]) == 5
    assert service["starts"] == sorted(service["starts"])


async def test_a_pincode_alone_finds_every_provider_of_the_district_who_chose_it(desk):
    far = await found(desk.call, "fan repair", "226104")  # no provider has its place there
    near = await found(desk.call, "fan repair", "226010")

    assert {one["provider_id"] for one in far["items"]} == {one["provider_id"] for one in near["items"]} == {"P-GOMTI"}


async def test_coordinates_are_judged_by_distance(desk):
    answer = await found(desk.call, "wall painting", "226010", gps="26.700000,80.700000")

    assert answer["items"] == []
    assert answer["nothing"]["reason"] == "out_of_reach"


NOWHERE = [
    ("xyzzy qwrtp", "226010", "not_understood"),
    ("nal theek karna", "110001", "outside"),
    ("packers and movers", "208001", "no_provider"),
    ("nal theek karna", "221001", "no_provider"),
]


async def test_where_nobody_can_come_it_is_said_why(desk):
    for words, pincode, reason in NOWHERE:
        answer = await found(desk.call, words, pincode)

        assert answer["items"] == []
        assert answer["nothing"]["reason"] == reason
        assert answer["nothing"]["words"]["hi"]


async def test_a_day_on_which_nobody_is_free_is_told_from_a_service_that_nobody_offers(desk):
    answer = await found(desk.call, day="2027-06-01")

    assert answer["nothing"]["reason"] == "no_free_slot"


async def test_a_call_of_five_fields_makes_an_order_with_a_number_that_can_be_said(desk):
    order = await booked(desk.call)

    assert order["channel"] == "call_centre"
    assert (order["bap_id"], order["transaction_id"]) == (None, None)
    assert len(order["order_id"].replace("-", "")) == 9
    assert (order["state"], order["order_status"], order["total"]) == ("ASSIGNED", "ACCEPTED", "199.00")
    (payment,) = order["payments"]
    assert (payment["type"], payment["collected_by"], payment["status"]) == ("ON-FULFILLMENT", "BPP", "NOT-PAID")
    assert order["order_id"] in order["confirmation"]["en"]
    assert order["order_id"] in order["confirmation"]["hi"]
    assert "₹199.00 दरवाज़े पर" in order["confirmation"]["hi"]
    assert await desk.callbacks() == []
    assert desk.released == []


async def test_the_price_can_be_asked_without_a_start_and_nothing_is_held(desk):
    body = {"provider_id": "P-GOMTI", "items": [{"item_id": "GOMTI-TAP", "count": 2}], "pincode": "226010"}
    status, answer = await desk.call("POST", "/quotes", body)

    assert status == 200
    assert (answer["total"], answer["held"], answer["ref"]) == ("398.00", False, None)
    assert answer["against"]["code"] == "slot_unavailable"
    assert len(answer["alternatives"]) > 10
    assert await desk.storage.read(lambda work: work.slots.held_by("")) == {}


async def test_a_quote_holds_the_slot_and_says_so_in_both_languages(desk):
    _, priced = await quote(desk.call)

    assert priced["held"] is True
    assert priced["held_until"] == "2026-11-23T03:40:00.000Z"
    assert "Tap & Mixer Repair by Gomti Demo Services:" in priced["words"]["en"]
    assert "नल और मिक्सर की मरम्मत, गोमती डेमो सर्विसेज की ओर से:" in priced["words"]["hi"]
    assert "सुबह 9:10 बजे तक" in priced["words"]["hi"]
    held = await desk.storage.read(lambda work: work.slots.held_by(priced["ref"]))
    assert len(held) == 1


async def test_another_time_for_the_same_caller_lets_the_first_go(desk):
    _, first = await quote(desk.call)
    _, second = await quote(desk.call, slot=5, replaces=first["ref"])

    assert second["ref"] == first["ref"]
    held = await desk.storage.read(lambda work: work.slots.held_by(second["ref"]))
    (cells,) = held.values()
    assert second["start"] == f"{min(cells):%Y-%m-%dT%H:%M}:00.000Z"


async def test_a_quote_that_replaces_a_booked_one_leaves_the_order_its_slot(desk):
    order = await booked(desk.call)
    before = await desk.storage.read(lambda work: work.slots.held_by(order["ref"]))

    status, second = await quote(desk.call, slot=5, replaces=order["ref"])

    assert status == 200
    assert second["ref"] != order["ref"]
    assert await desk.storage.read(lambda work: work.slots.held_by(order["ref"])) == before


async def test_a_quote_makes_one_order_however_often_it_is_booked(desk):
    order = await booked(desk.call)
    before = await desk.storage.read(lambda work: work.slots.held_by(order["ref"]))

    status, answer = await desk.call("POST", "/bookings", {"quote": order["ref"], **CALLER})

    assert (status, answer["error"]["code"], answer["error"]["allowed"]) == (409, "already_booked", [order["order_id"]])
    assert await desk.storage.read(lambda work: work.slots.held_by(order["ref"])) == before
    assert len(await desk.storage.read(lambda work: work.orders.find(OrderFilter()))) == 1


async def test_a_booking_is_read_out_with_the_hindi_names_as_long_as_the_catalog_has_what_was_booked(desk):
    order = await booked(desk.call)
    assert "नल और मिक्सर की मरम्मत, गोमती डेमो सर्विसेज की ओर से" in order["confirmation"]["hi"]
    assert order["items"][0]["name"] == "Tap & Mixer Repair"

    await desk.call("PATCH", "/offerings/GOMTI-TAP", {"name": "Taps of another kind", "name_hi": "दूसरे नल"})
    _, later = await desk.call("GET", f"/bookings/{order['ref']}")

    assert "Tap & Mixer Repair, गोमती डेमो सर्विसेज की ओर से" in later["confirmation"]["hi"]


async def test_the_same_key_gets_the_same_order(desk):
    _, priced = await quote(desk.call)
    body = {"quote": priced["ref"], **CALLER}

    first = await desk.call("POST", "/bookings", body, key="K1")
    second = await desk.call("POST", "/bookings", body, key="K1")

    assert first == second
    assert first[0] == 201


async def test_a_session_holds_no_more_than_its_cap_and_another_session_is_not_bound_by_it(desk):
    for number in range(5):
        _, priced = await quote(desk.call, slot=number * 8, session="seat 1")
        assert priced["held"] is True
    _, sixth = await quote(desk.call, slot=3, session="seat 1")
    _, other = await quote(desk.call, slot=3, session="seat 2")

    assert (sixth["held"], sixth["against"]["code"]) == (False, "too_many_held")
    assert other["held"] is True


async def test_a_lapsed_hold_is_taken_up_again_where_the_slot_is_free(desk):
    _, priced = await quote(desk.call)
    desk.clock.tick(minutes=12)

    status, order = await desk.call("POST", "/bookings", {"quote": priced["ref"], **CALLER})

    assert status == 201
    assert order["slot_start"] == priced["start"]


async def test_a_slot_that_another_took_is_refused_with_others_to_choose_from(desk):
    _, priced = await quote(desk.call, item="INDIRA-PAINT")
    desk.clock.tick(minutes=12)
    await booked(desk.call, item="INDIRA-PAINT", start=priced["start"], payment="PRE-FULFILLMENT")

    status, answer = await desk.call("POST", "/bookings", {"quote": priced["ref"], **CALLER})

    assert (status, answer["error"]["code"], answer["error"]["path"]) == (409, "slot_unavailable", "quote")
    assert answer["error"]["allowed"]
    assert priced["start"] not in answer["error"]["allowed"]


async def test_what_is_paid_in_advance_is_paid_by_our_page(desk):
    order = await booked(desk.call, payment="PRE-FULFILLMENT")

    (payment,) = order["payments"]
    assert (payment["type"], payment["collected_by"]) == ("PRE-FULFILLMENT", "BPP")
    assert [one["kind"] for one in order["papers"]] == ["payment_page"]
    assert "by our link" in order["confirmation"]["en"]
    paid = await happens(desk.call, order, "pay", payment_id=payment["id"], transaction_id="UPI-77")
    assert paid["payments"][0]["status"] == "PAID"


async def test_every_channel_books_by_the_same_calls_and_keeps_its_name(desk):
    channels = ["portal", "app", "call_centre", "csc"]
    for number, channel in enumerate(channels):
        order = await booked(desk.call, channel=channel, slot=number * 8)
        assert order["channel"] == channel
    _, listed = await desk.call("GET", "/orders")
    assert sorted(one["channel"] for one in listed["items"]) == sorted(channels)


async def test_a_department_buys_under_its_tax_number_and_purchase_order(desk):
    department = {"name": "PWD Lucknow", "gstin": "09AAAAA0000A1Z5", "purchase_order": "PO/2026/17"}

    order = await booked(desk.call, caller={**CALLER, "department": department}, channel="department")

    assert order["channel"] == "department"
    assert {key: order["billing"][key] for key in ("name", "ordered_by", "buyer_type", "tax_id", "purchase_order")} == {
        "name": "PWD Lucknow",
        "ordered_by": "Rukmini Caller",
        "buyer_type": "department",
        "tax_id": "09AAAAA0000A1Z5",
        "purchase_order": "PO/2026/17",
    }


async def test_the_gender_asked_for_is_kept(desk):
    _, priced = await quote(desk.call, gender="female")
    _, order = await desk.call("POST", "/bookings", {"quote": priced["ref"], **CALLER})

    stored = await desk.storage.read(lambda work: work.orders.get(order["ref"]))
    assert stored.visit.gender == "female"
    assert stored.visit.assignee.worker_id in {"W-GOMTI-1", "W-GOMTI-4"}


WRITTEN = ["9811122333", "%2B919811122333", "+91 98111 22333", "0 98111-22333", "00919811122333", "९८१११२२३३३"]


async def test_a_caller_is_found_by_telephone_however_it_is_written(desk):
    order = await booked(desk.call)
    await booked(desk.call, caller={**CALLER, "phone": "9800000001"})

    for written in WRITTEN:
        _, answer = await desk.call("GET", f"/bookings?phone={written}")

        assert [one["ref"] for one in answer["items"]] == [order["ref"]], written


async def test_an_order_of_a_buyer_app_is_found_by_telephone_and_transaction_and_told_in_words(desk):
    order = await desk.booked(phone="+91-98222 33444")
    for query in ("phone=9822233444", "transaction_id=T1", "order_id=O1"):
        _, answer = await desk.call("GET", f"/bookings?{query}")

        (row,) = answer["items"]
        assert (row["ref"], row["channel"]) == (order.ref, "ondc")


async def test_an_order_is_found_by_its_number_however_it_is_said(desk):
    order = await booked(desk.call)
    digits = order["order_id"].replace("-", "")
    for said in (order["order_id"], digits, " ".join(digits)):
        _, answer = await desk.call("GET", f"/bookings?order_id={said}")
        assert [one["ref"] for one in answer["items"]] == [order["ref"]]
    swapped = digits[1] + digits[0] + digits[2:]
    if swapped != digits:
        _, answer = await desk.call("GET", f"/bookings?order_id={swapped}")
        assert answer["items"] == []


async def test_the_state_is_told_in_both_languages_on_the_way_through_a_visit(desk):
    order = await booked(desk.call)
    told = []
    for step in ("", "depart", "arrive"):
        if step:
            await happens(desk.call, order, step)
        _, now = await desk.call("GET", f"/bookings/{order['ref']}")
        told.append(now["told"]["state"]["hi"])
    await happens(desk.call, order, "start", otp=await otp(desk.call, order))
    await happens(desk.call, order, "complete")
    _, now = await desk.call("GET", f"/bookings/{order['ref']}")

    assert told[0].startswith("प्लंबर 23 नवंबर, सुबह")
    assert told[1] == "प्लंबर रास्ते में हैं।"
    assert "OTP" in told[2]
    assert now["told"]["state"] == {"en": "The work is done.", "hi": "काम पूरा हो गया है।"}
    assert now["payments"][0]["status"] == "PAID"
    assert await desk.callbacks() == []


async def test_names_and_telephones_are_masked_in_lists_and_shown_in_full_to_who_answers_the_caller(desk):
    order = await booked(desk.call)

    _, listed = await desk.call("GET", "/bookings?phone=9811122333", as_=OPERATOR)
    _, full = await desk.call("GET", f"/bookings/{order['ref']}", as_=OPERATOR)
    _, engineers = await desk.call("GET", f"/bookings/{order['ref']}", as_=ENGINEER)

    assert (listed["items"][0]["name"], listed["items"][0]["phone"]) == ("R***", "******2333")
    assert full["billing"]["name"] == "Rukmini Caller"
    assert "Rukmini" not in str(engineers)


async def test_a_search_that_nobody_could_serve_is_counted_without_whose_it_was(desk):
    for words, pincode in (("nal theek karna", "221001"), ("xyzzy qwrtp", "226010"), ("nal theek karna", "226010")):
        await found(desk.call, words, pincode, channel="csc")

    today = desk.clock().date()
    counted = await desk.storage.read(
        lambda work: work.demand.report(
            DemandFilter(first=today, last=today), ("channel", "area_code", "service_id", "reason"), 10
        )
    )
    assert sorted(counted) == [
        (("csc", "221001", "SM-PLB", "no_provider"), 1),
        (("csc", "226010", "", "no_service"), 1),
    ]


async def test_the_otp_is_told_to_the_operator_and_that_is_noted_without_its_digits(desk):
    order = await booked(desk.call)
    await happens(desk.call, order, "depart", "arrive")

    status, answer = await desk.call("POST", f"/orders/{order['ref']}/otp", as_=OPERATOR)

    assert status == 200
    assert answer["otp"] in answer["words"]["hi"]
    _, now = await desk.call("GET", f"/orders/{order['ref']}")
    note = now["timeline"][-1]
    assert (note["name"], note["actor"], note["detail"]["by"].split(":")[0]) == ("otp_told", "seller", "operator")
    assert answer["otp"] not in str(note)
    assert (await happens(desk.call, order, "start", otp=answer["otp"]))["state"] == "STARTED"


async def test_the_digits_of_an_otp_are_kept_under_no_key(desk):
    order = await booked(desk.call)
    await happens(desk.call, order, "depart", "arrive")
    path = f"/orders/{order['ref']}/otp"
    _, first = await desk.call("POST", path, key="K1")
    desk.clock.tick(minutes=6)

    _, second = await desk.call("POST", path, key="K1")
    elsewhere, answer = await desk.call("POST", "/orders/another/otp", key="K1")

    assert (elsewhere, answer["error"]["code"]) == (422, "idempotency_key_reused")
    assert second["otp"] != first["otp"], "what has run out is not told again"
    assert (await happens(desk.call, order, "start", otp=second["otp"]))["state"] == "STARTED"


async def test_an_otp_that_has_run_out_is_followed_by_another(desk):
    order = await booked(desk.call)
    await happens(desk.call, order, "depart", "arrive")
    desk.clock.tick(minutes=6)

    token = await otp(desk.call, order)

    assert (await happens(desk.call, order, "start", otp=token))["state"] == "STARTED"


async def test_no_otp_is_told_before_the_arrival_nor_when_the_tries_are_used_up_nor_of_a_buyer_app(desk):
    order = await booked(desk.call)
    status, answer = await desk.call("POST", f"/orders/{order['ref']}/otp")
    assert (status, answer["error"]["code"]) == (409, "update_not_possible")

    await happens(desk.call, order, "depart", "arrive")
    for _ in range(2):
        await desk.call("POST", f"/orders/{order['ref']}/events", {"event": "start", "otp": "wrong"})
    status, answer = await desk.call("POST", f"/orders/{order['ref']}/otp")
    assert (status, answer["error"]["code"]) == (409, "override_needed")

    theirs = await desk.started()
    status, answer = await desk.call("POST", f"/orders/{theirs.ref}/otp")
    assert (status, answer["error"]["code"]) == (409, "shown_by_buyer_app")


async def test_the_charge_of_cancelling_is_said_first_and_then_taken(desk):
    order = await booked(desk.call, slot=30)
    await happens(desk.call, order, "depart")
    _, said = await desk.call("GET", f"/orders/{order['ref']}/cancellation?by=consumer")
    _, sellers = await desk.call("GET", f"/orders/{order['ref']}/cancellation?by=seller")

    assert (said["fee"], said["refund"], said["term"], said["reason_required"]) == ("50.00", "0.00", "In-Transit", True)
    assert "₹50.00" in said["words"]["hi"]
    assert (sellers["fee"], sellers["penalty"]) == ("0.00", "50.00")
    gone = await happens(desk.call, order, "cancel", by="consumer", reason="012", expect_fee=said["fee"])
    assert (gone["state"], gone["cancellation"]["fee"], gone["total"]) == ("CANCELLED", "50.00", "50.00")
    assert gone["cancellation"]["cancelled_by"] == "CONSUMER"
    assert await desk.callbacks() == []


async def test_a_charge_that_changed_since_it_was_said_stops_the_cancelling(desk):
    order = await booked(desk.call, slot=30)
    _, said = await desk.call("GET", f"/orders/{order['ref']}/cancellation?by=consumer")
    assert said["fee"] == "0.00"
    await happens(desk.call, order, "depart")

    body = {"event": "cancel", "by": "consumer", "reason": "012", "expect_fee": said["fee"]}
    status, answer = await desk.call("POST", f"/orders/{order['ref']}/events", body)

    assert (status, answer["error"]["code"], answer["error"]["allowed"]) == (409, "charge_changed", ["50.00"])
    _, now = await desk.call("GET", f"/orders/{order['ref']}")
    assert (now["state"], now["cancellation"]) == ("EN_ROUTE", None)


async def test_a_visit_is_moved_to_a_free_start_whose_charge_was_said(desk):
    order = await booked(desk.call, slot=30)
    _, said = await desk.call("GET", f"/orders/{order['ref']}/slots?by=consumer&limit=60")

    assert said["fee"] == "0.00"
    assert order["slot_start"] not in said["starts"]
    start = said["starts"][-1]
    moved = await happens(desk.call, order, "reschedule", by="consumer", start=start, expect_fee=said["fee"])
    assert moved["slot_start"] == start


async def test_a_charge_is_held_to_what_was_said_for_another_visit_than_the_one_under_way(desk):
    async def charge(fee):
        async def unit(work):
            (provider,) = (one for one in (await work.directory.load()).providers if one.id == "P-GOMTI")
            terms = tuple(replace(one, fee=Money.parse(fee)) for one in provider.terms.reschedule)
            await work.directory.put_provider(replace(provider, terms=replace(provider.terms, reschedule=terms)))

        await desk.storage.run(unit)

    await charge("40.00")
    order = await booked(desk.call)
    await happens(desk.call, order, "depart", "arrive")
    await happens(desk.call, order, "start", otp=await otp(desk.call, order))
    lines = [{"title": "New pipes", "price": "900.00"}]
    await happens(desk.call, order, "requote", lines=lines, minutes=60, start="2026-11-26T10:00:00+05:30")
    taken = await happens(desk.call, order, "accept_quote")
    later = taken["fulfillments"][1]
    visit = {"fulfillment_id": later["id"]}
    _, said = await desk.call("GET", f"/orders/{order['ref']}/slots?by=consumer&fulfillment_id={later['id']}")
    assert (taken["state"], said["fee"]) == ("STARTED", "40.00")

    body = {"event": "reschedule", "by": "consumer", "start": said["starts"][-1], **visit}
    status, answer = await desk.call("POST", f"/orders/{order['ref']}/events", {**body, "expect_fee": "0.00"})

    assert (status, answer["error"]["code"], answer["error"]["allowed"]) == (409, "charge_changed", ["40.00"])
    moved = await desk.call("POST", f"/orders/{order['ref']}/events", {**body, "expect_fee": said["fee"]})
    assert moved[1]["fulfillments"][1]["slot"]["start"] == said["starts"][-1]


async def test_a_visit_too_near_is_not_moved_for_the_consumer_but_for_the_seller(desk):
    order = await booked(desk.call)

    status, answer = await desk.call("GET", f"/orders/{order['ref']}/slots?by=consumer")
    assert (status, answer["error"]["code"]) == (409, "update_not_possible")
    status, answer = await desk.call("GET", f"/orders/{order['ref']}/slots?by=seller")
    assert (status, answer["valid_until"]) == (200, None)


async def test_a_further_quotation_is_taken_on_the_callers_word_and_paid_to_us(desk):
    order = await booked(desk.call)
    await happens(desk.call, order, "depart", "arrive")
    await happens(desk.call, order, "start", otp=await otp(desk.call, order))
    lines = [{"title": "New mixer", "price": "900.00"}]
    parts = [{"type": "PRE-FULFILLMENT", "amount": "500.00"}, {"type": "ON-FULFILLMENT", "amount": "400.00"}]
    quoted = await happens(desk.call, order, "requote", lines=lines, payments=parts)
    assert {one["collected_by"] for one in quoted["quotations"][0]["payments"]} == {"BPP"}
    _, now = await desk.call("GET", f"/bookings/{order['ref']}")
    assert "₹900.00" in now["told"]["state"]["hi"]

    taken = await happens(desk.call, order, "accept_quote")

    assert taken["total"] == "1099.00"
    assert (await happens(desk.call, order, "complete"))["order_status"] == "COMPLETED"
    assert await desk.callbacks() == []


async def test_a_visit_is_rated_by_telephone_and_counts(desk):
    order = await booked(desk.call)
    rating, said = f"/orders/{order['ref']}/rating", {"rater": "phone", "provider": 5}
    status, answer = await desk.call("POST", rating, said)
    assert (status, answer["error"]["code"]) == (409, "invalid_rating")
    await done(desk.call, order)

    status, _ = await desk.call("POST", rating, {**said, "workers": {order["worker_id"]: 4}})

    assert status == 200
    assert (await found(desk.call))["items"][0]["rating"] == "4.2"
    ratings = await desk.storage.read(lambda work: work.directory.ratings())
    assert ratings.workers[order["worker_id"]].sum == 4


async def test_a_provider_that_accepts_by_hand_has_a_quarter_of_an_hour_and_nobody_is_called_back(desk):
    await accepts_by_hand(desk)
    taken, missed = await booked(desk.call), await booked(desk.call, slot=8)
    assert taken["told"]["state"]["en"] == "The provider has still to accept the order."
    assert taken["confirmation"]["en"].endswith("The provider has still to accept the order.")
    assert (await happens(desk.call, taken, "accept"))["order_status"] == "ACCEPTED"

    assert await due_timers(desk, minutes=14) == []
    (timer,) = await due_timers(desk, minutes=2)
    assert timer.subject == missed["ref"]
    await desk.storage.run(lambda work: run_timer(desk, timer, work))

    _, now = await desk.call("GET", f"/bookings/{missed['ref']}")
    assert (now["state"], now["cancellation"]["reason"], now["cancellation"]["fee"]) == ("CANCELLED", "021", "0.00")
    assert now["told"]["state"]["en"] == "The order was cancelled by the provider."
    assert await desk.storage.read(lambda work: work.slots.held_by(missed["ref"])) == {}
    assert await desk.callbacks() == []


async def accepts_by_hand(desk) -> None:
    async def unit(work):
        (provider,) = (one for one in (await work.directory.load()).providers if one.id == "P-GOMTI")
        await work.directory.put_provider(replace(provider, acceptance="manual"))

    await desk.storage.run(unit)


async def due_timers(desk, **later):
    now = desk.clock.tick(**later)
    return await desk.storage.run(lambda work: work.timers.claim(now, timedelta(seconds=1), 10))


async def run_timer(desk, timer, work):
    return await timer_due(timer, work, await desk.context.worlds.current(work))


async def held_cells(desk) -> int:
    """How many cells anybody holds or has booked."""
    team = [one.id for one in (await desk.storage.read(lambda work: work.directory.load())).workers]
    span = (desk.clock(), desk.clock() + timedelta(days=10))
    taken = await desk.storage.read(lambda work: work.slots.taken(team, *span, desk.clock(), ""))
    return sum(len(cells) for cells in taken.values())


QUOTE: dict[str, Any] = {
    "provider_id": "P-GOMTI",
    "items": [{"item_id": "GOMTI-TAP"}],
    "pincode": "226010",
    "start": "2026-11-23T10:00:00+05:30",
}


BAD_QUOTES: list[tuple[dict[str, Any], int, str]] = [
    ({"provider_id": "P-NONE"}, 422, "provider_id"),
    ({"provider_id": None}, 422, "provider_id"),
    ({"items": []}, 422, "items"),
    ({"items": [{"item_id": "NONE"}]}, 422, "items[0].item_id"),
    ({"items": [{"item_id": "GOMTI-TAP"}, {"item_id": "AMIN-BATH"}]}, 422, "items[1].item_id"),
    ({"items": [{"item_id": "GOMTI-TAP", "count": 0}]}, 422, "items[0].count"),
    ({"pincode": "22601"}, 422, "pincode"),
    ({"pincode": None}, 422, "pincode"),
    ({"gps": "north"}, 422, "gps"),
    ({"start": "tomorrow"}, 422, "start"),
    ({"start": "2026-11-23T10:00:00"}, 422, "start"),
    ({"start": "2226-11-23T10:00:00Z"}, 409, ""),
    ({"channel": "ondc"}, 422, "channel"),
    ({"payment_type": "LATER"}, 422, "payment_type"),
    ({"gender": "any"}, 422, "gender"),
    ({"replaces": "none"}, 422, "replaces"),
    ({"colour": "red"}, 422, "colour"),
]


async def test_a_quote_that_makes_no_sense_is_refused_by_its_field_and_holds_nothing(desk):
    for changes, status, path in BAD_QUOTES:
        given = {key: value for key, value in {**QUOTE, **changes}.items() if value is not None}
        got, answer = await desk.call("POST", "/quotes", given)

        assert (got, answer["error"]["path"]) == (status, path), changes
    assert await held_cells(desk) == 0


AGAINST: list[tuple[dict[str, Any], str]] = [
    ({"start": "2026-11-23T02:00:00+05:30"}, "slot_unavailable"),
    ({"items": [{"item_id": "GOMTI-TAP", "count": 6}]}, "quantity_exceeded"),
    ({"items": [{"item_id": "GOMTI-TANK"}], "payment_type": "ON-FULFILLMENT"}, "payment_type_unsupported"),
    ({"offers": ["NONE"]}, "offer_invalid"),
    ({"pincode": "208001"}, "not_serviceable"),
    ({"gps": "26.300000,80.300000"}, "too_far"),
]


async def test_what_stands_against_a_booking_is_told_beside_its_price(desk):
    for changes, code in AGAINST:
        status, answer = await desk.call("POST", "/quotes", {**QUOTE, **changes})

        assert (status, answer["against"]["code"], answer["held"]) == (200, code, False)
        assert answer["total"] != "0.00"
    assert await held_cells(desk) == 0


BAD_BOOKINGS: list[tuple[dict[str, Any], int, str]] = [
    ({"quote": "none"}, 404, ""),
    ({"quote": None}, 422, "quote"),
    ({"name": "  "}, 422, "name"),
    ({"name": None}, 422, "name"),
    ({"phone": "12345"}, 422, "phone"),
    ({"phone": "98111 2233x"}, 422, "phone"),
    ({"address": ""}, 422, "address"),
    ({"payment_type": "LATER"}, 422, "payment_type"),
    ({"payment_type": "POST-FULFILLMENT"}, 409, "quote"),
    ({"email": "at home"}, 422, "email"),
    ({"pincode": "000000"}, 422, "pincode"),
    ({"pincode": "208001"}, 409, "quote"),
    ({"gps": "91,181"}, 422, "gps"),
    ({"total": "198.00"}, 422, "total"),
    ({"total": "cheap"}, 422, "total"),
    ({"channel": "ondc"}, 422, "channel"),
    ({"channel": "department"}, 422, "department"),
    ({"department": {"name": "PWD", "gstin": "09", "purchase_order": "1"}}, 422, "department.gstin"),
]


async def test_a_booking_that_makes_no_sense_is_refused_by_its_field_and_the_quote_stays_good(desk):
    _, priced = await quote(desk.call)
    body = {"quote": priced["ref"], **CALLER}
    for changes, status, path in BAD_BOOKINGS:
        given = {key: value for key, value in {**body, **changes}.items() if value is not None}

        got, answer = await desk.call("POST", "/bookings", given)

        assert (got, answer["error"]["path"]) == (status, path), changes
    assert (await desk.call("POST", "/bookings", body))[0] == 201


BAD_QUESTIONS = [
    ("/find?pincode=226010", 422, "q"),
    ("/find?q=tap", 422, "pincode"),
    ("/find?q=tap&pincode=22", 422, "pincode"),
    ("/find?q=tap&gps=x", 422, "gps"),
    ("/find?q=tap&pincode=226010&day=soon", 422, "day"),
    ("/find?q=tap&pincode=226010&starts=0", 422, "starts"),
    ("/bookings", 422, "phone"),
    ("/bookings?phone=abc", 422, "phone"),
    ("/bookings?colour=red", 422, "colour"),
    ("/bookings/none", 404, ""),
    ("/orders/none/cancellation", 404, ""),
    ("/orders/none/slots", 404, ""),
    ("/orders/none/cancellation?by=somebody", 422, "by"),
    ("/orders/none/slots?limit=0", 422, "limit"),
]


async def test_a_question_that_makes_no_sense_is_refused_by_its_field(desk):
    for path, status, field in BAD_QUESTIONS:
        got, answer = await desk.call("GET", path)

        assert (got, answer["error"]["path"]) == (status, field), path


async def test_contradictions_and_unknown_charges_of_an_event_are_refused(desk):
    order = await booked(desk.call)
    for body, path in (
        ({"event": "cancel", "reason": "012", "by": "consumer", "on_behalf_of": "seller"}, "by"),
        ({"event": "cancel", "reason": "012", "by": "neighbour"}, "by"),
        ({"event": "cancel", "reason": "012", "expect_fee": "free"}, "expect_fee"),
    ):
        status, answer = await desk.call("POST", f"/orders/{order['ref']}/events", body)
        assert (status, answer["error"]["path"]) == (422, path)
    gone = await happens(desk.call, order, "cancel", by="consumer", reason="012")
    for path in ("cancellation", "slots"):
        status, answer = await desk.call("GET", f"/orders/{gone['ref']}/{path}")
        assert (status, answer["error"]["code"]) == (409, "not_allowed")


async def test_a_quote_of_a_buyer_app_cannot_be_booked_here(desk):
    order = await desk.booked()

    status, _ = await desk.call("POST", "/bookings", {"quote": order.ref, **CALLER})

    assert status == 404


async def test_only_those_who_book_for_others_may(desk):
    guarded = [one for one in ROUTES if one.tag == "bookings" and one.method == "POST"]
    assert {one.path for one in guarded} == {"/quotes", "/bookings", "/orders/{ref}/otp"}
    for route in guarded:
        status, answer = await desk.call(route.method, route.path.replace("{ref}", "1"), {}, as_=ENGINEER)

        assert (status, answer["error"]["code"]) == (403, "forbidden")
