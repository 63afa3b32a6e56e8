"""Payments: a page to pay by where we collect, parts of a price, what is not paid at confirm, and the papers of it all.

The numbers are those of the assertions in section 5 of the protocol reference.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bpp.core.papers import receipt_url
from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import init_message
from tests.support.clock import FakeClock
from tests.support.conversation import answer_to, check_conversation, confirm_with, is_offered, orders, slot_of
from tests.support.json_edit import DELETE
from tests.support.network import Network, otp_of, running_network

Json = dict[str, Any]
TERMITES = "termites"  # AMIN-TERMITE: half of it is paid in advance
PAINTER = "wall painting"  # offered by P-INDIRA, who is alone


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def initialised(
    network: Network, collected_by: Any = "BPP", *, words: str = "tap repair", **more: Any
) -> Callback:
    """As far as on_init, with what the buyer app says of who collects the first payment."""
    return await init_again(network, await network.selected(words, **more), collected_by)


async def init_again(network: Network, chosen: Callback, collected_by: Any) -> Callback:
    message = init_message(chosen.order, network.customer, network.place)
    payment = message["order"]["payments"][0]
    if collected_by is DELETE:
        del payment["collected_by"]
    else:
        payment["collected_by"] = collected_by
    exchange = await journey.ask(
        network.buyer,
        "init",
        message,
        transaction_id=chosen.transaction_id,
        context=journey.following(chosen),
    )
    return exchange.callback


async def confirmed_with(network: Network, ready: Callback, *edits: tuple[str, Any], **more: Any) -> Callback:
    return await answer_to(await confirm_with(network, ready, *edits, **more), network.buyer)


async def unpaid(network: Network, ready: Callback, **more: Any) -> Callback:
    """The order of an on_init whose payments are all NOT-PAID."""

    def not_paid(payments: list[Json]) -> list[Json]:
        return [{**one, "status": "NOT-PAID", "params": {**one["params"], "transaction_id": ""}} for one in payments]

    return await confirmed_with(network, ready, ("payments", not_paid), **more)


async def updated(network: Network, confirmed: Callback, payment: Json) -> Callback:
    """An update that says of the order's only payment what is given here."""
    order = {"id": confirmed.order["id"], "payments": [confirmed.order["payments"][0] | payment]}
    exchange = await journey.ask(
        network.buyer,
        "update",
        {"update_target": "payments", "order": order},
        transaction_id=confirmed.transaction_id,
        context=journey.following(confirmed),
    )
    return exchange.callback


async def fetched(network: Network, url: str) -> tuple[int, str, Mapping[str, str]]:
    async with network.session.get(url) as answer:
        return answer.status, await answer.text(), answer.headers


async def papers(network: Network, confirmed: Callback) -> dict[str, list[str]]:
    """The papers of an order as an operator sees them: addresses by kind."""
    _, order = await network.call("GET", f"/orders/{await network.ref(confirmed)}")
    found: dict[str, list[str]] = {}
    for one in order["papers"]:
        found.setdefault(one["kind"], []).append(one["url"])
    return found


async def completed(network: Network, confirmed: Callback) -> Callback:
    """The visit of an order, from departure to its end; the last on_status."""
    await network.pushed(confirmed, "depart")
    network.clock.tick(minutes=10)
    await network.pushed(confirmed, "start", otp=otp_of(await network.pushed(confirmed, "arrive")))
    network.clock.tick(minutes=30)
    return await network.pushed(confirmed, "complete")


def kinds(one: Callback) -> list[tuple[str, str]]:
    return [(payment["type"], payment["collected_by"]) for payment in one.order["payments"]]


def states(one: Callback) -> list[str]:
    return [payment["status"] for payment in one.order["payments"]]


def amounts(one: Callback) -> list[Decimal]:
    return [Decimal(payment["params"]["amount"]) for payment in one.order["payments"]]


def links(one: Callback) -> list[str | None]:
    return [payment.get("url") for payment in one.order["payments"]]


# A page to pay by


@pytest.mark.parametrize("collected_by", ["BPP", "bpp", "B_P_P"])
async def test_when_we_collect_on_init_has_a_page_to_pay_by(
    network: Network, collected_by: str
) -> None:  # 27; protocol 6
    ready = await initialised(network, collected_by)

    assert kinds(ready) == [("PRE-FULFILLMENT", "BPP")]
    (url,) = links(ready)
    assert url is not None
    assert url.startswith(f"{network.url}/pay/")
    status, text, headers = await fetched(network, url)
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    for said in ("Gomti Demo Services", "INR 199.00", network.settings.settlement_beneficiary, "x 1"):
        assert said in unescape(text)


async def test_the_page_before_and_after_confirm_is_found_in_each_database(
    network_on_each: Network,
) -> None:  # protocol 6
    network = network_on_each
    ready = await initialised(network)
    (url,) = links(ready)
    assert url is not None

    assert (await fetched(network, url))[0] == 200
    confirmed = await unpaid(network, ready)
    assert links(confirmed) == [url]
    assert (await fetched(network, url))[0] == 200


async def test_the_link_opens_a_upi_app_with_everything_filled_in(network: Network) -> None:
    (url,) = links(await initialised(network))
    _, text, _ = await fetched(network, str(url))
    found = re.search(r'href="(upi:[^"]*)"', text)
    assert found is not None
    link = urlsplit(unescape(found[1]))
    fields = {name: value for name, (value,) in parse_qs(link.query, strict_parsing=True).items()}

    assert (link.scheme, link.netloc) == ("upi", "pay")
    assert " " not in found[1]
    assert fields.keys() == {"pa", "pn", "am", "cu", "tr", "tn"}
    assert fields["pa"] == network.settings.settlement_upi
    assert fields["pn"] == network.settings.settlement_beneficiary
    assert (fields["am"], fields["cu"]) == ("199.00", "INR")
    assert re.fullmatch(r"[A-Za-z0-9]{1,35}", fields["tr"])
    assert len(fields["tn"]) <= 50


@pytest.mark.parametrize("collected_by", ["BAP", DELETE, "SELLER", ""])
async def test_else_the_buyer_app_collects_and_there_is_no_page(network: Network, collected_by: Any) -> None:  # 27
    ready = await initialised(network, collected_by)

    assert kinds(ready) == [("PRE-FULFILLMENT", "BAP")]
    assert links(ready) == [None]


async def test_cash_at_the_door_has_no_page(network: Network) -> None:  # 42
    ready = await initialised(network, payment_type="ON-FULFILLMENT")
    confirmed = await unpaid(network, ready)

    assert links(ready) == links(confirmed) == [None]


async def test_a_page_answers_to_its_whole_address_alone(network: Network) -> None:
    (mine,), (other,) = links(await initialised(network)), links(await initialised(network, slot=2))
    root, ref, payment, key = str(mine).rsplit("/", 3)
    _, other_ref, other_payment, other_key = str(other).rsplit("/", 3)

    for wrong in (
        f"{root}/{ref}/{payment}/{other_key}",
        f"{root}/{ref}/{other_payment}/{key}",
        f"{root}/{other_ref}/{payment}/{key}",
        f"{root}/{ref}/{payment}/{'0' * len(key)}",
        f"{root}/{ref}/{payment}/{key[:-1]}",
        f"{root}/{ref}/{payment}/",
        f"{root}/{ref}/{payment}",
        f"{root}/{ref}/{payment}/%00",
        f"{root}/%C3%A9/{payment}/{key}",
        f"{network.url}/invoices/{ref}/{payment}/{key}",
        f"{network.url}/invoices/{ref}/{key}",
    ):
        assert (await fetched(network, wrong))[0] == 404, wrong


async def test_the_page_stands_in_every_message_until_the_money_is_there(network: Network) -> None:  # 42; protocol 1.5
    ready = await initialised(network)
    (url,) = links(ready)
    confirmed = await confirmed_with(
        network,
        ready,
        ("payments[0].id", "theirs/1 of <b>"),
        ("payments[0].status", "NOT-PAID"),
        ("payments[0].params.transaction_id", ""),
    )
    asked = (await journey.status(network.buyer, confirmed)).callback
    departed = await network.pushed(confirmed, "depart")

    assert links(confirmed) == links(asked) == links(departed) == [url]
    assert states(departed) == ["NOT-PAID"]
    assert (await papers(network, confirmed)) == {"payment_page": [url]}
    paid = await network.pushed(confirmed, "pay", payment_id="theirs/1 of <b>", transaction_id="UTR <i>1</i>")
    assert (paid.action, states(paid), links(paid)) == ("on_status", ["PAID"], [None])
    assert paid.order["payments"][0]["params"]["transaction_id"] == "UTR <i>1</i>"
    status, text, _ = await fetched(network, str(url))
    assert status == 200
    assert "Paid." in text
    assert "UTR &lt;i&gt;1&lt;/i&gt;" in text
    assert "upi://" not in text
    again, answer = await network.event(confirmed, "pay", payment_id="theirs/1 of <b>", transaction_id="UTR2")
    assert (again, answer["error"]["code"]) == (409, "not_allowed")
    assert "pay" not in answer["error"]["allowed"]


async def test_a_buyer_apps_word_does_not_pay_what_we_collect(network: Network) -> None:  # 31, 42
    ready = await initialised(network)
    confirmed = await confirmed_with(network, ready)  # says PAID, as it does by habit
    told = await updated(network, confirmed, {"status": "PAID", "params": {"transaction_id": "UPI-9"}})

    assert states(confirmed) == states(told) == ["NOT-PAID"]
    assert links(confirmed) == links(told) == links(ready)
    assert not told.error
    assert told.order["updated_at"] == confirmed.order["updated_at"]


async def test_what_is_paid_afterwards_can_be_paid_by_the_page_at_any_time(network: Network) -> None:  # 42
    await network.call("PATCH", "/offerings/GOMTI-TAP", {"payment_types": ["POST-FULFILLMENT"]})
    confirmed = await unpaid(network, await initialised(network, "BAP"))  # it is ours whatever they say
    assert kinds(confirmed) == [("POST-FULFILLMENT", "BPP")]
    early = await network.pushed(
        confirmed, "pay", payment_id=confirmed.order["payments"][0]["id"], transaction_id="UTR1"
    )
    other = await unpaid(network, await initialised(network, slot=3), order_id="O-2")
    done = await completed(network, other)
    assert (await fetched(network, str(links(other)[0])))[0] == 200
    late = await network.pushed(other, "pay", payment_id=other.order["payments"][0]["id"], transaction_id="UTR2")

    assert states(early) == states(late) == ["PAID"]
    assert links(early) == links(late) == [None]
    assert (states(done), links(done)) == (["NOT-PAID"], links(other))


async def test_the_number_of_a_payment_that_came_in_may_be_as_long_as_the_wire_carries(network: Network) -> None:  # 31
    confirmed = await unpaid(network, await initialised(network))
    paid = {"payment_id": confirmed.order["payments"][0]["id"], "transaction_id": "U" * 255}

    for name, value in paid.items():
        status, answer = await network.event(confirmed, "pay", **{**paid, name: value.ljust(256, "U")})
        assert (status, answer["error"]["path"]) == (422, name)
    told = await network.pushed(confirmed, "pay", **paid)

    assert (states(told), told.order["payments"][0]["params"]["transaction_id"]) == (["PAID"], "U" * 255)


async def test_a_worker_cannot_have_the_money_before_the_visit_is_over(network: Network) -> None:  # 42
    confirmed = await unpaid(network, await initialised(network, payment_type="ON-FULFILLMENT"))
    payment_id = confirmed.order["payments"][0]["id"]

    for event in ("depart", "arrive"):
        await network.pushed(confirmed, event)
        status, answer = await network.event(confirmed, "pay", payment_id=payment_id, transaction_id="CASH")
        assert (status, answer["error"]["code"]) == (409, "not_allowed")
        assert "pay" not in answer["error"]["allowed"]


async def test_a_page_for_a_lapsed_quote_asks_for_nothing_until_it_is_renewed(network: Network) -> None:  # 32
    chosen = await network.selected()
    ready = await init_again(network, chosen, "BPP")
    (url,) = links(ready)
    network.clock.tick(minutes=31)
    refused = await unpaid(network, ready)

    assert (refused.error_code, links(refused)) == ("40003", [None])
    assert "upi://" not in (await fetched(network, str(url)))[1]
    assert links(await init_again(network, chosen, "BPP")) == [url]
    assert "upi://" in (await fetched(network, str(url)))[1]
    theirs = await init_again(network, chosen, "BAP")
    assert links(theirs) == [None]
    assert (await fetched(network, str(url)))[0] == 404


async def test_an_order_given_up_asks_for_nothing(network: Network) -> None:  # 50
    confirmed = await unpaid(network, await initialised(network))
    cancelled = (await journey.cancel(network.buyer, confirmed, "002")).callback

    assert links(cancelled) == [None]
    status, text, _ = await fetched(network, str(links(confirmed)[0]))
    assert status == 200
    assert "upi://" not in text


@pytest.mark.parametrize("by", ["operator", "buyer app"])
async def test_a_further_quotation_is_paid_by_a_page_where_the_order_is(network: Network, by: str) -> None:  # 47, 48
    confirmed = await unpaid(network, await initialised(network, words=PAINTER))
    await network.pushed(confirmed, "pay", payment_id=confirmed.order["payments"][0]["id"], transaction_id="UTR1")
    await network.pushed(confirmed, "depart")
    lines: Any = [{"title": "Putty", "price": "1500.00"}]
    quoted = await network.pushed(confirmed, "requote", lines=lines)
    assert links(quoted) == [None, None]  # nobody is asked to pay for what he has not taken

    if by == "operator":
        taken = await network.pushed(confirmed, "accept_quote")
    else:
        said = quoted.order["payments"][1] | {"status": "PAID", "params": {"transaction_id": "UPI-7"}}
        taken = await updated(network, confirmed, said)
    _, second = links(taken)
    assert (taken.order["status"], states(taken), links(taken)) == ("IN-PROGRESS", ["PAID", "NOT-PAID"], [None, second])
    status, text, _ = await fetched(network, str(second))
    assert (status, "INR 1500.00" in text) == (200, True)
    payment_id = quoted.order["payments"][1]["id"]
    paid = await network.pushed(confirmed, "pay", payment_id=payment_id, transaction_id="UTR2")
    assert (states(paid), links(paid)) == (["PAID", "PAID"], [None, None])


async def test_money_for_a_quotation_that_waits_takes_it(network: Network) -> None:  # 47, 48
    confirmed = await unpaid(network, await initialised(network, words=PAINTER))
    await network.pushed(confirmed, "pay", payment_id=confirmed.order["payments"][0]["id"], transaction_id="UTR1")
    await network.pushed(confirmed, "depart")
    quoted = await network.pushed(confirmed, "requote", lines=[{"title": "Putty", "price": "1500.00"}])
    payment_id = quoted.order["payments"][1]["id"]

    told = await network.pushed(confirmed, "pay", payment_id=payment_id, transaction_id="UTR2")

    assert (told.action, told.order["status"], states(told)) == ("on_update", "IN-PROGRESS", ["PAID", "PAID"])


# Parts of a price


async def test_on_select_says_how_each_part_will_be_paid(network: Network) -> None:  # 19
    parts = [(one["type"], one["collected_by"]) for one in (await network.selected(TERMITES)).order["payments"]]

    assert parts == [("PRE-FULFILLMENT", "BAP"), ("ON-FULFILLMENT", "BPP")]


async def test_on_init_asks_for_both_parts_and_they_add_up(network: Network) -> None:  # 27
    ready = await network.initialised(TERMITES)
    (first, second) = ready.order["payments"]

    assert kinds(ready) == [("PRE-FULFILLMENT", "BAP"), ("ON-FULFILLMENT", "BPP")]
    assert amounts(ready) == [Decimal("1499.50"), Decimal("1499.50")]
    assert sum(amounts(ready)) == Decimal(ready.order["quote"]["price"]["value"])
    assert first["id"] != second["id"]
    assert first["tags"] == second["tags"]
    again = await init_again(network, ready, "BAP")
    assert [one["id"] for one in again.order["payments"]] == [first["id"], second["id"]]


async def test_the_parts_of_a_price_are_the_price_in_every_message_of_its_order(
    network: Network,
) -> None:  # 27; protocol 4, row 13
    await completed(network, await network.booked(TERMITES))

    shown = [one for one in network.buyer.callbacks if one.order and one.action != "on_select"]
    assert {one.action for one in shown} == {"on_init", "on_confirm", "on_status"}
    assert {len(one.order["payments"]) for one in shown} == {2}
    assert {sum(amounts(one)) for one in shown} == {Decimal("2999.00")}
    assert {one.order["quote"]["price"]["value"] for one in shown} == {"2999.00"}


@pytest.mark.parametrize(
    "named",
    [
        lambda payments: payments,
        lambda payments: payments[:1],
        lambda payments: payments[::-1],
        lambda payments: [{**one, "id": f"theirs-{place}"} for place, one in enumerate(payments)],
        lambda payments: [{**one, "id": "one-for-both"} for one in payments],
        lambda payments: [{**one, "id": payments[1]["id"]} for one in payments],
        lambda payments: [{key: one[key] for key in one if key != "id"} for one in payments],
    ],
    ids=["both", "the first", "the other way round", "by their ids", "by one id", "by the second's id", "without ids"],
)
async def test_a_confirm_names_one_part_or_both(network: Network, named: Any) -> None:  # 29, 31, 42
    ready = await network.initialised(TERMITES)

    confirmed = await confirmed_with(network, ready, ("payments", named))

    assert kinds(confirmed) == kinds(ready)
    assert amounts(confirmed) == amounts(ready)
    assert states(confirmed) == ["PAID", "NOT-PAID"]
    assert len({one["id"] for one in confirmed.order["payments"]}) == 2


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (("payments", lambda payments: payments[1:]), "payments[0]"),
        (("payments[0].params.amount", "2999.00"), "payments[0].params.amount"),
        (("payments[1].params.amount", "0.00"), "payments[1].params.amount"),
        (("payments[1].type", "POST-FULFILLMENT"), "payments[1].type"),
        (("payments[0].params.transaction_id", ""), "payments[0].params.transaction_id"),
    ],
)
async def test_a_confirm_of_other_parts_is_refused(network: Network, edit: Any, path: str) -> None:  # 31, 32
    answer = await confirm_with(network, await network.initialised(TERMITES), edit)

    assert answer.error_code == "31002"
    assert f"message.order.{path}" in answer.error["message"]
    assert await orders(network) == []


async def test_the_second_part_is_paid_when_the_work_is_done(network: Network) -> None:  # 42, 43
    confirmed = await network.booked(TERMITES)
    done = await completed(network, confirmed)
    told = [one for one in network.buyer.callbacks if one.action == "on_status"]

    assert [states(one) for one in told[:-1]] == [["PAID", "NOT-PAID"]] * (len(told) - 1)
    assert states(done) == ["PAID", "PAID"]
    assert done.order["payments"][0] == confirmed.order["payments"][0]
    assert done.order["quote"] == confirmed.order["quote"]


async def test_of_a_price_in_parts_we_may_collect_the_first_by_our_page(network: Network) -> None:  # 27; protocol 6
    ready = await initialised(network, words=TERMITES)

    assert kinds(ready) == [("PRE-FULFILLMENT", "BPP"), ("ON-FULFILLMENT", "BPP")]
    first, second = links(ready)
    assert second is None
    assert "INR 1499.50" in (await fetched(network, str(first)))[1]


# Not paid at confirm


async def test_what_was_not_paid_at_confirm_is_paid_by_an_update(network: Network) -> None:  # 31, 46, 48
    confirmed = await unpaid(network, await network.initialised())
    before = slot_of(confirmed)
    told = await updated(network, confirmed, {"status": "PAID", "params": {"transaction_id": "UPI-2"}})
    asked = (await journey.status(network.buyer, confirmed)).callback
    nothing = await updated(network, confirmed, {"status": "PAID", "params": {"transaction_id": "UPI-3"}})

    assert states(confirmed) == ["NOT-PAID"]
    for one in (told, asked, nothing):
        assert (states(one), slot_of(one)) == (["PAID"], before)
        assert one.order["payments"][0]["params"]["transaction_id"] == "UPI-2"
    assert told.order["updated_at"] > confirmed.order["updated_at"]
    assert nothing.order["updated_at"] == told.order["updated_at"]


@pytest.mark.parametrize(
    ("payment", "path"),
    [
        ({"status": "PAID", "params": {}}, "payments[0].params.transaction_id"),
        ({"status": "PAID", "params": {"transaction_id": "U", "amount": "1.00"}}, "payments[0].params.amount"),
        ({"status": "PAID", "type": "ON-FULFILLMENT", "params": {"transaction_id": "U"}}, "payments[0].type"),
    ],
)
async def test_an_update_that_contradicts_the_payment_is_refused(
    network: Network, payment: Json, path: str
) -> None:  # 31, 48
    confirmed = await unpaid(network, await network.initialised())
    order = {"id": confirmed.order["id"], "payments": [confirmed.order["payments"][0] | payment]}

    answer = await network.buyer.send(
        "update",
        {"update_target": "payments", "order": order},
        transaction_id=confirmed.transaction_id,
        context=journey.following(confirmed),
    )

    assert answer.error_code == "31002"
    assert f"message.order.{path}" in answer.error["message"]
    assert states((await journey.status(network.buyer, confirmed)).callback) == ["NOT-PAID"]


@pytest.fixture
async def strict(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """A seller who books nothing that is due in advance and not paid."""
    async with running_network(sqlite_url, tmp_path, clock, BPP_UNPAID_CONFIRM="false") as running:
        yield running
        check_conversation(running)


@pytest.mark.parametrize("words", [PAINTER, TERMITES])
async def test_by_policy_an_unpaid_confirm_makes_no_order_and_may_be_tried_again(strict: Network, words: str) -> None:
    ready = await strict.initialised(words)
    start = slot_of(ready)
    refused = await unpaid(strict, ready)

    assert (refused.action, refused.error_code) == ("on_confirm", "31004")
    assert refused.order["status"] == "CANCELLED"
    assert set(states(refused)) == {"NOT-PAID"}
    assert await orders(strict) == []
    if words == PAINTER:  # who is alone, so that the slot is seen to be held
        assert not await is_offered(strict, start, words, buyer=strict.second_buyer)
    confirmed = await confirmed_with(strict, ready, message_id=strict.buyer.new_id())
    assert (confirmed.order["status"], slot_of(confirmed)) == ("ACCEPTED", start)
    assert states(confirmed)[0] == "PAID"


async def test_by_that_policy_what_we_collect_ourselves_may_still_be_unpaid(strict: Network) -> None:
    page = await unpaid(strict, await initialised(strict))
    at_the_door = await initialised(strict, slot=3, payment_type="ON-FULFILLMENT")
    door = await unpaid(strict, at_the_door, order_id="O-2")

    assert page.order["status"] == door.order["status"] == "ACCEPTED"
    assert links(page)[0]


# Papers


async def test_an_order_paid_in_parts_ends_with_an_invoice_and_one_for_each_part(
    network: Network,
) -> None:  # 39; protocol 6
    confirmed = await network.booked(TERMITES)
    done = await completed(network, confirmed)

    assert all("documents" not in one.order for one in network.buyer.callbacks if one.action == "on_confirm")
    documents = done.order["documents"]
    assert [one["label"] for one in documents] == ["INVOICE"] * 3
    assert len({one["url"] for one in documents}) == 3
    texts = []
    for one in documents:
        status, text, headers = await fetched(network, one["url"])
        assert status == 200
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        texts.append(text)
    whole, first, second = texts
    for said in ("09AAAAA0002A1Z5", "998531", "tax 18 %", "2999.00", "Due</th><td>0.00", "UPI-"):
        assert said in whole
    for line in done.order["quote"]["breakup"]:
        assert line["price"]["value"] in whole
    for payment in done.order["payments"]:
        assert payment["params"]["transaction_id"] in whole
    assert "1 of 2, in advance" in first
    assert "2 of 2, on site" in second
    for text in (first, second):
        assert "09AAAAA0002A1Z5" in text
        assert "INR 1499.50" in text
    tax = next(one["price"]["value"] for one in done.order["quote"]["breakup"] if one["title"] == "tax")
    assert sum(tax_of(one) for one in (first, second)) == Decimal(tax)


def tax_of(text: str) -> Decimal:
    found = re.search(r"Tax in it</th><td>INR ([0-9.]+)", text)
    assert found is not None
    return Decimal(found[1])


async def test_an_order_paid_at_once_ends_with_one_invoice(network: Network) -> None:  # 39
    _, done = await network.completed()

    assert len(done.order["documents"]) == 1


async def test_a_part_has_its_receipt_as_soon_as_it_is_paid(network: Network) -> None:  # protocol 6
    confirmed = await network.booked(TERMITES)
    ref = await network.ref(confirmed)
    world = await network.context.storage.read(network.context.worlds.current)
    order = await network.context.storage.read(lambda work: work.orders.get(ref))
    assert order is not None
    first, second = (receipt_url(order, one, world) for one in order.payments)

    assert await papers(network, confirmed) == {"part_invoice": [first]}
    assert [(await fetched(network, url))[0] for url in (first, second)] == [200, 404]
    done = await completed(network, confirmed)
    assert [one["url"] for one in done.order["documents"]][1:] == [first, second]
    other = await network.ref(await unpaid(network, await network.initialised(TERMITES, slot=3)))
    for url in (first, second):
        assert (await fetched(network, url))[0] == 200
        assert (await fetched(network, url.replace(ref, other)))[0] == 404


async def test_an_order_given_up_has_a_credit_note_and_no_invoice(network: Network) -> None:  # 39, 50
    confirmed = await network.booked(order_id="O-<b>")
    await network.pushed(confirmed, "depart")
    cancelled = (await journey.cancel(network.buyer, confirmed, "002")).callback

    assert "documents" not in cancelled.order
    found = await papers(network, confirmed)
    assert found.keys() == {"part_invoice", "credit_note"}
    (url,) = found["credit_note"]
    status, text, _ = await fetched(network, url)
    assert status == 200
    fee = cancelled.order["quote"]["price"]["value"]
    assert fee == "50.00"
    for said in ("INR 199.00", f"fee</th><td>INR {fee}", "you</th><td>INR 149.00", "the customer", "O-&lt;b&gt;"):
        assert said in text
    root, ref, key = url.rsplit("/", 2)
    other = await network.ref(await network.booked(slot=3))
    for wrong in (f"{root}/{other}/{key}", f"{root}/{ref}/{'0' * 32}", f"{network.url}/invoices/{ref}/{key}"):
        assert (await fetched(network, wrong))[0] == 404
    (receipt,) = found["part_invoice"]
    status, text, _ = await fetched(network, receipt)
    assert status == 200
    assert tax_of(text) == Decimal("30.36")  # of the price that was paid


async def test_no_credit_note_is_written_for_an_order_that_stands(network: Network) -> None:  # 39
    first, second = await network.booked(), await network.booked(slot=3)
    await network.pushed(first, "cancel", reason="011")
    (url,) = (await papers(network, first))["credit_note"]

    assert (await fetched(network, url))[0] == 200
    assert "credit_note" not in await papers(network, second)
