"""``bpp orders``: find orders, look at one, make something happen to it; over the operator API of a running server."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from bpp.cli.client import Client, Url, operator_client
from bpp.cli.output import AsJson, facts, fail, show, table

orders = typer.Typer(no_args_is_help=True, help="Orders of a running server.")

COLUMNS = ("ref", "order_id", "state", "slot_start", "provider_id", "worker_id", "total")
FACTS = (
    "ref",
    "bap_id",
    "order_id",
    "transaction_id",
    "state",
    "order_status",
    "provider_id",
    "worker_id",
    "slot_start",
    "total",
    "created_at",
    "updated_at",
    "allowed_events",
)
LAST = "last"
_TELEPHONE = re.compile(r"(?=(?:[^0-9]*[0-9]){10})\+?[0-9][0-9 ()./-]{8,20}")  # ten digits: nine are an order's number
Ref = Annotated[
    str,
    typer.Argument(help="Reference, order number, transaction or telephone; or the word last, the newest."),
]


@orders.command("list")
def list_orders(
    *,
    bap_id: Annotated[str, typer.Option(help="The buyer app.")] = "",
    order_id: Annotated[str, typer.Option(help="The buyer app's id of the order.")] = "",
    transaction_id: Annotated[str, typer.Option(help="The transaction.")] = "",
    phone: Annotated[str, typer.Option(help="The billing telephone.")] = "",
    state: Annotated[str, typer.Option(help="PENDING, ASSIGNED, EN_ROUTE, ARRIVED, STARTED, ...")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before ended.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Find orders, newest first.

    Example: bpp orders list --state ARRIVED --limit 20
    """
    found = operator_client(url).get(
        "/orders",
        bap_id=bap_id,
        order_id=order_id,
        transaction_id=transaction_id,
        phone=phone,
        state=state,
        limit=limit,
        cursor=cursor,
    )
    text = table(found["items"], COLUMNS, empty="no orders")
    show(found, f"{text}\nmore: --cursor {found['next']}" if found["next"] else text, as_json=as_json)


@orders.command("show")
def show_order(ref: Ref, *, url: Url = "", as_json: AsJson = False) -> None:
    """One order with its timeline, and how it stands in words.

    Example: bpp orders show 9800000000
    """
    client = operator_client(url)
    order = client.get(f"/bookings/{named(ref, client)}")
    show(order, lambda: described(order), as_json=as_json)


@orders.command("why")
def why(ref: Ref, *, url: Url = "", as_json: AsJson = False) -> None:
    """Why which worker was sent to an order's visits, and why others were not.

    Example: bpp orders why last
    """
    client = operator_client(url)
    found = client.get(f"/orders/{named(ref, client)}/assignments")
    told = ["\n  ".join([f"{one['at']} {one['in_words'][0]}", *one["in_words"][1:]]) for one in found["items"]]
    show(found, "\n".join(told) or "no choice was made", as_json=as_json)


@orders.command("cancel")
def cancel(
    ref: Ref,
    *,
    quote: Annotated[bool, typer.Option("--quote", help="Only say what it would cost.")] = False,
    by: Annotated[str, typer.Option(help="consumer or seller: who gives it up.")] = "consumer",
    reason: Annotated[str, typer.Option(help="Why: a code, or words.")] = "012",
    expect_fee: Annotated[str, typer.Option(help="The charge as it was said; nothing is done at another.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Say what cancelling costs now, or cancel.

    Example: bpp orders cancel 482-719-360 --quote
    """
    client = operator_client(url)
    name = named(ref, client)
    if quote:
        cost = client.get(f"/orders/{name}/cancellation", by=by)
        show(cost, f"{cost['words']['hi']}\n{cost['words']['en']}", as_json=as_json)
        return
    said = {"event": "cancel", "by": by, "reason": reason, **({"expect_fee": expect_fee} if expect_fee else {})}
    order = client.post(f"/orders/{name}/events", said)
    show(order, f"{order['ref']} is {order['state']}; kept: {order['cancellation']['fee']}", as_json=as_json)


@orders.command("otp")
def otp(ref: Ref, *, url: Url = "", as_json: AsJson = False) -> None:
    """The OTP for a customer who has no buyer app, while the worker is at the door; noted in the order's life.

    Example: bpp orders otp 482-719-360
    """
    client = operator_client(url)
    told = client.post(f"/orders/{named(ref, client)}/otp")
    show(told, told["otp"], as_json=as_json)


@orders.command("event")
def event(
    ref: Ref,
    name: Annotated[str, typer.Argument(metavar="EVENT", help="assign, depart, arrive, start, complete, cancel, ...")],
    *,
    otp: Annotated[str, typer.Option(help="start: what the customer tells the worker.")] = "",
    worker: Annotated[str, typer.Option(help="assign: whom; reassign: who drops out.")] = "",
    reason: Annotated[str, typer.Option(help="cancel, decline, reassign, unassign: why.")] = "",
    line: Annotated[
        list[str] | None, typer.Option(help="requote: TITLE=PRICE or TITLE=PRICExCOUNT, tax included; several times.")
    ] = None,
    valid_for: Annotated[str, typer.Option(help="requote: until when, an ISO-8601 duration.")] = "",
    minutes: Annotated[int, typer.Option(help="requote: length of another visit; 0: within this one.", min=0)] = 0,
    payment_part: Annotated[
        list[str] | None, typer.Option(help="requote: TYPE=AMOUNT, a part of the price and when it falls due.")
    ] = None,
    fulfillment: Annotated[str, typer.Option(help="reschedule: which visit; without it the one under way.")] = "",
    start: Annotated[str, typer.Option(help="reschedule, requote: when, as 2026-12-01T10:00:00+05:30.")] = "",
    quote: Annotated[str, typer.Option(help="accept_quote, reject_quote: which; without it the newest.")] = "",
    payment: Annotated[str, typer.Option(help="pay: id of the payment.")] = "",
    transaction: Annotated[str, typer.Option(help="pay: id of the transaction or receipt.")] = "",
    on_behalf_of: Annotated[str, typer.Option(help="cancel, reschedule: seller or buyer.")] = "",
    override: Annotated[str, typer.Option(help="start: a supervisor's reason for doing without the OTP.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """What the provider, the worker or an operator does to an order.

    Example: bpp orders event last requote --line "Putty and primer=1500.00" --valid-for P1D
    """
    said = {
        "otp": otp,
        "worker_id": worker,
        "reason": reason,
        "override": override,
        "lines": [_line(one) for one in line or ()],
        "valid_for": valid_for,
        "minutes": minutes,
        "payments": [_part(one) for one in payment_part or ()],
        "fulfillment_id": fulfillment,
        "start": start,
        "quote_id": quote,
        "payment_id": payment,
        "transaction_id": transaction,
        "on_behalf_of": on_behalf_of,
    }
    body = {"event": name, **{field: value for field, value in said.items() if value}}
    client = operator_client(url)
    order = client.post(f"/orders/{named(ref, client)}/events", body)
    text = f"{order['ref']} is {order['state']}; possible now: {', '.join(order['allowed_events']) or 'nothing'}"
    show(order, text, as_json=as_json)


def described(order: dict[str, Any]) -> str:
    """One order for a person: facts, lines of the price, and what happened."""
    lines = table(order["quote"]["lines"], ("title", "count", "unit_price", "amount"), empty="")
    happened = [{**one, "who": one["direction"] or one["actor"], "to": one["target"]} for one in order["timeline"]]
    timeline = table(happened, ("at", "kind", "who", "name", "to", "outcome"), empty="nothing yet")
    state, left_out = order["told"]["state"], order["messages_left_out"]
    more = f"\n\n{left_out} messages between the first and the last ones are not told here" if left_out else ""
    return f"{facts(order, FACTS)}\n\n{state['hi']}\n{state['en']}\n\n{lines}\n\n{timeline}{more}"


def _line(text: str) -> dict[str, Any]:
    """``Putty=150.00x2`` as a line of a quotation."""
    title, _, amount = text.rpartition("=")
    price, _, count = amount.partition("x")
    if not title or (count and not count.isdigit()):
        fail(f"--line {text!r}: TITLE=PRICE or TITLE=PRICExCOUNT is expected")
    return {"title": title, "price": price, **({"count": int(count)} if count else {})}


def _part(text: str) -> dict[str, str]:
    """``PRE-FULFILLMENT=500.00`` as a payment of a quotation."""
    kind, _, amount = text.partition("=")
    if not kind or not amount:
        fail(f"--payment-part {text!r}: TYPE=AMOUNT is expected")
    return {"type": kind, "amount": amount}


def named(ref: str, client: Client) -> str:
    """The reference meant: the newest order's for the word ``last``, a caller's or a buyer app's by what they say."""
    if ref == LAST:
        newest = client.get("/orders", limit=1)["items"]
        if not newest:
            fail("there are no orders yet")
        return str(newest[0]["ref"])
    for query in ({"order_id": ref}, {"transaction_id": ref}, {"phone": ref}):
        if "phone" in query and not _TELEPHONE.fullmatch(ref):
            continue
        found = client.get("/bookings", **query)["items"]
        if len(found) > 1:
            rows = table(found, COLUMNS, empty="")
            fail(f"several orders; please name one by its ref\n{rows}")
        if found:
            return str(found[0]["ref"])
    return ref
