"""What is tried with init and confirm, and what two customers want at once.

Source: protocol 1.5, 1.6 and 7; assertions 25, 28 and 30 to 35.
"""

from __future__ import annotations

from bpp.conformance.check import Check, Fault, NotRun, Said, Subject
from bpp.conformance.checks.ordered import alternatives, base_item, catalog_times, minute, start_of, stop_path
from bpp.conformance.checks.probing import UNRECORDED, accepted, answer_to, refused
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import probes, whole_flow
from bpp.sandbox.exchange import part
from bpp.sandbox.offers import stop

_LOST = ("30019", "40006", "90001")
"""How a confirm that came too late may be answered (assertion 33)."""


def _complete(subject: Subject) -> Said:
    end = stop(subject.message.order, "end")
    if not subject.message.order.get("fulfillments"):
        yield Fault("message.order.fulfillments", "those that were selected", [])
    elif start_of(subject.message.order) is None or not part(end, "location"):
        yield Fault(stop_path(subject.message.order, "end"), "the selected slot and place", end)


def _made(subject: Subject) -> Said:
    status = str(subject.message.order.get("status", "")).upper()
    if status not in {"ACCEPTED", "CREATED"}:
        yield Fault("message.order.status", "ACCEPTED", status)


def _others(subject: Subject) -> Said:
    order = subject.message.order
    if not alternatives(order):
        yield Fault("message.order.items[0].time.schedule.times", "other starts that can be had", "(none)")
    elif start_of(order) in alternatives(order):
        yield Fault("message.order.items[0].time.schedule.times", "starts without the lost one", str(start_of(order)))


def _no_order(subject: Subject) -> Said:
    """After a refused confirm its order is unknown: a NACK, or an on_status with an error."""
    request = subject.message
    if request.reply is None:
        yield UNRECORDED
        return
    answer = answer_to(subject)
    if request.reply.acked and answer is None:
        yield NotRun("nothing tells whether there is an order: ACK, and no callback")
    elif request.reply.acked and answer is not None and not answer.error_code:
        status = str(answer.order.get("status", "")).upper()
        if status != "CANCELLED":
            yield Fault("message.order.status", "no order of a confirm that was refused", status, record=answer)


def _confirms(flow: Flow) -> list[Record]:
    return [one for one in flow.requests if one.probe == "confirm_of_last"]


def _winners(flow: Flow) -> list[Record]:
    answers = [answer for one in _confirms(flow) for answer in flow.answers_to(one)[:1]]
    lost = {"CANCELLED", ""}
    return [one for one in answers if not one.error_code and str(one.order.get("status", "")).upper() not in lost]


def _one_of_two(subject: Subject) -> Said:
    flow = subject.flow
    if len([one for one in flow.requests if one.probe == "select_of_last"]) < 2:  # noqa: PLR2004  # two customers
        yield NotRun("two customers did not want the same visit")
        return
    winners = _winners(flow)
    if len(winners) != 1:
        yield Fault(
            "message.order.status",
            "one of two customers gets the last visit",
            f"{len(winners)} do",
            record=winners[-1] if winners else None,
        )
    for answer in (found for one in _confirms(flow) for found in flow.answers_to(one)[:1]):
        if answer.error_code and answer.error_code not in _LOST:
            yield Fault("error.code", " or ".join(_LOST), answer.error_code, record=answer)


def _vanished(subject: Subject) -> Said:
    flow, search = subject.flow, subject.message
    winners = _winners(flow)
    if len(winners) != 1:
        yield NotRun("nobody, or more than one, got the last visit")
        return
    order = winners[0].order
    key = str(part(order, "provider").get("id")), str(base_item(order).get("id"))
    start = start_of(order)
    if not flow.answers_to(search):
        yield NotRun("the search was not answered")
    for found in flow.answers_to(search):
        listed = {minute(one) for one in catalog_times(found, *key)}
        if start in listed:
            path = "message.catalog.providers[].items[].time.schedule.times"
            yield Fault(path, "times without the one that was taken", str(start), record=found)


def _two_orders(subject: Subject) -> Said:
    """Both are confirmed under one id, and what one buyer app does to its order leaves the other's as it is."""
    flow = subject.flow
    made = [one for one in flow.callbacks if one.action == "on_confirm" and not one.error_code]
    owners = {str(one.context.get("bap_id")) for one in made}
    confirms = [one for one in flow.requests if one.action == "confirm"]
    if len(confirms) < 2:  # noqa: PLR2004  # two buyer apps
        yield NotRun("two orders of one id were not wanted")
        return
    if len(owners) != len({str(one.context.get("bap_id")) for one in confirms}):
        yield Fault("message.order.id", "an order for each of the two buyer apps", f"{len(owners)} made")
    for answer in flow.callbacks:
        request = flow.request_of(answer)
        if answer.action == "on_status" and request is not None:
            status = str(answer.order.get("status", "")).upper()
            if answer.error_code or status == "CANCELLED":
                found = answer.error_code or status
                yield Fault("message.order.status", "untouched by the other's cancellation", found, record=answer)


CHECKS: tuple[Check, ...] = (
    Check(
        name="init_without_fulfillments",
        title="An init with an empty list of fulfillments means those that were selected",
        sources=("assertion 25", "protocol 1.5"),
        of=probes("no_fulfillments"),
        needs="init without fulfillments",
        judge=accepted(_complete),
        scenarios=frozenset({"init_variants"}),
    ),
    Check(
        name="init_without_select",
        title="An init without a select in its transaction is refused",
        sources=("assertion 28",),
        of=probes("nothing_selected"),
        needs="init without a select",
        judge=refused(),
        scenarios=frozenset({"init_variants"}),
    ),
    Check(
        name="init_of_lost_slot",
        title="An init for a slot that another has taken is answered with 90001 and other starts",
        sources=("assertion 28", "protocol 4.34"),
        of=probes("slot_lost"),
        needs="init for a slot that was lost",
        judge=refused("90001", also=_others),
        scenarios=frozenset({"slot_lost"}),
    ),
    Check(
        name="confirm_unpaid",
        title="A confirm with an altered payment id, or NOT-PAID with an empty transaction_id, is accepted",
        sources=("assertion 31", "protocol 1.5", "protocol 1.6"),
        of=probes("payment_id_altered", "not_paid"),
        needs="confirm with such a payment",
        judge=accepted(_made),
        scenarios=frozenset({"confirm_variants"}),
    ),
    Check(
        name="confirm_odd_range",
        title="A confirm whose range is inverted or past is accepted",
        sources=("assertion 30", "protocol 1.6"),
        of=probes("inverted_range", "past_range"),
        needs="confirm with such a range",
        judge=accepted(_made),
        scenarios=frozenset({"confirm_variants"}),
    ),
    Check(
        name="paid_without_transaction",
        title="A confirm that is PAID without a transaction_id is refused",
        sources=("assertion 31", "protocol 1.6"),
        of=probes("paid_without_transaction"),
        needs="confirm that is PAID without a transaction_id",
        judge=refused(),
        scenarios=frozenset({"confirm_refusals"}),
    ),
    Check(
        name="altered_quote",
        title="A confirm of another price than was quoted is 40008 or 31002",
        sources=("assertion 32",),
        of=probes("cheaper"),
        needs="confirm of another price",
        judge=refused("40008", "31002"),
        scenarios=frozenset({"confirm_refusals"}),
    ),
    Check(
        name="refused_is_no_order",
        title="A confirm that was refused makes no order",
        sources=("assertion 32",),
        of=probes("order_of_cheaper", "order_of_paid_without_transaction", "order_of_after_quote"),
        needs="status of an order whose confirm was refused",
        judge=_no_order,
        scenarios=frozenset({"confirm_refusals", "quote_expired"}),
    ),
    Check(
        name="quote_expired",
        title="A confirm after the quote has lapsed is 40003",
        sources=("assertion 32", "protocol 1.6"),
        of=probes("after_quote"),
        needs="confirm after quote.ttl",
        judge=refused("40003"),
        scenarios=frozenset({"quote_expired"}),
    ),
    Check(
        name="one_of_two",
        title="Of two customers who want the last visit exactly one gets it",
        sources=("assertion 33",),
        of=whole_flow,
        needs="race for the last visit",
        judge=_one_of_two,
        scenarios=frozenset({"last_unit"}),
    ),
    Check(
        name="taken_slot_vanishes",
        title="A visit that was taken is not on offer any more",
        sources=("assertion 33",),
        of=probes("after_last"),
        needs="search after the last visit was taken",
        judge=_vanished,
        scenarios=frozenset({"last_unit"}),
    ),
    Check(
        name="one_id_two_orders",
        title="The same order id of two buyer apps is two independent orders",
        sources=("assertion 35",),
        of=whole_flow,
        needs="two orders with one id",
        judge=_two_orders,
        scenarios=frozenset({"same_order_id"}),
    ),
)
