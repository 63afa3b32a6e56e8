from __future__ import annotations

import pytest

from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.inbox import NoCallback
from bpp.sandbox.messages import Customer
from bpp.sandbox.offers import read_offers
from bpp.sandbox.places import GOMTI_NAGAR
from tests.support.peers import canned, whole_booking


async def test_a_booking_from_search_to_rating_is_one_conversation(buyer, gateway, seller):
    seller.replies = whole_booking()

    found = (await journey.search(buyer, words="fan", place=GOMTI_NAGAR, to=gateway.url)).callback
    (offer,) = read_offers(found.message)
    selected = (await journey.select(buyer, found, offer, offer.starts[0], GOMTI_NAGAR)).callback
    initialised = (await journey.init(buyer, selected, Customer(), GOMTI_NAGAR)).callback
    confirmed = (await journey.confirm(buyer, initialised, order_id="O-7")).callback
    later = [
        await journey.status(buyer, confirmed),
        await journey.track(buyer, confirmed),
        await journey.support(buyer, confirmed),
        await journey.rate(buyer, confirmed, 5),
        await journey.rate(buyer, confirmed, 4, category="Order"),
        await journey.cancel(buyer, confirmed),
    ]

    assert confirmed.order["id"] == "O-7"
    assert all(one.acked_first for one in later)
    assert len({one.document["context"]["transaction_id"] for one in seller.received}) == 1
    assert len({one.document["context"]["message_id"] for one in seller.received}) == len(seller.received) == 10
    rated = [one.document["message"]["ratings"][0] for one in seller.received if one.action == "rating"]
    assert [one["id"] for one in rated] == ["P1", "O-7"]


async def test_the_conversation_keeps_domain_and_city_of_its_search(buyer, seller):
    seller.replies = {"search": canned("on_search"), "select": canned("on_select")}

    found = (await journey.search(buyer, words="fan", place=GOMTI_NAGAR, domain="ONDC:SRV10")).callback
    (offer,) = read_offers(found.message)
    await journey.select(buyer, found, offer, offer.starts[0], GOMTI_NAGAR)

    search, select = (one.document["context"] for one in seller.received)
    assert (select["domain"], select["location"]) == (search["domain"], search["location"])
    assert select["domain"] == "ONDC:SRV10"


async def test_a_nack_ends_the_step_with_the_seller_s_words(buyer, seller):
    nack = b'{"message":{"ack":{"status":"NACK"}},"error":{"code":"30000","message":"context.domain: unknown"}}'
    seller.answers["search"] = 200, nack

    with pytest.raises(journey.Refused, match=r"search was refused with HTTP 200 30000: context\.domain: unknown"):
        await journey.search(buyer, words="fan", place=GOMTI_NAGAR)


async def test_silence_ends_the_step_in_time(buyer):
    with pytest.raises(NoCallback, match="no on_search within"):
        await journey.search(buyer, words="fan", place=GOMTI_NAGAR, patience=0.01)


async def test_a_callback_of_another_message_is_not_taken_for_the_answer(registry, seller):
    async with Buyer(registry=registry) as buyer:
        stray = seller.document("on_search", {}, {"transaction_id": "T1", "message_id": "another"})
        await seller.call(f"{buyer.url}/on_search", stray)

        with pytest.raises(NoCallback):
            await journey.search(buyer, words="fan", place=GOMTI_NAGAR, transaction_id="T1", patience=0.01)
