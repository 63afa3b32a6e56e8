"""Documents of an earlier release: without customisation and offers, and with terms that nobody kept."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import time

import pytest
from alembic import command

from bpp.orders.model import Draft, Order
from bpp.storage.engine import upgrade
from bpp.storage.revisions import alembic_config
from bpp.storage.types import decode, encode
from catalog.customization import TimeOfDay
from catalog.model import Offering, Provider, RescheduleTerm
from catalog.money import Money
from catalog.terms import reschedule_problem
from tests.support.catalog_builders import a_customization, a_provider, an_offer, an_offering
from tests.support.order_builders import a_draft, an_order

LATER = {
    "dropped",
    "gender",
    "gender_required",
    "sent_at",
    "otp_after",
    "team_size",
    "offers",
    "categories",
    "customizations",
    "parent_item_id",
    "hours",
    "offer_id",
}


def without_later(value, *, of_provider=False):
    """A document as it was before: hours of providers and parents of offerings were there already."""
    if isinstance(value, dict):
        kept = LATER - ({"hours", "parent_item_id"} if of_provider else set())
        return {key: without_later(one, of_provider=of_provider) for key, one in value.items() if key not in kept}
    if isinstance(value, list):
        return [without_later(one, of_provider=of_provider) for one in value]
    return value


@pytest.mark.parametrize(
    "value", [a_provider(), an_offering(), a_draft(), an_order()], ids=lambda one: type(one).__name__
)
def test_an_earlier_document_is_the_value_without_choices_and_offers(value):
    of_provider = isinstance(value, Provider | Offering)
    earlier = json.dumps(without_later(json.loads(encode(value)), of_provider=of_provider))

    assert earlier != json.dumps(json.loads(encode(value)))
    assert decode(type(value), earlier) == value


def test_choices_and_offers_come_back_as_they_were_put():
    offering = an_offering(customizations=(a_customization("X", "A", attributes={"finish": "chrome"}),))
    provider = a_provider(offers=(an_offer(),))

    assert decode(Offering, encode(offering)) == offering
    assert decode(Provider, encode(provider)) == provider


@pytest.mark.parametrize(("kind", "made"), [(Draft, a_draft), (Order, an_order)])
def test_a_chosen_items_parent_and_hours_come_back(kind, made):

    item = replace(made().items[0], parent_item_id="BASE", hours=(TimeOfDay(starts=time(9), ends=time(11)),))
    value = made(items=(item,))

    assert decode(kind, encode(value)) == value


async def test_terms_of_before_promise_a_move_only_while_there_is_one(database, storage):
    (pending,) = a_provider().terms.reschedule
    on_the_way = RescheduleTerm(state="In-Transit", eligible=True, fee=Money.parse("99.00"), within="PT1H")
    terms = replace(a_provider().terms, reschedule=(pending, on_the_way))
    earlier, sound = a_provider(name="पुरानी फर्म", terms=terms), a_provider(id="P2")
    for one in (earlier, sound):
        await storage.run(lambda work, one=one: work.directory.put_provider(one))
    await asyncio.to_thread(command.downgrade, alembic_config(database), "0002")

    await upgrade(database)

    found = (await storage.read(lambda work: work.directory.load())).providers
    kept = replace(terms, reschedule=(pending, replace(on_the_way, eligible=False)))
    assert found == (replace(earlier, terms=kept), sound)
    assert [reschedule_problem(term) for one in found for term in one.terms.reschedule] == [None] * 3
