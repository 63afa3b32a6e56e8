"""``bpp ratings``: what customers say of orders, providers and workers, and moderation; over a running server's API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.output import MISUSED, AsJson, fail, show, table

ratings = typer.Typer(no_args_is_help=True, help="Ratings and feedback on a running server.")

COLUMNS = ("ref", "of", "value", "counts", "set_aside", "rater_kind", "rater", "rated_at", "feedback")
Ref = Annotated[str, typer.Argument(metavar="REF", help="Our reference of the order, or the project's id.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the rating.")]


@ratings.command("list")
def list_ratings(
    subject: Annotated[Literal["provider", "worker"], typer.Argument(help="Whose: a provider's or a worker's.")],
    key: Annotated[str, typer.Argument(metavar="ID", help="The id.")],
    *,
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before ended.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """How a provider or worker is rated, and which ratings count.

    Example: bpp ratings list provider P-GOMTI
    """
    found = operator_client(url).get(f"/{subject}s/{key}/ratings", limit=limit, cursor=cursor)
    heading = f"{key}: {found['rating'] or 'not rated'}, {found['count']} customers"
    more = f"\nmore: --cursor {found['next']}" if found["next"] else ""
    show(found, f"{heading}\n{table(found['items'], COLUMNS, empty='no ratings')}{more}", as_json=as_json)


@ratings.command("give")
def give(
    ref: Ref,
    *,
    provider: Annotated[int, typer.Option(help="1 to 5 for the provider; 0: not said.", min=0, max=5)] = 0,
    worker: Annotated[list[str] | None, typer.Option(help="ID=VALUE for a worker who came; several times.")] = None,
    feedback: Annotated[str, typer.Option(help="The customer's own words; never published.")] = "",
    project: Annotated[bool, typer.Option("--project", help="It is a project that is rated.")] = False,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Keep what a customer says by telephone; a later word corrects it.

    Example: bpp ratings give 5f0c7a1e --provider 5 --worker W-GOMTI-1=4
    """
    body: dict[str, Any] = {"rater": "phone"}
    if provider:
        body["provider"] = provider
    if worker:
        body["workers"] = dict(_value(one) for one in worker)
    if feedback:
        body["feedback"] = feedback
    review = operator_client(url).post(f"/{'projects' if project else 'orders'}/{ref}/rating", body)
    show(review, f"the rating of {ref} is kept", as_json=as_json)


@ratings.command("set-aside")
def set_aside(ref: Ref, *, reason: Reason, url: Url = "", as_json: AsJson = False) -> None:
    """Let a rating count no more; it is kept.

    Example: bpp ratings set-aside 5f0c7a1e --reason "insults a worker"
    """
    review = operator_client(url).post(f"/ratings/{ref}/set-aside", {"reason": reason})
    show(review, f"the rating of {ref} counts no more", as_json=as_json)


@ratings.command("restore")
def restore(ref: Ref, *, reason: Reason, url: Url = "", as_json: AsJson = False) -> None:
    """Let a rating that was set aside count again.

    Example: bpp ratings restore 5f0c7a1e --reason "checked with the customer"
    """
    review = operator_client(url).post(f"/ratings/{ref}/restore", {"reason": reason})
    show(review, f"the rating of {ref} counts again", as_json=as_json)


def _value(text: str) -> tuple[str, int]:
    """``W-GOMTI-1=4`` as a worker's id and value."""
    worker_id, _, value = text.rpartition("=")
    if not worker_id or not value.isdigit():
        fail(f"--worker {text!r}: ID=VALUE is expected", status=MISUSED)
    return worker_id, int(value)
