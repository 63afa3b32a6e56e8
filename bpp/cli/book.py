"""``bpp find`` and ``bpp book``: a caller's wish becomes an order; over the operator API of a running server."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from bpp.cli.client import Client, Json, Url, operator_client
from bpp.cli.output import MISUSED, AsJson, fail, show, table

OFFSET = "+05:30"  # a time without one is said in Kolkata
FOUND = ("provider", "item", "name", "price", "rating", "next")
SHOWN = 8
FIRST = "first"

Pin = Annotated[str, typer.Option("--pin", help="The pincode.")]
Gps = Annotated[str, typer.Option(help="latitude,longitude, where known.")]


def find(
    words: Annotated[str, typer.Argument(help="What the caller says: Hindi, English or Roman Hindi.")],
    *,
    pin: Pin = "",
    gps: Gps = "",
    day: Annotated[str, typer.Option(help="With a free start on this day, as 2026-12-01.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Who can do what a caller says, for how much, when; or why nobody can.

    Example: bpp find "nal theek karna" --pin 226010
    """
    answer = operator_client(url).get("/find", q=words, pincode=pin, gps=gps, day=day)
    show(answer, lambda: found_text(answer), as_json=as_json)


def book(
    item: Annotated[list[str] | None, typer.Argument(metavar="[ITEM[xCOUNT]]...", help="As bpp find names it.")] = None,
    *,
    provider: Annotated[str, typer.Option(help="The provider, as bpp find names it.")] = "",
    pin: Pin = "",
    gps: Gps = "",
    start: Annotated[str, typer.Option(help="A free start, as 2026-12-01T10:00, in Kolkata; or first.")] = "",
    quote: Annotated[str, typer.Option(help="Book this quote, which an earlier bpp book has held.")] = "",
    name: Annotated[str, typer.Option(help="Who books.")] = "",
    phone: Annotated[str, typer.Option(help="The caller's telephone.")] = "",
    address: Annotated[str, typer.Option(help="Where the worker goes.")] = "",
    pay: Annotated[str, typer.Option(help="ON-FULFILLMENT, PRE-FULFILLMENT or POST-FULFILLMENT.")] = "",
    channel: Annotated[str, typer.Option(help="portal, app, call_centre, csc or department.")] = "",
    session: Annotated[str, typer.Option(help="The seat or visitor asked for.")] = "",
    gender: Annotated[str, typer.Option(help="female or male: of the worker that is asked for.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Tell the price; with a start hold the slot; with name, telephone and address book it.

    Example: bpp book GOMTI-TAP --provider P-GOMTI --pin 226010 --start 2026-12-01T10:00 --name "Meera" --phone 9800000000 --address "12, Vipul Khand"
    """  # noqa: E501  an example is one line
    client = operator_client(url)
    who = {"name": name, "phone": phone, "address": address}
    missing = [field for field, value in who.items() if not value]
    if missing and len(missing) < len(who):
        fail(f"to book, {', '.join('--' + one for one in missing)} is expected too", status=MISUSED)
    if not quote:
        if not item or not provider:
            fail("an item and its --provider are expected, or a --quote", status=MISUSED)
        asked = {
            "provider_id": provider,
            "items": [_item(one) for one in item],
            "pincode": pin,
            "gps": gps,
            "payment_type": pay,
            "channel": channel,
            "session": session,
            "gender": gender,
        }
        begins = _first_free(client, asked) if start == FIRST else _start(start)
        priced = client.post("/quotes", _given({**asked, "start": begins}))
        if missing or not priced["held"]:
            _tell_quote(priced, wanted=bool(start), as_json=as_json)
            return
        quote = priced["ref"]
    elif missing:
        fail("--name, --phone and --address are expected", status=MISUSED)
    order = client.post("/bookings", _given({"quote": quote, **who, "payment_type": pay, "channel": channel}))
    words = order["confirmation"]
    show(order, f"{order['order_id']}\n{words['hi']}\n{words['en']}", as_json=as_json)


def found_text(answer: Json) -> str:
    """What was found, for a person; or why nothing was, in both languages."""
    if answer["nothing"]:
        words = answer["nothing"]["words"]
        return f"{words['hi']}\n{words['en']}"
    rows = [
        {
            "provider": one["provider_id"],
            "item": service["item_id"],
            "name": service["name"]["hi"],
            "price": service["price"],
            "rating": one["rating"],
            "next": ", ".join(_local(moment) for moment in service["starts"][:3]),
        }
        for one in answer["items"]
        for service in one["services"]
    ]
    return table(rows, FOUND, empty="nothing")


def _tell_quote(priced: Json, *, wanted: bool, as_json: bool) -> None:
    """The price; where a start was wanted and cannot be had, that is a failure."""
    words = priced["words"]
    lines = [words["hi"], words["en"]]
    if priced["held"]:
        lines.append(f"quote {priced['ref']}")
    elif priced["against"] and (wanted or not priced["alternatives"]):
        lines.append(priced["against"]["message"])
    if priced["alternatives"]:
        lines.append("free: " + ", ".join(_local(moment) for moment in priced["alternatives"][:SHOWN]))
    text = "\n".join(lines)
    if wanted and not priced["held"]:
        fail(text, document=priced, as_json=as_json)
    show(priced, text, as_json=as_json)


def _item(text: str) -> dict[str, Any]:
    """``GOMTI-TAPx2`` as two units of an item."""
    name, mark, count = text.rpartition("x")
    return {"item_id": name, "count": int(count)} if mark and name and count.isdigit() else {"item_id": text}


def _first_free(client: Client, asked: dict[str, Any]) -> str:
    """The first start that is free; ends the command where there is none."""
    free = client.post("/quotes", _given(asked))["alternatives"]
    if not free:
        fail("no start is free")
    return str(free[0])


def _start(text: str) -> str:
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--start {text!r}: a time as 2026-12-01T10:00 is expected", status=MISUSED)
    return text if moment.tzinfo is not None else f"{moment.isoformat()}{OFFSET}"


def _local(moment: str) -> str:
    kolkata = datetime.fromisoformat(f"2000-01-01T00:00:00{OFFSET}").tzinfo
    return f"{datetime.fromisoformat(moment).astimezone(kolkata):%Y-%m-%dT%H:%M}"


def _given(body: Json) -> Json:
    return {name: value for name, value in body.items() if value not in ("", None)}
