"""What a message teaches of its sender: its own words, not copies of ours, and only what is new."""

from __future__ import annotations

import pytest

from beckn_schemas.spellings import FEE_CODES
from bpp.actions.dialects import hear, in_dialect, learn
from bpp.domains.dialect import CANONICAL, Dialect
from bpp.inbound.decode import decode
from bpp.orders.model import Payment
from catalog.money import Money
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.clock import FakeClock
from tests.support.couriers import worlds_of
from tests.support.order_builders import BAP, a_draft, a_peer, an_order
from tests.support.request_builders import REQUESTS

OURS, MIXED, BARE = FEE_CODES
PAYMENT = Payment(id="PAY1", type="PRE-FULFILLMENT", collected_by="BAP", amount=Money(19900))


def message(action, **order):
    """A request of the buyer app with other parts in its order."""
    known = REQUESTS[action]
    context = known["context"] | {"bap_id": BAP}
    return decode(action, {"context": context, "message": {**known["message"], **in_order(known, order)}}, CANONICAL)


def in_order(known, order):
    return {"order": known["message"]["order"] | order} if "order" in known["message"] else {}


def paid(spelling):
    rows = [{"descriptor": {"code": code}, "value": "3"} for code in FEE_CODES[spelling]]
    tag = {"descriptor": {"code": "Buyer_Finder_Fee"}, "list": rows}
    return [{"id": "PAY1", "type": "PRE-FULFILLMENT", "status": "NOT-PAID", "tags": [tag]}]


async def heard(storage, request):
    """Hear a message and learn from it, as the unit that handles it does."""

    async def unit(work):
        world = await worlds_of(FakeClock()).current(work)
        found = await hear(request, work, world)
        await learn(found, work, world)
        return found

    return await storage.run(unit)


async def known(storage):
    return await storage.read(lambda work: work.traits.of(BAP))


async def keep(storage, *, draft=None, order=None):
    async def unit(work):
        if draft is not None:
            await work.orders.save_draft(draft, NOW)
        if order is not None:
            await work.orders.add(order, NOW)

    await storage.run(unit)


async def test_a_message_is_answered_in_the_dialect_that_it_shows_itself(storage):
    found = await heard(storage, message("confirm", status="Created"))

    assert found.request.dialect == Dialect(status_case="title")
    assert await known(storage) == {"status_case": "title"}


async def test_what_is_known_is_shown_again_but_is_no_news(storage):
    request = message("confirm", status="Created")
    await heard(storage, request)
    again = await heard(storage, request)

    assert again.shown == request.shown
    assert again.news == ()


async def test_a_message_without_a_status_is_answered_in_what_was_learned_before(storage):
    await heard(storage, message("confirm", status="Created"))
    found = await heard(storage, message("init"))

    assert found.request.dialect.status_case == "title"


async def test_later_evidence_takes_the_place_of_earlier(storage):
    await heard(storage, message("confirm", status="Created"))
    found = await heard(storage, message("confirm", status="CREATED"))

    assert found.request.dialect == CANONICAL
    assert await known(storage) == {"status_case": "upper"}


@pytest.mark.parametrize("action", ["init", "confirm"])
async def test_payments_before_any_on_init_are_the_buyer_apps_own_words(storage, action):
    await keep(storage, draft=a_draft())
    found = await heard(storage, message(action, payments=paid(OURS)))

    assert found.request.dialect.finder_fee == OURS
    assert (await known(storage))["finder_fee"] == OURS


async def test_a_confirm_that_copies_the_payments_of_on_init_teaches_nothing_of_the_fee(storage):
    await keep(storage, draft=a_draft(peer=a_peer(finder_fee=BARE), payments=(PAYMENT,)))
    found = await heard(storage, message("confirm", payments=paid(BARE)))

    assert [one.trait for one in found.shown] == ["status_case"]
    assert "finder_fee" not in await known(storage)


async def test_a_confirm_that_spells_the_fee_otherwise_than_on_init_did_is_believed(storage):
    await keep(storage, draft=a_draft(payments=(PAYMENT,)))
    found = await heard(storage, message("confirm", payments=paid(MIXED)))

    assert found.request.dialect.finder_fee == MIXED
    assert (await known(storage))["finder_fee"] == MIXED


COPY = {"status": "Accepted", "cancellation": {"cancelled_by": "PROVIDER"}}


async def test_an_order_that_comes_back_as_we_wrote_it_teaches_nothing(storage):
    ours = a_peer(status_case="title", cancelled_by="PROVIDER", finder_fee=BARE)
    await keep(storage, order=an_order(peer=ours))
    found = await heard(storage, message("update", **COPY, payments=paid(BARE)))

    assert found.shown == ()
    assert await known(storage) == {}


async def test_an_order_that_comes_back_in_other_words_shows_those_of_the_buyer_app(storage):
    await keep(storage, order=an_order())
    await heard(storage, message("update", **COPY, payments=paid(MIXED)))

    assert await known(storage) == {"status_case": "title", "cancelled_by": "PROVIDER", "finder_fee": MIXED}


async def test_an_update_of_an_order_that_nobody_knows_is_heard_without_fail(storage):
    assert (await heard(storage, message("update", **COPY))).news


@pytest.mark.parametrize("action", ["status", "cancel", "support", "rating", "select", "track"])
async def test_a_message_that_shows_nothing_and_whose_answer_needs_nothing_is_left_as_it_is(storage, action):
    request = message(action)

    assert (await heard(storage, request)).request is request


async def test_two_processes_speak_alike_at_once(storage, storages):
    other = storages()
    await heard(storage, message("confirm", status="Created"))
    found = await heard(other, message("init"))
    await heard(other, message("confirm", status="CREATED"))

    assert found.request.dialect.status_case == "title"
    assert (await heard(storage, message("init"))).request.dialect.status_case == "upper"


def test_a_draft_of_another_channel_has_nobody_to_speak_to():
    draft = a_draft(channel="portal", peer=None)

    assert in_dialect(draft, Dialect(status_case="title")) is draft
    assert in_dialect(None, CANONICAL) is None
