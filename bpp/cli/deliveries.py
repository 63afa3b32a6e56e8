"""``bpp deliveries``: callbacks with their attempts, and sending one again; over the operator API."""

from __future__ import annotations

from typing import Annotated

import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.output import AsJson, facts, show, table

deliveries = typer.Typer(no_args_is_help=True, help="Callbacks of a running server.")

COLUMNS = ("id", "state", "action", "peer", "attempt_count", "due_at", "transaction_id")
FACTS = (*COLUMNS, "message_id", "order_ref", "url", "created_at", "give_up_at")
Number = Annotated[int, typer.Argument(metavar="ID", help="Number of the callback, as the list shows it.", min=1)]


@deliveries.command("list")
def list_deliveries(
    *,
    state: Annotated[str, typer.Option(help="pending, delivered, refused, given_up or superseded.")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before ended.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Callbacks, newest first.

    Example: bpp deliveries list --state given_up
    """
    found = operator_client(url).get("/deliveries", state=state, limit=limit, cursor=cursor)
    text = table(found["items"], COLUMNS, empty="no callbacks")
    show(found, f"{text}\nmore: --cursor {found['next']}" if found["next"] else text, as_json=as_json)


@deliveries.command("show")
def show_delivery(number: Number, *, url: Url = "", as_json: AsJson = False) -> None:
    """One callback with every attempt.

    Example: bpp deliveries show 42
    """
    found = operator_client(url).get(f"/deliveries/{number}")
    attempts = table(found["attempts"], ("number", "at", "outcome", "http_status", "code"), empty="not tried yet")
    show(found, f"{facts(found, FACTS)}\n\n{attempts}", as_json=as_json)


@deliveries.command("retry")
def retry(number: Number, *, url: Url = "", as_json: AsJson = False) -> None:
    """Send a callback again, now.

    Example: bpp deliveries retry 42
    """
    found = operator_client(url).post(f"/deliveries/{number}/retry")
    show(found, f"callback {number} ({found['action']}) is due now", as_json=as_json)
