"""Support: whom to call about anything, and a wish to be called back about an order.

The numbers are those of the assertions in section 5 of the protocol reference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback
from tests.support.conversation import answer_to, check_conversation, events_of
from tests.support.effects import rows
from tests.support.network import Network

Json = dict[str, Any]
HELPLINE = ("155330", "support@sewamitra.example")


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def asked(network: Network, wanted: Json, buyer: Buyer | None = None) -> Json:
    """``support`` of the on_support that answers."""
    buyer = buyer or network.buyer
    told = await answer_to(await buyer.send("support", {"support": wanted}), buyer)
    assert not told.error  # 50004 is for those who give no support
    found: Json = told.message["support"]
    return found


async def noted(network: Network, confirmed: Callback) -> list[Json]:
    """What an operator sees of the wishes to be called."""
    _, order = await network.call("GET", f"/orders/{await network.ref(confirmed)}")
    return [one for one in order["timeline"] if one["name"] == "support_asked"]


async def test_a_wish_to_be_called_back_is_seen_by_the_call_centre(network: Network) -> None:  # 55
    confirmed = await network.booked(order_id="O-1")
    told = await asked(network, {"ref_id": "O-1", "callback_phone": "+91 98765-43210", "email": "a@example.in"})
    (wish,) = await noted(network, confirmed)

    assert (told["ref_id"], told["phone"], told["email"]) == ("O-1", *HELPLINE)
    assert (wish["kind"], wish["actor"], wish["source"], wish["target"]) == ("event", "buyer", "ASSIGNED", "ASSIGNED")
    fulfillment_id = confirmed.order["fulfillments"][0]["id"]
    assert wish["detail"] == {"fulfillment_id": fulfillment_id, "callback_phone": "+919876543210"}


async def test_the_wish_is_kept_in_each_database_and_changes_no_order(network_on_each: Network) -> None:  # 43, 55
    confirmed = await network_on_each.booked(order_id="O-1")
    ref = await network_on_each.ref(confirmed)
    before = await network_on_each.context.storage.read(lambda work: work.orders.get(ref))
    await asked(network_on_each, {"ref_id": "O-1", "callback_phone": "9876543210"})

    assert await events_of(network_on_each, ref) == ["assign", "support_asked"]
    after = await network_on_each.context.storage.read(lambda work: work.orders.get(ref))
    assert before is not None
    assert after is not None
    assert after.updated_at == before.updated_at


@pytest.mark.parametrize("phone", ["as soon as possible", "12", "9" * 20, "98765 43210 <b>"])
async def test_of_what_is_no_telephone_number_nothing_is_kept(network: Network, phone: str) -> None:  # 55
    confirmed = await network.booked(order_id="O-1")
    await asked(network, {"ref_id": "O-1", "callback_phone": phone})
    (wish,) = await noted(network, confirmed)

    assert "callback_phone" not in wish["detail"]


async def test_a_question_alone_leaves_nothing_behind(network: Network) -> None:  # 55
    confirmed = await network.booked(order_id="O-1")
    await asked(network, {"ref_id": "O-1"})
    await asked(network, {"ref_id": "O-1", "phone": "9876543210"})

    assert await noted(network, confirmed) == []


@pytest.mark.parametrize("state", ["completed", "cancelled"])
async def test_help_is_given_when_an_order_is_over_too(network: Network, state: str) -> None:  # 55
    if state == "completed":
        confirmed, _ = await network.completed(order_id="O-1")
    else:
        confirmed = await network.booked(order_id="O-1")
        await network.pushed(confirmed, "cancel", reason="011")
    told = await asked(network, {"ref_id": "O-1", "callback_phone": "9876543210"})

    assert (told["phone"], told["email"]) == HELPLINE
    assert len(await noted(network, confirmed)) == 1


@pytest.mark.parametrize("ref_id", ["GOMTI-TAP", "P-GOMTI", "of nobody", None])
async def test_for_anything_else_there_is_the_general_contact_and_no_number_is_kept(
    network: Network, ref_id: str | None
) -> None:  # 55
    await network.booked(order_id="O-1")
    await network.settled()
    before = (await rows(network.settings.database_url))["order_events"]
    wanted = {"callback_phone": "9876543210", **({"ref_id": ref_id} if ref_id else {})}
    told = await asked(network, wanted)

    assert told.get("ref_id") == ref_id
    assert (told["phone"], told["email"]) == HELPLINE
    async with network.session.get(told["url"]) as page:
        assert page.status == 200
    assert (await rows(network.settings.database_url))["order_events"] == before


async def test_a_stranger_notes_nothing_and_learns_nothing(network: Network) -> None:  # 36, 55
    confirmed = await network.booked(order_id="O-1")
    wanted = {"ref_id": "O-1", "callback_phone": "9876543210"}
    theirs = await asked(network, wanted, network.second_buyer)

    assert await noted(network, confirmed) == []
    assert theirs == await asked(network, wanted)
    assert len(await noted(network, confirmed)) == 1
