"""Faults of init and confirm: what ``agreeing``, ``making``, ``settling`` and ``deciding`` must find."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bpp.sandbox.identities import SECOND_BUYER
from tests.conformance.faulty_seller import Honest, Outgoing, Reply, Story
from tests.conformance.ground import LAPSING
from tests.conformance.planted import ACK, Changes, Json, NeverRefuses, Planted, fails, says
from tests.support.json_edit import DELETE, edited

ORDER = "message.order"
CUSTOMER = f"{ORDER}.fulfillments[0].stops[1]"
"""The customer's stop in an on_confirm; an on_init has no other."""
FIRST = f"{ORDER}.fulfillments[0].stops[0]"
PAYMENT = f"{ORDER}.payments[0]"
WAIT = 5.0


def _answer(request: Json, action: str, order: Json) -> Outgoing:
    """A callback that the real server never sent."""
    return Outgoing({"context": {**request["context"], "action": action}, "message": {"order": order}})


class SellsTwice(Honest):
    """Sells the last visit to everybody who asks."""

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """An on_select or on_init without its error."""
        return [Outgoing(edited(document, "error", DELETE))]

    def reply(self, action: str, request: Json, reply: Reply, story: Story) -> Reply:
        """ACK to every confirm."""
        return Reply(reply.status, ACK) if action == "confirm" else reply

    async def besides(self, action: str, request: Json, send: Callable[[Outgoing], Awaitable[None]]) -> None:
        """An order for every confirm."""
        if action == "confirm":
            await send(_answer(request, "on_confirm", {**request["message"]["order"], "status": "ACCEPTED"}))


class KeepsRefused(Honest):
    """Refuses a confirm and makes an order of it all the same."""

    def reply(self, action: str, request: Json, reply: Reply, story: Story) -> Reply:
        """ACK to every status."""
        return Reply(200, ACK) if action == "status" else reply

    async def besides(self, action: str, request: Json, send: Callable[[Outgoing], Awaitable[None]]) -> None:
        """An order for every status."""
        if action == "status":
            order = {"id": request["message"]["order_id"], "status": "ACCEPTED"}
            await send(_answer(request, "on_status", order))


def _as_found_first(document: Json, story: Story) -> Json:
    first = next(one for one in story.callbacks if one["context"]["action"] == "on_search")
    return {**document, "message": first["message"]}


def _refused(document: Json) -> bool:
    return "error" in document


def _of_second_buyer(document: Json) -> bool:
    return bool(document["context"]["bap_id"] == SECOND_BUYER.subscriber_id)


def _plant(check: str, name: str, action: str, path: str, value: object) -> Planted:
    return Planted(name=name, check=check, seller=Changes(action, says(path, value)))


ECHOES: tuple[Planted, ...] = (
    _plant("billing", "another name on the bill", "on_init", f"{ORDER}.billing.name", "Somebody Else"),
    _plant("agreed_items", "three of it", "on_init", f"{ORDER}.items[0].quantity.selected.count", 3),
    _plant("agreed_provider", "another provider", "on_confirm", f"{ORDER}.provider.id", "P-AMIN"),
    _plant("agreed_terms", "later", "on_confirm", f"{ORDER}.cancellation_terms[0].cancel_by.duration", "PT9H"),
    _plant("agreed_quote", "a rupee more", "on_confirm", f"{ORDER}.quote.price.value", "200.00"),
    _plant("held_slot", "a later end", "on_confirm", f"{CUSTOMER}.time.range.end", "2026-11-28T05:30:00.000Z"),
    _plant("agreed_fulfillment", "another fulfillment", "on_init", f"{ORDER}.fulfillments[0].id", "F-2"),
    _plant("customer_echoed", "another address", "on_confirm", f"{CUSTOMER}.location.address", "Elsewhere 1"),
    _plant("confirmed_id", "a number of its own", "on_confirm", f"{ORDER}.id", "S-1"),
    _plant("created_at", "created earlier", "on_confirm", f"{ORDER}.created_at", "2026-11-01T05:30:00.000Z"),
    _plant("status_case", "a title", "on_confirm", f"{ORDER}.status", "Accepted"),
)
MONEY: tuple[Planted, ...] = (
    _plant("amount_due", "a rupee more is due", "on_init", f"{PAYMENT}.params.amount", "200.00"),
    _plant("payment_type_stays", "paid to the worker", "on_init", f"{PAYMENT}.type", "ON-FULFILLMENT"),
    _plant("payment_echo", "the old payment id", "on_confirm", f"{PAYMENT}.id", "P-1"),
    _plant("finder_fee", "a smaller fee", "on_init", f"{PAYMENT}.tags[2].list[1].value", "1"),
    _plant("agreed_settlement", "another account", "on_confirm", f"{PAYMENT}.tags[0].list[3].value", "999999999999"),
)
TRIED: tuple[Planted, ...] = (
    Planted(
        name="no fulfillments either",
        check="init_without_fulfillments",
        scenario="init_variants",
        seller=Changes("on_init", says(f"{ORDER}.fulfillments", [])),
    ),
    Planted(
        name="silence after an init of nothing",
        check="init_without_select",
        scenario="init_variants",
        seller=NeverRefuses("init"),
    ),
    Planted(
        name="a lost slot is not told",
        check="init_of_lost_slot",
        scenario="slot_lost",
        seller=Changes("on_init", says("error", DELETE)),
        settings=LAPSING,
        longest_wait=WAIT,
    ),
    Planted(
        name="a lapsed quote is not told",
        check="quote_expired",
        scenario="quote_expired",
        seller=Changes("on_confirm", says("error", DELETE)),
        settings=LAPSING,
        longest_wait=WAIT,
    ),
    *(
        Planted(
            name="odd confirms are refused",
            check=check,
            scenario="confirm_variants",
            seller=Changes("on_confirm", fails("30000")),
        )
        for check in ("confirm_unpaid", "confirm_odd_range")
    ),
    *(
        Planted(
            name="silence after a confirm", check=check, scenario="confirm_refusals", seller=NeverRefuses("confirm")
        )
        for check in ("paid_without_transaction", "altered_quote")
    ),
    Planted(
        name="an order all the same", check="refused_is_no_order", scenario="confirm_refusals", seller=KeepsRefused()
    ),
)
MORE: tuple[Planted, ...] = (
    _plant("agreed_quote", "another line", "on_init", f"{ORDER}.quote.breakup[0].title", "Something else"),
    _plant("held_slot", "an earlier start", "on_init", f"{FIRST}.time.range.start", "2026-11-23T04:30:00.000Z"),
    _plant("customer_echoed", "another telephone", "on_init", f"{FIRST}.contact.phone", "9800000009"),
    _plant("payment_echo", "paid by something else", "on_confirm", f"{PAYMENT}.params.transaction_id", "T-1"),
    _plant("agreed_provider", "another provider in on_init", "on_init", f"{ORDER}.provider.id", "P-AMIN"),
    Planted(
        name="a lost slot without others",
        check="init_of_lost_slot",
        scenario="slot_lost",
        seller=Changes("on_init", says(f"{ORDER}.items[0].time.schedule.times", []), where=_refused),
        settings=LAPSING,
        longest_wait=WAIT,
    ),
    Planted(
        name="nobody gets the last visit",
        check="one_of_two",
        scenario="last_unit",
        seller=Changes("on_confirm", says(f"{ORDER}.status", "CANCELLED")),
    ),
    Planted(
        name="the second order of an id is refused",
        check="one_id_two_orders",
        scenario="same_order_id",
        seller=Changes("on_confirm", fails("31002"), where=_of_second_buyer),
    ),
)
RACES: tuple[Planted, ...] = (
    Planted(name="a visit sold twice", check="one_of_two", scenario="last_unit", seller=SellsTwice()),
    Planted(
        name="a taken visit stays on offer",
        check="taken_slot_vanishes",
        scenario="last_unit",
        seller=Changes("on_search", _as_found_first),
    ),
    Planted(
        name="the other's cancellation cancels",
        check="one_id_two_orders",
        scenario="same_order_id",
        seller=Changes("on_status", says(f"{ORDER}.status", "CANCELLED")),
    ),
)
PLANTED: tuple[Planted, ...] = (*ECHOES, *MONEY, *TRIED, *MORE, *RACES)
