"""The call desk over HTTP: what is found, what is booked, what is refused, and who has it at all."""

from __future__ import annotations

import asyncio
import html
import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest

from bpp.console.desk.look import MOST_ORDERS
from bpp.people.model import Role
from bpp.sandbox import journey
from bpp.sandbox.messages import select_message
from bpp.sandbox.offers import read_offers
from bpp.storage.ports import OrderFilter
from bpp.storage.ports_demand import DemandFilter
from tests.support.callers import CALLER, booked
from tests.support.console import a_visitor, signed_in
from tests.support.tickets_console import complained

TAP = "/console/desk/offer?offering=GOMTI-TAP&pincode=226010"
PAINTER, PAINTING = "wall painting", "INDIRA-PAINT"


SAID = (
    ("nal theek karna", "226010"),
    ("नल ठीक करना", "226010"),
    ("tap repair", "226010"),
    ("nal theek karna 226010", ""),
    ("nal theek karna 226010", "221001"),
)


def found(q, path="/console/desk/find", **more):
    return f"{path}?{urlencode({'q': q, **more})}"


async def kept(visitor, offer=TAP, **fields):
    """The page of a quote whose time is kept."""
    page = await visitor.send(await visitor.get(offer), "/desk/offer", **fields)
    assert "/desk/quotes/" in page.url.path, page.words
    return page


def first(pattern, text):
    """What the brackets of a pattern found first."""
    return re.findall(pattern, text)[0]


def action(page):
    return page.url.path


async def booked_here(visitor, page, **fields):
    return await visitor.send(page, action(page), **{**CALLER, **fields})


async def orders(network):
    return await network.context.storage.read(lambda work: work.orders.find(OrderFilter()))


async def wishes(network):
    """How many searches that nobody could serve were counted."""
    which = DemandFilter(first=date.min, last=date.max)
    rows = await network.context.storage.read(lambda work: work.demand.report(which, ("reason",), 10))
    return sum(count for _, count in rows)


# Who has it


async def test_the_call_desk_is_where_an_operator_begins(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await visitor.get("/console/")

    assert (page.status, page.url.path) == (200, "/console/desk")


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.ACCOUNTANT, Role.OFFICER, Role.ENGINEER])
async def test_the_desk_is_for_nobody_else(network, role):
    async with signed_in(network, role) as visitor:
        answers = [
            (await visitor.get(path)).status
            for path in ("/console/desk", found("nal"), TAP, "/console/desk/quotes/Q", "/console/desk/booked/O")
        ]

    assert answers == [403] * 5


async def test_whoever_has_not_signed_in_finds_nothing(network):
    async with a_visitor(network) as visitor:
        assert (await visitor.get(found("nal"))).url.path == "/console/sign-in"


# What is found


async def test_spoken_words_find_who_comes_with_fee_rating_and_the_next_free_times(network):
    confirmed, _ = await network.completed()
    await journey.rate(network.buyer, confirmed, 5)
    async with signed_in(network, Role.OPERATOR) as visitor:
        for words, pincode in SAID:
            for path in ("/console/desk", "/console/desk/find"):
                page = await visitor.get(found(words, path, pincode=pincode))

                assert "Gomti Demo Services" in page.words
                assert "₹199.00" in page.words
                assert "★ 4.2 1 rating" in page.words
                assert "Lucknow 226010" in page.words
                assert re.search(r"Free: .*\d:\d\d [ap]m", page.words)


async def test_words_without_a_place_ask_for_the_pincode_and_a_pincode_for_words(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        assert "Please give the pincode" in (await visitor.get(found("nal theek karna"))).words
        assert "Now say what is wanted" in (await visitor.get(found("226010"))).words
        assert "not in Uttar Pradesh" in (await visitor.get(found("110001"))).words


async def test_a_wish_that_nobody_serves_is_counted_when_it_is_asked_and_not_while_it_is_typed(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        typed = await visitor.get(found("packers and movers", pincode="208001"))
        assert "Nobody does this in the district yet." in typed.words
        assert await wishes(network) == 0
        await visitor.get(found("packers and movers", "/console/desk", pincode="208001"))
        assert await wishes(network) == 1


async def test_an_id_that_no_order_has_is_no_wish(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await visitor.get(found("O-4711", "/console/desk", pincode="226010"))

    assert "No order has this number" in page.words
    assert await wishes(network) == 0


async def test_orders_are_found_by_telephone_number_and_ids_of_every_channel(network):
    theirs = await network.booked(order_id="BUYERS-1")
    ours = await booked(network.call, slot=3)
    number = ours["order_id"]
    async with signed_in(network, Role.OPERATOR) as visitor:
        pages = {
            text: (await visitor.get(found(text))).words
            for text in ("98111 22333", number, number.replace("-", " "), "BUYERS-1", theirs.transaction_id)
        }
        opened = await visitor.get(first(r'href="(/console/orders/[^"]+)"', (await visitor.get(found(number))).text))

    assert all(number in pages[text] for text in ("98111 22333", number, number.replace("-", " ")))
    assert all("BUYERS-1" in pages[text] for text in ("BUYERS-1", theirs.transaction_id))
    assert "The plumber comes on" in pages[number]
    assert opened.status == 200


async def test_a_caller_is_asked_by_part_of_name_and_telephone_and_nothing_else_is_shown(network):
    await booked(network.call)
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = (await visitor.get(found("9811122333"))).text.partition("<ul")[2]

    assert "R***" in page
    assert "******2333" in page
    assert not re.search("Rukmini|Vipul|98111", page)


async def test_of_many_orders_of_a_caller_the_newest_are_shown_and_that_there_are_older_ones_is_said(network):
    old = await booked(network.call)
    async with signed_in(network, Role.OPERATOR) as visitor:
        for hour in range(1, MOST_ORDERS):
            network.clock.tick(seconds=1)
            await booked(network.call, slot=hour)
        all_shown = await visitor.get(found("9811122333"))
        network.clock.tick(seconds=1)
        new = await booked(network.call, slot=MOST_ORDERS)
        newest = await visitor.get(found("9811122333"))

    assert old["order_id"] in all_shown.words
    assert "older ones" not in all_shown.words
    assert new["order_id"] in newest.words
    assert old["order_id"] not in newest.words
    assert "There are older ones, too" in newest.words


async def test_a_caller_who_says_the_number_of_a_complaint_is_led_to_it(network):
    number = await complained(network, (await booked(network.call))["ref"])
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await visitor.get(found(number.replace("-", " ")))
        complaint = await visitor.get(first(r'href="(/console/tickets/[^"]+)"', page.text))

    assert "This is the number of a complaint:" in page.words
    assert f"Complaint {number}" in complaint.words


async def test_a_number_that_was_misheard_is_nobodys_order(network):
    number = (await booked(network.call))["order_id"]
    wrong = f"{int(number[0]) % 9 + 1}{number[1:]}"
    async with signed_in(network, Role.OPERATOR) as visitor:
        assert "a digit was misheard" in (await visitor.get(found(wrong))).words
        assert "Nothing was booked with this telephone number" in (await visitor.get(found("9000000009"))).words
        assert "No order has this number" in (await visitor.get(found("12345"))).words


async def test_an_operator_sees_the_orders_that_were_had_last_and_no_one_elses(network):
    async with signed_in(network, Role.OPERATOR, login="asha") as asha:
        done = await booked_here(asha, await kept(asha))
        number = first(r"\d{3}-\d{3}-\d{3}", done.words)
        assert number in (await asha.get("/console/desk")).words
    async with signed_in(network, Role.OPERATOR, login="bano") as bano:
        assert number not in (await bano.get("/console/desk")).words


# What is booked


async def test_a_booking_says_the_fee_keeps_the_time_and_is_read_out_in_both_languages(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await kept(visitor)
        assert "Rs 199.00, tax included." in page.words
        assert "कर सहित ₹199.00" in page.words
        assert "The time is kept until 9:10 am" in page.words
        done = await booked_here(visitor, page)

    (order,) = await orders(network)
    assert (order.channel, order.state) == ("call_centre", "ASSIGNED")
    assert done.url.path == f"/console/desk/booked/{order.ref}"
    assert f"Booking {order.order_id}:" in done.words
    assert f"बुकिंग नंबर {order.order_id}:" in done.words


async def test_a_form_that_is_sent_twice_books_once(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await kept(visitor)
        first = await booked_here(visitor, page)
        second = await booked_here(visitor, page)
        again = await visitor.get(action(page))

    assert first.url.path == second.url.path
    assert len(await orders(network)) == 1
    assert "This is booked already." in again.words


@pytest.mark.parametrize(
    ("language", "fields", "words"),
    [
        ("en", {"phone": "98111 2233"}, "Please give a telephone number of ten digits."),
        ("hi", {"phone": "98111 2233"}, "कृपया दस अंकों का फ़ोन नंबर लिखें।"),
        ("en", {"pincode": "2260"}, "Please give a pincode of six digits."),
        ("hi", {"name": ""}, "कृपया इसे भरें"),
        ("en", {"pincode": "221001"}, "The provider does not come to this place."),
        ("en", {"total": "1.00"}, "The price or the time is another by now."),
        ("hi", {"total": "1.00"}, "इस बीच दाम या समय बदल गया है।"),
    ],
)
async def test_what_is_filled_in_wrongly_is_said_in_the_readers_language_and_what_was_typed_stays(
    network, language, fields, words
):
    async with signed_in(network, Role.OPERATOR, language) as visitor:
        page = await kept(visitor)
        refused = await booked_here(visitor, page, **fields)

    assert refused.status in {422, 409}
    assert words in refused.words
    assert CALLER["address"] in refused.text
    assert await orders(network) == []


async def test_a_time_that_was_taken_meanwhile_is_refused_with_those_that_are_free(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        offer = await visitor.get(painting())
        await network.selected(PAINTER, slot=0)
        refused = await visitor.send(offer, "/desk/offer")

        assert refused.status == 409
        assert "This time is not free." in refused.words
        assert ("autofocus" in offer.text, "autofocus" in refused.text) == (True, False), "it begins at what was wrong"
        assert offer.form("/desk/offer")[1]["start"] != refused.form("/desk/offer")[1]["start"]
        assert (await visitor.send(refused, "/desk/offer")).url.path.startswith("/console/desk/quotes/")


async def test_a_time_that_is_lost_after_it_was_kept_is_changed_on_the_same_page(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await kept(visitor, painting())
        network.clock.tick(minutes=11)
        assert "The time is not kept any more" in (await visitor.get(action(page))).words
        await network.booked(PAINTER, slot=0)
        lost = await booked_here(visitor, page)
        assert lost.status == 409
        assert "These times are still free." in lost.words
        assert '<a href="#field-start">' in lost.text, "what is wrong leads to where it is mended"
        assert lost.form(action(page))[1]["name"] == CALLER["name"]
        done = await visitor.send(lost, action(page))

    assert done.url.path.startswith("/console/desk/booked/")
    assert len({one.slot_start for one in await orders(network)}) == 2


async def test_where_more_is_wanted_than_fits_the_times_shown_are_those_that_fit(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        offer = await visitor.get(TAP)
        late = first(r'<option value="([^"]+)">[^<]*, 5:00', offer.text)
        refused = await visitor.send(offer, "/desk/offer", start=late, count="5")
        shown = re.findall(r'<option value="([^"]+)"', refused.text)
        page = await visitor.send(refused, "/desk/offer", start=shown[-1])

    assert refused.status == 409
    assert refused.form("/desk/offer")[1]["count"] == "5"
    assert late not in shown
    assert page.url.path.startswith("/console/desk/quotes/"), page.words


async def test_what_was_quoted_anew_in_another_window_is_not_booked_as_it_was_read_out_before(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        before = await kept(visitor)
        other = first(r'href="([^"]*/desk/offer[^"]*)"', before.text).replace("&amp;", "&")
        start = re.findall(r'<option value="([^"]+)"', (await visitor.get(other)).text)[3]
        await kept(visitor, other, start=start)
        refused = await booked_here(visitor, before)

        assert refused.status == 409
        assert "The price or the time is another by now." in refused.words
        assert await orders(network) == []
        await visitor.send(refused, action(before))

    (order,) = await orders(network)
    assert order.slot_start.isoformat() == start


@pytest.mark.parametrize("fields", [{"pincode": "here"}, {"choice-X": "a"}, {"choice-X": "1000"}, {"count": "1000"}])
async def test_what_no_field_of_ours_sends_is_refused_and_no_fault_of_ours(network, fields):
    async with signed_in(network, Role.OPERATOR) as visitor:
        refused = await visitor.send(await visitor.get(TAP), "/desk/offer", **fields)

    assert refused.status == 422


async def test_of_a_caller_and_a_buyer_app_who_want_one_time_at_once_one_has_it_and_the_other_is_offered_more(network):
    offered, _ = await network.offers(PAINTER)
    (offer, *_) = read_offers(offered.message)

    async def theirs(start) -> Any:
        message = select_message(offer, start, network.place)
        context = journey.following(offered)
        new = network.buyer.new_id()
        return (await journey.ask(network.buyer, "select", message, transaction_id=new, context=context)).callback

    async with signed_in(network, Role.OPERATOR) as visitor:
        for start in offer.starts[8::4][:5]:
            form = await visitor.get(painting())
            app, ours = await asyncio.gather(theirs(start), visitor.send(form, "/desk/offer", start=start.isoformat()))
            won = ours.url.path.startswith("/console/desk/quotes/")

            assert won is bool(app.error)
            if not won:
                assert "These times are still free." in ours.words
                assert f'value="{start.isoformat()}"' not in ours.text
                assert (await visitor.send(ours, "/desk/offer")).url.path.startswith("/console/desk/quotes/")
            network.clock.tick(minutes=11)  # the time that was kept is free again


async def test_a_service_with_choices_is_booked_with_them_and_not_without(network):
    cook = "/console/desk/offer?offering=AMIN-COOK&pincode=226010"
    dishes = {"part-AMIN-COOK-MEAL": "AMIN-COOK-LUNCH", "choice-AMIN-COOK-PERSON": "4"}
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await visitor.get(cook)
        lunch = first(r'value="([^"]+)">[^<]*, 1:00', page.text)
        refused = await visitor.send(page, "/desk/offer", start=lunch, **dishes)
        assert refused.status == 409
        assert "Something that must be chosen with this service is missing." in refused.words
        assert refused.form("/desk/offer")[1]["choice-AMIN-COOK-PERSON"] == "4"
        chosen = {**dishes, "choice-AMIN-COOK-DAL": "1", "choice-AMIN-COOK-ROTI": "1"}
        quote = await visitor.send(refused, "/desk/offer", start=lunch, **chosen)
        assert quote.url.path.startswith("/console/desk/quotes/"), quote.words
        await booked_here(visitor, quote)

    (order,) = await orders(network)
    assert order.total == "573.00"


async def test_a_lost_meal_is_moved_with_its_choices(network):
    cook = "/console/desk/offer?offering=AMIN-COOK&pincode=226010"
    chosen = {
        "part-AMIN-COOK-MEAL": "AMIN-COOK-LUNCH",
        "choice-AMIN-COOK-PERSON": "4",
        "choice-AMIN-COOK-DAL": "1",
        "choice-AMIN-COOK-ROTI": "1",
    }
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await visitor.get(cook)
        lunch, later = re.findall(r'value="([^"]+)">[^<]*, 1:00', page.text)[:2]
        quote = await visitor.send(page, "/desk/offer", start=lunch, **chosen)
        done = await booked_here(visitor, quote, start=later)

    (order,) = await orders(network)
    assert done.url.path == f"/console/desk/booked/{order.ref}"
    assert order.slot_start.isoformat() == later
    assert order.total == "573.00"


async def test_another_time_for_the_same_caller_lets_the_first_go(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await kept(visitor)
        other = first(r'href="([^"]*/desk/offer[^"]*)"', page.text).replace("&amp;", "&")
        start = re.findall(r'<option value="([^"]+)"', (await visitor.get(other)).text)[3]
        second = await kept(visitor, other, start=start)

    assert action(second) == action(page)


async def test_whoever_keeps_too_many_times_is_told_so_and_lets_one_go(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        starts = re.findall(r'<option value="([^"]+)"', (await visitor.get(TAP)).text)
        pages = [await kept(visitor, start=starts[place * 8]) for place in range(5)]
        sixth = await visitor.send(await visitor.get(TAP), "/desk/offer", start=starts[3])
        desk = await visitor.get("/console/desk")

        assert sixth.status == 409
        assert "You keep as many times for callers as one person may." in sixth.words
        assert "taken" not in sixth.words
        assert "These times are still free." not in sixth.words
        assert set(re.findall(r'href="(/console/desk/quotes/[^"?]+)"', desk.text)) == {action(one) for one in pages}
        assert desk.words.count("The time is kept until 9:10 am") == len(pages)

        gone = await visitor.send(pages[0], "/let-go")
        assert "The time is free for others again." in gone.words
        assert action(pages[0]) not in gone.text
        await kept(visitor, start=starts[3])
    async with signed_in(network, Role.OPERATOR, login="bano") as bano:
        assert "/desk/quotes/" not in (await bano.get("/console/desk")).text, "another's are another's"


async def test_the_time_of_a_booking_is_not_let_go_from_a_page_that_is_behind(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await kept(visitor)
        await booked_here(visitor, page)
        refused = await visitor.send(page, "/let-go")

    (order,) = await orders(network)
    assert (refused.status, order.state) == (409, "ASSIGNED")
    assert "This is booked already." in refused.words
    assert await network.context.storage.read(lambda work: work.slots.held_by(order.ref))


async def test_other_services_of_a_call_are_those_that_were_found_for_it(network):
    async with signed_in(network, Role.OPERATOR) as visitor:
        results = await visitor.get(found("nal theek karna 226010", phone="9811122333"))
        offer = await visitor.get(linked(results, "/desk/offer"))
        quote = await kept(visitor, str(offer.url.relative()))
        again = await visitor.get(linked(quote, "/desk"))
        by_number = await visitor.get(found("9811122333"))

    assert "Gomti Demo Services" in again.words
    assert "9811122333" in again.words, "the call goes on"
    assert "q=" not in linked(by_number, "/desk"), "a number is no wish"


def linked(page, path):
    """Where the first link of a page to a path with a query leads."""
    return html.unescape(first(rf'href="(/console{path}\?[^"]*)"', page.text))


async def test_the_confirmation_is_sent_in_the_callers_language_and_where_it_cannot_be_that_is_said(network, capsys):
    async with signed_in(network, Role.OPERATOR) as visitor:
        done = await booked_here(visitor, await kept(visitor))
        sent = await visitor.send(done, "/text", language="hi")

    assert "The text message is on its way." in sent.words
    assert "text message to 9811122333: बुकिंग नंबर" in capsys.readouterr().out


async def test_a_text_message_that_no_gateway_takes_is_said_to_be_read_out(network_without_gateway):
    async with signed_in(network_without_gateway, Role.OPERATOR) as visitor:
        done = await booked_here(visitor, await kept(visitor))
        refused = await visitor.send(done, "/text", language="hi")

    assert refused.status == 422
    assert "could not be sent. Please read the words out." in refused.words


@pytest.mark.parametrize(
    "path",
    ["/console/desk/quotes/NONE", "/console/desk/booked/NONE", "/console/desk/offer?offering=NONE&pincode=226010"],
)
async def test_what_there_is_not_is_not_found(network, path):
    async with signed_in(network, Role.OPERATOR) as visitor:
        assert (await visitor.get(path)).status == 404


async def test_a_buyer_apps_selection_is_no_quote_of_ours(network):
    chosen = await network.selected()
    peer = network.buyer.participant.subscriber_id
    draft = await network.context.storage.read(lambda work: work.orders.draft(peer, chosen.transaction_id))
    async with signed_in(network, Role.OPERATOR) as visitor:
        assert (await visitor.get(f"/console/desk/quotes/{draft.ref}")).status == 404


def painting():
    return f"/console/desk/offer?offering={PAINTING}&pincode=226010"
