"""The price of an order against the catalog and against itself. Source: protocol 4.8 to 4.13; assertions 20, 21, 24."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from bpp.conformance.check import Check, Fault, NotRun, Said, Severity, Subject
from bpp.conformance.checks.ordered import count_of, lines, money, offered_items, total, worth
from bpp.conformance.checks.probing import UNRECORDED
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import answered, probes
from bpp.sandbox.exchange import Json, part

_BREAKUP = "message.order.quote.breakup"
_PRICE = "message.order.quote.price.value"
_NO_SLOT = frozenset({"40002", "40009", "90001"})
_CATALOG = "the catalog of what is ordered is not in this transaction"


def _quoted(flow: Flow) -> Iterator[Subject]:
    """The on_selects without error."""
    return (one for one in answered("on_select", where=lambda one: not one.error_code)(flow))


def _prices(subject: Subject) -> dict[str, Decimal] | None:
    """What the catalog asks for each ordered item, times its count; None where the flow does not show it."""
    offered = offered_items(subject.flow, subject.message)
    ordered: list[Json] = subject.message.order["items"]
    if any(str(one["id"]) not in offered for one in ordered):
        return None
    return {str(one["id"]): money(offered[str(one["id"])]["price"]["value"]) * count_of(one) for one in ordered}


def _catalog_price(subject: Subject) -> Said:
    prices = _prices(subject)
    if prices is None:
        yield NotRun(_CATALOG)
        return
    order = subject.message.order
    due = sum(prices.values()) + worth(lines(order, "discount", "misc"))
    if total(order) != due:
        yield Fault(_PRICE, f"the catalog's price times the count, tax included: {due}", str(total(order)))


def _every_item(subject: Subject) -> Said:
    prices = _prices(subject)
    if prices is None:
        yield NotRun(_CATALOG)
        return
    base = {str(one["id"]) for one in subject.message.order["items"] if not one.get("parent_item_id")}
    choices = [key for key, price in prices.items() if price and key not in base]
    if not choices:
        yield NotRun("nothing that costs was chosen with the item")
        return
    shown = {str(part(one, "item").get("id")) for one in lines(subject.message.order, "customization")}
    for missing in {*choices} - shown:
        yield Fault(_BREAKUP, f"a line of type customization for {missing}", sorted(shown))


def _doubled(subject: Subject) -> Said:
    request, flow = subject.message, subject.flow
    answer = next(iter(flow.answers_to(request)), None)
    once = _single(flow, request)
    if request.reply is None:
        yield UNRECORDED
    elif once is None:
        yield NotRun("one of it was not selected before")
    elif not request.reply.acked or answer is None or answer.error_code in _NO_SLOT:
        yield NotRun("two could not be had")
    else:
        single, double = worth(lines(once.order, "item")), worth(lines(answer.order, "item"))
        if double != 2 * single:
            yield Fault(_BREAKUP, f"twice the price of one: {2 * single}", str(double), record=answer)


def _single(flow: Flow, request: Record) -> Record | None:
    """The last on_select before a request that answers a select which tries nothing."""
    found = None
    for one in flow.callbacks:
        asked = flow.request_of(one) if one.action == "on_select" and not one.error_code else None
        if asked is not None and not asked.probe and one.number < request.number:
            found = one
    return found


CHECKS: tuple[Check, ...] = (
    Check(
        name="quoted_catalog_price",
        title="What is quoted is the catalog's price times the count, tax included",
        sources=("assertion 21", "protocol 4.11"),
        of=_quoted,
        needs="on_select without error",
        judge=_catalog_price,
        severity=Severity.WARNING,
    ),
    Check(
        name="customization_lines",
        title="Each choice that costs is a line of type customization",
        sources=("assertion 24", "protocol 4.11"),
        of=_quoted,
        needs="on_select without error",
        judge=_every_item,
    ),
    Check(
        name="count_doubles",
        title="Two of an item cost twice as much as one",
        sources=("assertion 21", "protocol 4.11"),
        of=probes("count_two"),
        needs="select of two",
        judge=_doubled,
        scenarios=frozenset({"select_variants"}),
    ),
)
