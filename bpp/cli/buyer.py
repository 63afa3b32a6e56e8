"""``bpp buyer``: a person with the sandbox's buyer app, over its control API."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from bpp.cli.client import Url, buyer_client
from bpp.cli.output import AsJson, fail, show, table


class Answer(StrEnum):
    """A buyer's word on a quotation."""

    ACCEPT = "accept"
    REJECT = "reject"


buyer = typer.Typer(no_args_is_help=True, help="Book with the buyer app that `bpp serve` starts in the sandbox.")

Transaction = Annotated[
    str, typer.Option("--transaction-id", help="Which conversation; the last one where none is named.")
]


@buyer.command("search")
def search(
    what: Annotated[str, typer.Argument(help="Words such as: tap repair.")] = "",
    *,
    pincode: Annotated[str, typer.Option(help="Where it is wanted.")] = "226010",
    category: Annotated[str, typer.Option(help="A code such as SRV11-1047 in the place of words.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Look for a service.

    Example: bpp buyer search "tap repair" --pincode 226010
    """
    found = buyer_client(url).post("/search", {"what": what, "category": category, "pincode": pincode})
    show(found, lambda: _offers(found), as_json=as_json)


@buyer.command("book")
def book(
    *,
    offer: Annotated[int, typer.Option(help="Number of an offer of the last search.", min=1)] = 1,
    slot: Annotated[int, typer.Option(help="Number of one of its slots.", min=1)] = 1,
    name: Annotated[str, typer.Option(help="The customer.")] = "",
    phone: Annotated[str, typer.Option(help="The customer's telephone.")] = "",
    choices: Annotated[
        list[str] | None, typer.Option("--with", help="A choice of the offer and how many: ID or ID:COUNT; repeatable.")
    ] = None,
    savings: Annotated[list[str] | None, typer.Option("--saving", help="A discount by its ID; repeatable.")] = None,
    transaction_id: Transaction = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Select, initialise and confirm an offer of the last search.

    Example: bpp buyer book --offer 1 --slot 2 --with AMIN-COOK-PERSON:4 --with AMIN-COOK-POHA --with AMIN-COOK-IDLI
    """
    asked = {"offer": offer, "slot": slot, "name": name, "phone": phone, "transaction_id": transaction_id}
    more = {"with": _counted(choices or []), "savings": savings or []}
    _told(buyer_client(url).post("/book", {**_named(asked), **more}), as_json=as_json)


@buyer.command("status")
def status(*, transaction_id: Transaction = "", url: Url = "", as_json: AsJson = False) -> None:
    """Ask the seller how the order stands.

    Example: bpp buyer status
    """
    _told(buyer_client(url).post("/status", _named({"transaction_id": transaction_id})), as_json=as_json)


@buyer.command("otp")
def otp(*, transaction_id: Transaction = "", url: Url = "", as_json: AsJson = False) -> None:
    """The one-time password that the customer tells the worker at the door.

    Example: bpp orders event last start --otp "$(bpp buyer otp)"
    """
    order = buyer_client(url).get("/order", transaction_id=transaction_id)
    if not order.get("otp"):
        fail("there is no one-time password now: it comes when the worker arrives", document=order, as_json=as_json)
    show({"otp": order["otp"]}, str(order["otp"]), as_json=as_json)


@buyer.command("cancel")
def cancel(
    *,
    reason: Annotated[str, typer.Option(help="Reason code.")] = "001",
    transaction_id: Transaction = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Give the order up.

    Example: bpp buyer cancel --reason 001
    """
    asked = {"reason": reason, "transaction_id": transaction_id}
    _told(buyer_client(url).post("/cancel", _named(asked)), as_json=as_json)


@buyer.command("reschedule")
def reschedule(
    *,
    slot: Annotated[int, typer.Option(help="Number of another slot of the offer, as the search listed it.", min=1)],
    transaction_id: Transaction = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Move the visit.

    Example: bpp buyer reschedule --slot 4
    """
    asked = {"slot": slot, "transaction_id": transaction_id}
    _told(buyer_client(url).post("/reschedule", _named(asked)), as_json=as_json)


@buyer.command("quote")
def quote(
    answer: Annotated[Answer, typer.Argument(help="accept or reject.")],
    *,
    transaction_id: Transaction = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Take or refuse the seller's quotation for more work.

    Example: bpp buyer quote accept
    """
    asked = {"takes": answer is Answer.ACCEPT, "transaction_id": transaction_id}
    _told(buyer_client(url).post("/quote", _named(asked)), as_json=as_json)


@buyer.command("rate")
def rate(
    value: Annotated[int, typer.Argument(help="1 to 5.", min=1, max=5)] = 5,
    *,
    transaction_id: Transaction = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Rate the provider of a completed order.

    Example: bpp buyer rate 5
    """
    asked = {"value": value, "transaction_id": transaction_id}
    _told(buyer_client(url).post("/rate", _named(asked)), as_json=as_json)


@buyer.command("messages")
def messages(*, transaction_id: Transaction = "", url: Url = "", as_json: AsJson = False) -> None:
    """The conversation, message by message.

    Example: bpp buyer messages --json
    """
    said = buyer_client(url).get("/messages", transaction_id=transaction_id)
    show(
        said, lambda: table(said["messages"], ("at", "from", "action", "http_status"), empty="nothing"), as_json=as_json
    )


def _told(answer: dict[str, Any], *, as_json: bool) -> None:
    show(answer, str(answer.get("in_words", "done")), as_json=as_json)


def _named(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value != ""}


def _counted(choices: list[str]) -> dict[str, int]:
    counts = {}
    for one in choices:
        item_id, separator, count = one.partition(":")
        if separator and not count.isdecimal():
            raise typer.BadParameter(f"--with: ID or ID:COUNT was expected, found {one!r}")
        counts[item_id] = int(count or 1)
    return counts


def _offers(found: dict[str, Any]) -> str:
    blocks = []
    for one in found["offers"]:
        slots = "\n".join(f"     {slot['slot']:>2}  {slot['when']}" for slot in one["slots"])
        rated = f", rated {one['rating']}" if one.get("rating") else ""
        more = "".join(
            f"\n     --with {choice['id']}  {choice['name']}, {choice['price']}" for choice in one["choices"]
        )
        more += "".join(f"\n     --saving {saving['id']}  {saving['name']}" for saving in one["savings"])
        blocks.append(f"{one['offer']:>2}  {one['item']}, {one['provider']}{rated}: {one['price']} INR\n{slots}{more}")
    return "\n".join(blocks) or "nothing offered"
