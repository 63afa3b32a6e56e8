"""Dialects end to end: each buyer app is spoken to as it is configured, else as it speaks, else in our own spelling."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from beckn_schemas.spellings import FEE_CODES
from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback
from bpp.sandbox.identities import BUYER, SECOND_BUYER
from bpp.sandbox.messages import init_message, search_message
from bpp.sandbox.offers import read_offers
from tests.support.clock import FakeClock
from tests.support.conversation import answer_to, check_conversation, confirm_with
from tests.support.effects import rows
from tests.support.ids import IdSource
from tests.support.json_edit import DELETE
from tests.support.network import Network, running_network

Json = dict[str, Any]
OURS, MIXED, BARE = FEE_CODES
FAN = "fan repair"


@pytest.fixture
async def network(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """The network; in the end every callback was signed, valid and in its conversation."""
    async with running_network(sqlite_url, tmp_path, clock) as running:
        yield running
        check_conversation(running)


@asynccontextmanager
async def configured(url: str, folder: Path, clock: FakeClock, **peers: Json) -> AsyncIterator[Network]:
    """A network whose buyer app, or ``second``, is configured."""
    ids = {"first": BUYER.subscriber_id, "second": SECOND_BUYER.subscriber_id}
    setting = json.dumps({ids[name]: spelling for name, spelling in peers.items()})
    async with running_network(url, folder, clock, BPP_PEERS=setting) as running:
        yield running
        check_conversation(running)


def terms(spelling: str, group: str = "BAP_Terms") -> Json:
    """The tag of a finder fee of three per cent."""
    kind, amount = FEE_CODES[spelling]  # type: ignore[index]
    values = {kind: "percent", amount: "3"}
    entries = [{"descriptor": {"code": code}, "value": value} for code, value in values.items()]
    return {"descriptor": {"code": group}, "list": entries}


def fee_codes(one: Callback) -> tuple[str, str]:
    """The codes of the finder fee in the only payment of a callback."""
    (payment,) = one.order["payments"]
    tag = next(tag for tag in payment["tags"] if tag["descriptor"]["code"] == "Buyer_Finder_Fee")
    kind, amount = (entry["descriptor"]["code"] for entry in tag["list"])
    return kind, amount


async def searched(network: Network, *, spelling: str = "", to: str = "", **intent: Any) -> Callback:
    """A search with a finder fee spelled so, or with none; its on_search."""
    message = search_message(words=intent.pop("words", "tap repair"), place=network.place, **intent)
    message["intent"]["tags"] = [terms(spelling)] if spelling else []
    sent = await journey.ask(
        network.buyer, "search", message, transaction_id=network.buyer.new_id(), to=to or network.url
    )
    return sent.callback


async def initialised(network: Network, found: Callback) -> Callback:
    """Select the first offer of an on_search and initialise it; the on_init."""
    offer = read_offers(found.message)[0]
    selected = (await journey.select(network.buyer, found, offer, offer.starts[0], network.place)).callback
    return (await journey.init(network.buyer, selected, network.customer, network.place)).callback


async def confirmed(network: Network, ready: Callback, status: Any, *, buyer: Buyer | None = None) -> Callback:
    """Confirm with a status written so, or DELETE; the on_confirm."""
    buyer = buyer or network.buyer
    sent = await confirm_with(network, ready, ("status", status), order_id=f"O-{buyer.new_id()}", buyer=buyer)
    return await answer_to(sent, buyer)


async def peer(network: Network, buyer: Buyer | None = None) -> Json:
    """What the operator API says of a buyer app."""
    wanted = (buyer or network.buyer).participant.subscriber_id
    _, found = await network.call("GET", "/peers")
    return next((one for one in found["items"] if one["subscriber_id"] == wanted), {"dialect": {}, "seen": []})


async def counted(network: Network) -> dict[tuple[str, str, str], float]:
    """The counter of dialects by peer, trait and value."""
    return {
        (sample.labels["peer"], sample.labels["trait"], sample.labels["value"]): sample.value
        for metric in network.context.metrics.dialects.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    }


# Finder fee


async def test_the_finder_fee_is_spelled_as_in_the_search_from_on_init_to_on_cancel(network: Network) -> None:
    ready = await initialised(network, await searched(network, spelling=MIXED))
    made = (await journey.confirm(network.buyer, ready)).callback
    moved = await network.pushed(made, "depart")
    shown = (await journey.status(network.buyer, made)).callback
    given_up = await network.pushed(made, "cancel", reason="011")
    other = await network.booked(buyer=network.second_buyer)

    assert {fee_codes(one) for one in (ready, made, moved, shown, given_up)} == {FEE_CODES["Buyer_finder_fee"]}
    assert fee_codes(other) == FEE_CODES["Buyer_Finder_Fee"]


async def test_a_search_without_the_prefix_leaves_the_payments_in_our_spelling(network: Network) -> None:
    ready = await initialised(network, await searched(network, spelling=BARE))

    assert fee_codes(ready) == FEE_CODES["Buyer_Finder_Fee"]
    assert (await peer(network))["dialect"]["finder_fee"]["origin"] == "default"


async def test_payments_of_an_init_are_believed_at_once_and_remembered(network: Network) -> None:
    selected = await network.selected()
    message = init_message(selected.order, network.customer, network.place)
    message["order"]["payments"][0]["tags"] = [terms(BARE, "Buyer_Finder_Fee")]
    context = journey.following(selected)
    sent = await network.buyer.send("init", message, transaction_id=selected.transaction_id, context=context)
    ready = await answer_to(sent, network.buyer)

    later = await initialised(network, await searched(network, words=FAN))

    assert fee_codes(ready) == fee_codes(later) == FEE_CODES["finder_fee"]


async def test_a_confirm_that_copies_our_payments_teaches_nothing(network: Network) -> None:
    await network.booked()

    assert {one["trait"] for one in (await peer(network))["seen"]} == {"search_finder_fee", "status_case"}
    assert not any(trait == "finder_fee" for _, trait, _ in await counted(network))


# The case of order.status


async def test_the_case_of_one_confirm_is_that_of_later_orders_whose_confirm_shows_none(network: Network) -> None:
    first = await confirmed(network, await network.initialised(), "Created")
    later = await confirmed(network, await network.initialised(FAN), DELETE)
    other = await network.booked(buyer=network.second_buyer)

    assert [one.order["status"] for one in (first, later, other)] == ["Accepted", "Accepted", "ACCEPTED"]


async def test_an_order_keeps_the_dialect_it_was_made_with(network: Network) -> None:
    before = await confirmed(network, await network.initialised(), "CREATED")
    ready = await initialised(network, await searched(network, spelling=MIXED, words=FAN))
    after = await confirmed(network, ready, "Created")

    moved = [await network.pushed(one, "depart") for one in (before, after)]

    assert [one.order["status"] for one in moved] == ["IN-PROGRESS", "In-progress"]
    assert [fee_codes(one) for one in moved] == [FEE_CODES["Buyer_Finder_Fee"], FEE_CODES["Buyer_finder_fee"]]


async def test_a_configured_peer_is_spoken_to_as_configured_whatever_it_writes(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    wanted = {"status_case": "upper", "finder_fee": BARE}
    async with configured(sqlite_url, tmp_path, clock, first=wanted, second={"status_case": "title"}) as network:
        ready = await initialised(network, await searched(network, spelling=MIXED))
        made = await confirmed(network, ready, "Created")
        second = network.second_buyer
        theirs = await confirmed(network, await network.initialised(buyer=second), "CREATED", buyer=second)
        known = await peer(network)

    assert (made.order["status"], fee_codes(made)) == ("ACCEPTED", FEE_CODES["finder_fee"])
    assert theirs.order["status"] == "Accepted"
    assert known["dialect"]["status_case"] == {"value": "upper", "origin": "configured"}
    assert {one["trait"]: one["value"] for one in known["seen"]} == {
        "search_finder_fee": MIXED,
        "status_case": "title",
    }


# Who cancelled


async def test_each_peer_is_told_who_cancelled_in_its_own_word(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with configured(sqlite_url, tmp_path, clock, first={"cancelled_by": "PROVIDER"}) as network:
        words = []
        for buyer in (network.buyer, network.second_buyer):
            made = await network.booked(buyer=buyer)
            given_up = await network.pushed(made, "cancel", buyer, reason="011")
            words.append(given_up.order["cancellation"]["cancelled_by"])

    assert words == ["PROVIDER", "PRODUCER"]


# Category codes


def codes(found: Callback) -> set[str]:
    """Every category of the services in an on_search; what can be chosen with one has categories of its provider."""
    items = [item for one in found.message["catalog"]["providers"] for item in one["items"]]
    return {code for item in items if not item["parent_item_id"] for code in item["category_ids"]}


def names(found: Callback) -> set[str]:
    """What the items of an on_search are called."""
    return {item["descriptor"]["name"] for one in found.message["catalog"]["providers"] for item in one["items"]}


async def test_a_letter_in_a_search_brings_letters_in_the_catalog_and_digits_stay_decimal(network: Network) -> None:
    plain = codes(await searched(network, words=""))
    by_letter = codes(await searched(network, words="", category="SRV11-100A"))
    spelled = codes(await searched(network, words=""))
    read_as_before = codes(await searched(network, words="", category="SRV11-1010"))

    assert "SRV11-1010" in plain  # Home Cleaning
    assert by_letter == read_as_before == {"SRV11-100A"}
    assert len(spelled) == len(plain)
    assert spelled - plain == {code for code in spelled if any(letter in code[6:] for letter in "ABCDEF")}
    assert (await peer(network))["dialect"]["categories"] == {"value": "hex", "origin": "learned"}


async def test_a_decimal_code_that_no_hexadecimal_peer_would_write_takes_that_back(network: Network) -> None:
    plain = codes(await searched(network, words=""))
    await searched(network, words="", category="SRV11-100A")
    await searched(network, words="", category="SRV11-1047")

    assert codes(await searched(network, words="")) == plain
    (seen,) = (await peer(network))["seen"]
    assert (seen["value"], seen["changes"]) == ("decimal", 1)


async def test_digits_are_hexadecimal_only_where_configured(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> None:
    ambiguous = "SRV11-1013"  # row 13, or by a hexadecimal count row 19
    async with configured(sqlite_url, tmp_path, clock, first={"categories": "hex"}) as network:
        second = network.second_buyer
        counting, _ = await network.offers("", category=ambiguous)
        plain, _ = await network.offers("", category=ambiguous, buyer=second)
        await network.offers("", category="SRV11-100A", buyer=second)
        shown, _ = await network.offers("", category=ambiguous, buyer=second)

    assert (codes(counting), codes(plain), codes(shown)) == ({ambiguous}, {ambiguous}, {"SRV11-100D"})
    assert names(plain) == names(shown)
    assert not names(counting) & names(plain)


async def test_the_older_setting_still_names_peers_that_count_in_hexadecimal(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with running_network(sqlite_url, tmp_path, clock, BPP_HEX_CATEGORY_PEERS=BUYER.subscriber_id) as network:
        counting, _ = await network.offers("", category="SRV11-1013")
        plain, _ = await network.offers("", category="SRV11-1019", buyer=network.second_buyer)
        known = await peer(network)

    assert names(counting) == names(plain) != set()
    assert known["dialect"]["categories"] == {"value": "hex", "origin": "configured"}


# What is written, and what is counted


async def test_what_is_known_already_is_not_written_again(network: Network) -> None:
    for _ in range(2):
        await confirmed(network, await initialised(network, await searched(network, spelling=MIXED)), "Created")
        before = await peer(network)
        network.clock.tick(minutes=1)
    after = await peer(network)

    assert after == before
    assert {one["changes"] for one in after["seen"]} == {0}
    assert len({one["since"] for one in after["seen"]}) == 1


async def test_the_counter_shows_which_peer_speaks_what_and_a_repetition_is_not_counted(network: Network) -> None:
    first, second = network.buyer, network.second_buyer
    made = await confirmed(network, await network.initialised(), "Created")
    await confirmed(network, await network.initialised(FAN), "Created")
    await network.booked(buyer=second)
    again = await network.buyer.post(
        "confirm", next(a for a in first.answers if a.request.action == "confirm").request.body
    )

    assert again.acked
    await network.buyer.next_callback(made.transaction_id, "on_confirm")
    assert await counted(network) == {
        (first.participant.subscriber_id, "search_finder_fee", OURS): 2,
        (first.participant.subscriber_id, "status_case", "title"): 2,
        (second.participant.subscriber_id, "search_finder_fee", OURS): 1,
        (second.participant.subscriber_id, "status_case", "upper"): 1,
    }
    async with network.session.get(f"{network.url}/metrics") as answer:
        assert 'bpp_peer_dialect_total{peer="' in await answer.text()


async def test_a_refused_message_teaches_nothing_and_is_not_counted(network: Network) -> None:
    ready = await network.initialised()
    before, known = await counted(network), await peer(network)
    stored = await rows(network.settings.database_url)

    wrong = await confirm_with(network, ready, ("status", "Created"), ("quote.price.value", "1.00"))
    unsigned = await network.buyer.post("confirm", wrong.request.body, headers={"Authorization": None})

    assert (wrong.error_code, unsigned.status) == ("31002", 401)
    assert await counted(network) == before
    assert await peer(network) == known
    assert (await rows(network.settings.database_url))["peer_traits"] == stored["peer_traits"]


# Several processes


async def test_what_one_process_learned_another_speaks_at_once_and_after_a_restart(
    database_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    async with running_network(database_url, tmp_path / "one", clock, IdSource(series=8)) as network:
        async with running_network(database_url, tmp_path / "two", clock, IdSource(series=9)) as other:
            plain = await searched(network)
            await searched(network, spelling=MIXED, to=other.url)
            ready = await initialised(network, plain)
        counts = {**await counted(other), **await counted(network)}
    async with running_network(database_url, tmp_path / "one", clock, IdSource(series=10)) as restarted:
        known = await peer(restarted)

    assert fee_codes(ready) == FEE_CODES["Buyer_finder_fee"]
    assert list(counts) == [(BUYER.subscriber_id, "search_finder_fee", MIXED)]
    assert known["dialect"]["finder_fee"] == {"value": MIXED, "origin": "learned"}
