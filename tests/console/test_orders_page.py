"""The page of one order: everything that happened to it in plain words, to each role what it may see."""

from __future__ import annotations

import html
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from bpp.core.retention import RetentionPolicy, forget
from bpp.orders.states import Event, Stage
from bpp.people.model import Role
from bpp.sandbox import journey
from bpp.sandbox.exchange import nacked
from bpp.sandbox.identities import SECOND_BUYER
from bpp.storage.ports_messages import FIRST_TOLD, LAST_TOLD
from tests.support.console import signed_in
from tests.support.orders_console import by_telephone, did, of_buyer_app, offered, opened, seat

RAW = [*Stage, *(one.value for one in Event if "_" in one), "on_select", "acked", "PRE-FULFILLMENT", "BAP", "ondc"]
DIGEST = re.compile(r"<code>[A-Za-z0-9+/]{86}==</code>")
LIFE = {
    "en": [
        "The buyer app searched.",
        "Price and time were sent to the buyer app.",
        "The confirmation was sent to the buyer app.",
        "The order was booked, and a worker was assigned.",
        "The worker set off.",
        "The worker reached the door.",
        "The work began.",
        "The work was finished.",
    ],
    "hi": [
        "ऐप ने खोज की।",
        "ऐप को दाम और समय भेजा गया।",
        "ऐप को बुकिंग की पुष्टि भेजी गई।",
        "बुकिंग हुई, और सेवामित्र तय हुए।",
        "सेवामित्र निकल पड़े।",
        "सेवामित्र दरवाज़े पर पहुँचे।",
        "काम शुरू हुआ।",
        "काम पूरा हुआ।",
    ],
}


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_the_whole_life_of_an_order_is_told_in_order_of_time_and_in_plain_words(network, language):
    confirmed, _ = await network.completed()
    await network.settled()
    ref = await network.ref(confirmed)

    async with signed_in(network, Role.OPERATOR, language) as visitor:
        page = await opened(visitor, ref)

    places = [page.words.find(text) for text in LIFE[language]]
    assert -1 not in places
    assert places == sorted(places)
    assert [raw for raw in RAW if re.search(rf"\b{raw}\b", page.words)] == []
    assert "Further" not in page.words
    assert {"en": "Provider, wallet", "hi": "सेवा प्रदाता, वॉलेट"}[language] in page.words, "the books"
    assert {"en": "Why this worker, and why not others", "hi": "यही सेवामित्र क्यों"}[language] in page.words
    assert {"en": "Chosen: Asha Demo: ", "hi": "चुने गए: Asha Demo: "}[language] in page.words


async def test_of_an_order_that_is_asked_for_all_day_the_page_shows_the_first_and_the_last_messages(network):
    ref, confirmed = await of_buyer_app(network)
    await network.settled()
    with closing(sqlite3.connect(network.settings.database_url.partition("///")[2])) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(message_log)") if row[1] != "seq"]
        names = ", ".join(f'"{one}"' for one in columns)
        whose = (confirmed.transaction_id, "select")
        asked = f"SELECT {names} FROM message_log WHERE transaction_id = ? AND action = ? LIMIT 1"  # noqa: S608  ours
        (row,) = connection.execute(asked, whose)
        holders = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO message_log ({names}) VALUES ({holders})", [row] * 700)  # noqa: S608
        connection.commit()
        counting = "SELECT count(*) FROM message_log WHERE transaction_id = ?"
        ((logged,),) = connection.execute(counting, whose[:1])

    async with signed_in(network, Role.OPERATOR, "en") as visitor:
        page = await opened(visitor, ref)
    _, told = await network.call("GET", f"/orders/{ref}")

    left_out = logged - FIRST_TOLD - LAST_TOLD
    assert f"{left_out} messages that came and went between are not shown" in page.words
    assert page.words.count("The buyer app chose a service and a time") <= FIRST_TOLD + LAST_TOLD
    assert told["messages_left_out"] == left_out
    assert sum(one["kind"] == "message" for one in told["timeline"]) == FIRST_TOLD + LAST_TOLD


async def test_services_and_providers_have_their_hindi_names_for_whoever_reads_hindi_and_the_network_is_told_as_ever(
    network,
):
    ref, confirmed = await of_buyer_app(network)
    await network.pushed(confirmed, "requote", lines=[{"title": "Putty", "price": "150.00"}])
    english, hindi = "Tap & Mixer Repair", "नल और मिक्सर की मरम्मत"
    async with signed_in(network, Role.OPERATOR, "hi") as visitor:
        pages = [html.unescape((await opened(visitor, ref, what)).words) for what in ("", "cancel", "accept_quote")]

    assert all(hindi in page for page in pages[:2])
    assert [page.count(english) for page in pages] == [0, 0, 0]
    assert all("Putty" in pages[place] for place in (0, 2)), "what somebody typed stays"
    assert english in json.dumps(confirmed.order)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The provider does not offer this service."), ("hi", "सेवा प्रदाता यह सेवा नहीं देते।")],
)
async def test_why_a_buyer_app_was_refused_is_said_in_words_with_the_official_message(network, language, words):
    found, offers = await network.offers()
    with pytest.raises(journey.Refused):
        await journey.select(
            network.buyer, found, replace(offers[0], item_id="NO-SUCH"), offers[0].starts[0], network.place
        )
    chosen = (await journey.select(network.buyer, found, offers[0], offers[0].starts[0], network.place)).callback
    ready = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
    confirmed = (await journey.confirm(network.buyer, ready)).callback

    async with signed_in(network, Role.OPERATOR, language) as visitor:
        page = await opened(visitor, await network.ref(confirmed))

    assert words in page.words
    assert "30004: " in page.words


async def test_why_a_buyer_app_refused_us_is_said_and_an_engineer_sends_it_again(network):
    network.buyer.script("on_status", nacked("20007"))
    ref, confirmed = await of_buyer_app(network)
    await network.event(confirmed, "depart")
    await network.settled()

    async with signed_in(network, Role.ENGINEER) as visitor:
        page = await opened(visitor, ref)
        assert "The buyer app does not expect this state of the order." in page.words
        where = re.findall(rf'href="(/console/orders/{ref}/callbacks/\d+)"', page.text)[-1]
        callback = await visitor.get(where)
        assert "Refused by the buyer app" in callback.words
        before = len(network.buyer.callbacks)
        network.clock.tick(seconds=1)
        action, fields = callback.form("/again")
        first, second = await visitor.post(action, fields), await visitor.post(action, fields)
        await network.settled()
        later = await visitor.get(where)

    assert "It is being sent again now." in first.words
    assert second.status == 200, "the same showing of the form does it once"
    assert len(network.buyer.callbacks) == before + 1
    assert "Delivered" in later.words
    assert later.text.count('<th scope="row" class="count">') == 2, "both tries are told"


async def test_an_answer_that_took_its_place_cannot_be_sent_again(network):
    ref, _ = await of_buyer_app(network)
    async with signed_in(network, Role.ENGINEER) as visitor:
        for path in (f"{ref}/callbacks/999999", f"{ref}/callbacks/x", f"{ref}/messages/999999", f"{ref}/messages/x"):
            assert (await visitor.get(f"/console/orders/{path}")).status == 404


async def test_what_changed_in_the_price_from_one_stage_to_the_next_is_marked(network):
    ref, confirmed = await of_buyer_app(network)
    async with signed_in(network, Role.OPERATOR) as visitor:
        same = await opened(visitor, ref)
        await network.pushed(confirmed, "cancel", reason="011")
        changed = await opened(visitor, ref)

    assert "The price was the same at every stage." in same.words
    assert "changed" not in re.findall(r'class="money( changed)?"', same.text)
    assert "After change 1" in changed.words
    assert 'class="money changed">₹0.00' in changed.text
    assert "the customer cannot be reached" in changed.words


async def test_an_engineer_sees_messages_with_what_is_personal_masked_and_an_administrator_as_they_were_sent(network):
    ref, confirmed = await of_buyer_app(network)
    name, phone = network.customer.name, network.customer.phone

    seen = {}
    for role in (Role.ENGINEER, Role.ADMIN):
        async with signed_in(network, role) as visitor:
            page = await opened(visitor, ref)
            links = re.findall(rf'href="(/console/orders/{ref}/(?:messages|callbacks)/\d+)"', page.text)
            shown = [await visitor.get(one) for one in dict.fromkeys(links)]
            assert {one.status for one in shown} == {200}
            seen[role] = (page, shown)

    for page in (seen[Role.ENGINEER][0], *seen[Role.ENGINEER][1]):
        assert name not in page.text
        assert phone not in page.text
    whole = [page.text for page in seen[Role.ADMIN][1]]
    assert any(name in text and phone in text for text in whole)
    asked = next(text for text in whole if confirmed.order["id"] in text and "came in from" in text)
    told = next(text for text in whole if confirmed.order["id"] in text and "went out to" in text)
    assert len(DIGEST.findall(asked)) == 3, "signature and both digests"
    assert "Signature keyId=" in told, "the header that we sent"


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.PROVIDER, Role.OFFICER, Role.ACCOUNTANT])
async def test_nobody_else_sees_messages_as_they_were_sent(network, role):
    ref, _ = await of_buyer_app(network)

    async with signed_in(network, role, **await seat(network, role, ref)) as visitor:
        page = await opened(visitor, ref)
        assert page.status == 200
        assert "/messages/" not in page.text
        assert "/callbacks/" not in page.text
        assert (await visitor.get(f"/console/orders/{ref}/messages/1")).status == 403
        assert (await visitor.get(f"/console/orders/{ref}/callbacks/1")).status == 403


async def test_a_message_of_another_order_is_not_found_under_this_one(network):
    ref, _ = await of_buyer_app(network)
    other, _ = await of_buyer_app(network, slot=3)

    async with signed_in(network, Role.ADMIN) as visitor:
        page = await opened(visitor, other)
        numbers = re.findall(rf'href="/console/orders/{other}/((?:messages|callbacks)/\d+)"', page.text)
        assert numbers
        assert {(await visitor.get(f"/console/orders/{ref}/{one}")).status for one in numbers} == {404}


MASKED = {
    Role.OPERATOR: (True, True),
    Role.PROVIDER: (True, True),
    Role.OFFICER: (False, True),
    Role.ACCOUNTANT: (False, False),
    Role.ENGINEER: (False, False),
}
"""Whether each role sees the customer and the worker."""


@pytest.mark.parametrize(("role", "sees"), MASKED.items())
async def test_each_role_sees_of_people_what_its_work_needs(network, role, sees):
    ref, _ = await of_buyer_app(network)

    async with signed_in(network, role, **await seat(network, role, ref)) as visitor:
        page = await opened(visitor, ref)

    assert (network.customer.phone in page.text, "Asha Demo" in page.text) == sees
    assert ("Provider, wallet" in page.words or "Buyer app, money collected" in page.words) == (
        role in {Role.OPERATOR, Role.ACCOUNTANT}
    )


async def test_a_complaint_stands_on_the_orders_page_for_those_who_answer_it_and_for_nobody_else(network):
    ref = await by_telephone(network)
    async with signed_in(network, Role.OPERATOR) as visitor:
        noted = await did(visitor, ref, "complain", complaint="The tap drips worse than before")
        number = noted.url.path.rpartition("/")[2]
    readers = {}
    for role in (Role.PROVIDER, Role.OFFICER, Role.ACCOUNTANT, Role.ENGINEER, Role.ADMIN):
        async with signed_in(network, role, **await seat(network, role, ref)) as visitor:
            readers[role] = number in (await opened(visitor, ref)).words

    assert {role for role, sees in readers.items() if sees} == {Role.PROVIDER, Role.OFFICER, Role.ADMIN}


HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"


async def test_what_others_wrote_is_text_on_every_page(network):
    caller = {"name": HOSTILE, "phone": "+91 98111 22333", "address": HOSTILE}
    ref = await by_telephone(network, caller=caller)
    theirs, confirmed = await of_buyer_app(network, slot=3, order_id=f"O-1{HOSTILE[:40]}")
    await network.event(confirmed, "requote", lines=[{"title": HOSTILE, "price": "10.00"}])
    async with signed_in(network, Role.ADMIN) as visitor:
        await did(visitor, ref, "complain", complaint=HOSTILE)
        await did(visitor, ref, "give_up", reason="011", own_words=HOSTILE)
        paths = [f"/console/orders/{one}" for one in (ref, theirs)]
        paths += [f"/console/orders/{theirs}/{one}" for one in ("accept_quote", "reject_quote", "cancel", "complain")]
        page = await visitor.get(paths[1])
        paths += re.findall(rf'href="(/console/orders/{theirs}/(?:messages|callbacks)/\d+)"', page.text)
        shown = [await visitor.get(one) for one in (*paths, "/console/orders")]
        refused = await visitor.get(f"/console/orders?number={'%3Cscript%3Ealert(1)%3C/script%3E'}")

    for page in (*shown, refused):
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert len(re.findall("<script", page.text)) == 1, "only our own"
    assert "&lt;script&gt;alert" in shown[0].text


async def test_an_order_that_was_forgotten_can_still_be_looked_at(network):
    confirmed, _ = await network.completed()
    await network.settled()
    ref = await network.ref(confirmed)
    policy = RetentionPolicy(**{one.name: timedelta() for one in fields(RetentionPolicy)})
    await forget(network.context.storage, policy, network.clock() + timedelta(days=1))

    async with signed_in(network, Role.ADMIN) as visitor:
        page = await opened(visitor, ref)
        where = re.findall(rf'href="(/console/orders/{ref}/messages/\d+)"', page.text)[-1]
        message = await visitor.get(where)

    assert page.status == 200
    assert "The work was finished." in page.words
    assert network.customer.phone not in page.text
    assert "Not kept, erased, or not to be read by your role." in message.words


async def test_orders_of_others_are_not_there(network):
    ref, _ = await of_buyer_app(network)
    world = await network.context.storage.read(network.context.worlds.current)
    seller = (await network.call("GET", f"/orders/{ref}"))[1]["provider_id"]
    other = next(one for one in world.catalog.providers if one != seller)
    worker = next(one.id for one in world.catalog.workers.values() if one.provider_id == other)
    strangers = {
        Role.PROVIDER: {"login": "other-firm", "provider_id": other},
        Role.OFFICER: {"login": "other-officer", "district": "199"},
        Role.WORKER: {"login": "other-worker", "worker_id": worker},
    }

    for role, more in strangers.items():
        async with signed_in(network, role, **more) as visitor:
            assert (await opened(visitor, ref)).status == 404, role
            csrf = (await visitor.get("/console/account")).form("language")[1]["csrf"]
            for what in ("accept", "cancel", "give_up", "assign", "complain"):
                asked = await opened(visitor, ref, what)
                sent = await visitor.post(f"/console/orders/{ref}/{what}", {"csrf": csrf})
                assert (asked.status, sent.status) != (200, 200), (role, what)
                assert {asked.status, sent.status} <= {403, 404, 422}, (role, what)
    assert (await network.call("GET", f"/orders/{ref}"))[1]["state"] == "ASSIGNED"


OFFERED = {
    Role.OPERATOR: {
        "assign", "reassign", "unassign", "depart", "reschedule", "move", "requote", "complain", "cancel", "give_up",
        "pay",
    },
    Role.PROVIDER: {"assign", "reassign", "unassign", "depart", "move", "requote", "give_up"},
    Role.OFFICER: {"complain"},
    Role.ACCOUNTANT: {"pay"},
    Role.ENGINEER: set(),
}  # fmt: skip


@pytest.mark.parametrize(("role", "names"), OFFERED.items())
async def test_each_role_is_offered_what_it_may_do_now(network, role, names):
    ref = await by_telephone(network, payment="PRE-FULFILLMENT", slot=20)

    async with signed_in(network, role, **await seat(network, role, ref)) as visitor:
        page = await opened(visitor, ref)

    assert set(offered(page, ref)) == names


async def test_the_list_is_filtered_and_paged_within_the_reach_of_each(network):
    ref, confirmed = await of_buyer_app(network)
    mine = await by_telephone(network, slot=3)
    theirs = await network.booked(buyer=network.second_buyer, slot=5)
    world = await network.context.storage.read(network.context.worlds.current)
    seller = (await network.call("GET", f"/orders/{ref}"))[1]["provider_id"]
    other = next(one for one in world.catalog.providers if one != seller)
    everything = {ref, mine, await network.ref(theirs)}
    day = network.clock().date()
    queries = {
        "": everything,
        f"?day={day}": everything,
        f"?day={day - timedelta(days=1)}": set(),
        "?state=ASSIGNED": everything,
        "?state=STARTED": set(),
        "?channel=call_centre": {mine},
        f"?bap={SECOND_BUYER.subscriber_id}": {await network.ref(theirs)},
        f"?provider={seller}": everything,
        f"?provider={other}": set(),
        f"?number=+{confirmed.order['id']}+": {ref},
    }

    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        found = {query: listed(await visitor.get(f"/console/orders{query}")) for query in queries}
        assert (await visitor.get("/console/orders?state=nonsense")).status == 400
    async with signed_in(network, Role.PROVIDER, login="other", provider_id=other) as visitor:
        assert listed(await visitor.get("/console/orders")) == set()
        assert (await visitor.get(f"/console/orders?provider={seller}")).status == 404
    async with signed_in(network, Role.PROVIDER, login="owner", provider_id=seller) as visitor:
        assert listed(await visitor.get("/console/orders")) == everything
    async with signed_in(network, Role.OFFICER) as visitor:
        assert listed(await visitor.get("/console/orders")) == everything
    async with signed_in(network, Role.OFFICER, login="far", district="199") as visitor:
        assert listed(await visitor.get("/console/orders")) == set()
    async with signed_in(network, Role.WORKER, worker_id=next(iter(world.catalog.workers))) as visitor:
        assert (await visitor.get("/console/orders")).status == 403

    assert found == queries


async def test_older_orders_come_page_by_page(network):
    made = []
    for slot in (0, 3, 6):
        network.clock.tick(seconds=1)
        made.append(await by_telephone(network, slot=slot))

    async with signed_in(network, Role.OPERATOR) as visitor:
        first = await visitor.get("/console/orders?channel=call_centre&limit=2")
        where, fields = first.forms()[-1]
        query = "&".join(f"{name}={value}" for name, value in fields.items())
        second = await visitor.get(f"{where}?{query}")

    assert listed(first) == set(made[1:])
    assert listed(second) == {made[0]}
    assert "channel=call_centre" in query


def listed(page):
    """The orders in the list."""
    return set(re.findall(r'href="/console/orders/([^"/]+)"', page.text))
