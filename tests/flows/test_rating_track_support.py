"""rating, track and support: what the buyer thinks of it, where the worker is, and whom to call.

Numbers are those of the protocol reference, section 5.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback, SyncAnswer
from bpp.sandbox.messages import rating_message
from bpp.sandbox.places import place_at
from tests.support.conversation import answer_to, check_conversation
from tests.support.network import Network, start_stop

PAINTER = "painting consultation"
HAZRATGANJ = place_at("226001")
"""Farther than 5 and nearer than 10 km from both P-GOMTI and P-INDIRA: the same band of distance (decision 19)."""


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def rated(network: Network, confirmed: Callback, *ratings: dict[str, Any]) -> SyncAnswer:
    """Send ratings of an order as they are."""
    return await network.buyer.send(
        "rating",
        {"ratings": list(ratings)},
        transaction_id=confirmed.transaction_id,
        context=journey.following(confirmed),
    )


async def published(network: Network, provider_id: str = "P-GOMTI", words: str = "tap repair") -> str | None:
    """The rating of a provider in an on_search of now."""
    found, _ = await network.offers(words)
    provider = next(one for one in found.message["catalog"]["providers"] if one["id"] == provider_id)
    rating: str | None = provider.get("rating")
    return rating


# rating


async def test_a_completed_order_may_be_rated_from_1_to_5_and_corrected_in_both_spellings(network: Network) -> None:
    confirmed, _ = await network.completed()  # 54
    assert await published(network) is None

    for value, key, shown in (
        ("1", "rating_category", "3.5"),
        ("2", "ratingCategory", "3.7"),
        ("3", "rating_category", "3.8"),
        ("5", "ratingCategory", "4.2"),
    ):
        answer = await rated(network, confirmed, {key: "Provider", "id": "P-GOMTI", "value": value})
        told = await answer_to(answer, network.buyer)
        assert told.document["message"] == {}
        assert not told.error
        assert await published(network) == shown


async def test_every_part_of_an_order_can_be_rated_in_one_message(network: Network) -> None:  # 54
    confirmed, done = await network.completed()
    worker = start_stop(done)["person"]["name"]
    subjects = {
        "Item": done.order["items"][0]["id"],
        "Order": done.order["id"],
        "Fulfillment": done.order["fulfillments"][0]["id"],
        "Provider": done.order["provider"]["id"],
        "Agent": worker,
    }

    answer = await rated(
        network, confirmed, *({"rating_category": key, "id": one, "value": 4} for key, one in subjects.items())
    )

    assert not (await answer_to(answer, network.buyer)).error
    data = await network.context.storage.read(lambda work: work.directory.load())
    counted = {one.name: (one.rating.sum, one.rating.count) for one in data.workers if one.rating.count}
    assert counted == {worker: (4, 1)}


async def test_a_value_that_is_none_from_1_to_5_is_refused_with_30015(network: Network) -> None:  # 54
    confirmed, _ = await network.completed()
    values: tuple[Any, ...] = ("6", "0", "-1", "4.5", "five", "", 6)

    for value in values:
        answer = await rated(network, confirmed, {"rating_category": "Provider", "id": "P-GOMTI", "value": value})
        assert (await answer_to(answer, network.buyer)).error_code == "30015", value

    assert await published(network) is None


@pytest.mark.parametrize("category", ["Support", "Weather"])
async def test_a_category_that_is_not_rated_is_refused_with_50003(network: Network, category: str) -> None:  # 54
    confirmed, _ = await network.completed()
    good = {"rating_category": "Provider", "id": "P-GOMTI", "value": "5"}

    answer = await rated(network, confirmed, good, {"rating_category": category, "id": "P-GOMTI", "value": "5"})

    assert (await answer_to(answer, network.buyer)).error_code == "50003"
    assert await published(network) is None  # all of them or none


async def test_an_order_that_is_not_completed_cannot_be_rated(network: Network) -> None:  # 54
    confirmed = await network.booked()
    early = (await journey.rate(network.buyer, confirmed, 5)).callback
    await journey.cancel(network.buyer, confirmed, "002")
    cancelled = (await journey.rate(network.buyer, confirmed, 5)).callback

    assert early.error_code == cancelled.error_code == "30015"
    assert await published(network) is None


async def test_what_is_not_of_the_order_cannot_be_rated(network: Network) -> None:  # 54, 36
    confirmed, _ = await network.completed()
    body = rating_message("Provider", "P-INDIRA", 1)

    other_subject = await rated(network, confirmed, body["ratings"][0])
    no_order = await network.buyer.send("rating", rating_message("Provider", "P-GOMTI", 1), transaction_id="T-NONE")
    foreign = await network.second_buyer.send(
        "rating", rating_message("Provider", "P-GOMTI", 1), transaction_id=confirmed.transaction_id
    )

    assert other_subject.error_code == "30004"
    assert no_order.error_code == foreign.error_code == "30018"
    assert await published(network) is None


async def test_ratings_of_two_customers_are_published_as_their_bayesian_mean_and_change_who_comes_first(
    network: Network,
) -> None:  # 54, decision 19
    async def order_of_providers() -> list[str]:
        exchange = await journey.search(network.buyer, category="SRV11-*", place=HAZRATGANJ)
        providers = [one["id"] for one in exchange.callback.message["catalog"]["providers"]]
        return [one for one in providers if one in ("P-GOMTI", "P-INDIRA")]

    assert await order_of_providers() == ["P-GOMTI", "P-INDIRA"]  # no ratings yet: the cheaper one first
    for slot, value in ((1, 5), (2, 4)):
        network.customer = replace(network.customer, phone=f"980000000{slot}")
        confirmed, _ = await network.completed(PAINTER, slot=slot)
        await journey.rate(network.buyer, confirmed, value)

    assert await published(network, "P-INDIRA", PAINTER) == "4.1"
    assert await order_of_providers() == ["P-INDIRA", "P-GOMTI"]


async def test_a_rating_that_an_officer_sets_aside_is_gone_from_the_next_search(network: Network) -> None:
    confirmed, _ = await network.completed()
    await journey.rate(network.buyer, confirmed, 1)
    before = await published(network)
    ref = await network.ref(confirmed)
    status, _ = await network.call("POST", f"/ratings/{ref}/set-aside", {"reason": "not of this order"})

    assert (before, status) == ("3.5", 200)
    assert await published(network) is None


async def test_a_rating_by_telephone_shows_in_the_next_search_and_corrects_the_buyer_apps(network: Network) -> None:
    confirmed, _ = await network.completed()
    await journey.rate(network.buyer, confirmed, 1)
    ref = await network.ref(confirmed)
    status, _ = await network.call("POST", f"/orders/{ref}/rating", {"rater": "phone", "provider": 5})

    assert status == 200
    assert await published(network) == "4.2"


async def test_after_the_window_a_rating_is_refused_with_30015_and_the_one_before_stays(network: Network) -> None:
    confirmed, _ = await network.completed()
    await journey.rate(network.buyer, confirmed, 5)
    network.clock.tick(days=8)

    late = (await journey.rate(network.buyer, confirmed, 1)).callback

    assert late.error_code == "30015"
    assert await published(network) == "4.2"


async def test_a_provider_cannot_rate_itself_through_a_buyer_app(network: Network) -> None:
    network.customer = replace(network.customer, phone="+91-9000000001")
    confirmed, _ = await network.completed()

    assert (await journey.rate(network.buyer, confirmed, 5)).callback.error_code == "30015"
    assert await published(network) is None


# track and support


@pytest.mark.parametrize("last", ["", "depart", "complete"])
async def test_without_a_position_nobody_is_followed_and_the_answer_says_so(network: Network, last: str) -> None:  # 55
    if last == "complete":
        confirmed, _ = await network.completed()
    else:
        confirmed = await network.booked()
        if last:
            await network.pushed(confirmed, last)

    exchange = await journey.track(network.buyer, confirmed)

    assert exchange.callback.message["tracking"]["status"] == "inactive"
    assert exchange.callback.message_id == exchange.answer.request.message_id
    assert confirmed.order["fulfillments"][0]["tracking"] is False


@pytest.mark.parametrize("ref_id", ["an order", "an item", "of nobody", ""])
async def test_the_helpline_answers_to_any_reference_and_repeats_it(network: Network, ref_id: str) -> None:  # 55
    confirmed = await network.booked(order_id="O-1")
    asked = {"an order": "O-1", "an item": "GOMTI-TAP"}.get(ref_id, ref_id)
    wanted = {"ref_id": asked} if asked else {}

    answer = await network.buyer.send("support", {"support": wanted}, transaction_id=confirmed.transaction_id)
    told = (await answer_to(answer, network.buyer)).message["support"]

    assert told.get("ref_id", "") == asked
    assert (told["phone"], told["email"]) == ("155330", "support@sewamitra.example")
    async with network.session.get(told["url"]) as page:
        assert page.status == 200
        assert "155330" in await page.text()


async def test_the_helpline_tells_a_stranger_nothing_of_an_order(network: Network) -> None:  # 36, 55
    confirmed = await network.booked(order_id="O-1")
    own = (await journey.support(network.buyer, confirmed)).callback

    answer = await network.second_buyer.send("support", {"support": {"ref_id": "O-1"}})

    assert (await answer_to(answer, network.second_buyer)).message == own.message
