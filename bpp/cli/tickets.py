"""``bpp tickets``: complaints with their clock, one with all that was said, and answering it; over the operator API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.output import MISUSED, AsJson, facts, fail, show, table

tickets = typer.Typer(no_args_is_help=True, help="Complaints on a running server.")

COLUMNS = ("ref", "status", "level", "resolution_due", "overdue", "ours", "code", "category", "provider_id", "district")
FACTS = (*COLUMNS, "peer", "order_ref", "created_at", "response_due", "short_desc", "complainant", "allowed")
Number = Annotated[str, typer.Argument(metavar="TICKET", help="Its number, such as 482-719-360.")]
Step = Literal["ask", "propose", "resolve", "note", "customer", "answer"]
REMEDY = "CODE or REFUND=AMOUNT: REFUND, REPLACEMENT, CANCEL, NO_ACTION; several times in a proposal."
SAYS = "Of customer and answer: INFO_PROVIDED, RESOLUTION_ACCEPTED, RESOLUTION_REJECTED, ESCALATED, CLOSED."


@tickets.command("list")
def list_tickets(
    *,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those past their time.")] = False,
    officer: Annotated[bool, typer.Option("--officer", help="Only those that are the grievance officer's.")] = False,
    ours: Annotated[bool, typer.Option("--ours", help="Only those in which we complain.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over, the newest first.")] = False,
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before ended.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Complaints to be resolved, those first that are due first.

    Example: bpp tickets list --overdue
    """
    asked = {"open": not everything, "overdue": overdue, "officers": officer, "ours": ours}
    given = {name: "true" for name, wanted in asked.items() if wanted}
    found = operator_client(url).get("/tickets", limit=limit, cursor=cursor, **given)
    text = table(found["items"], COLUMNS, empty="no complaints")
    show(found, f"{text}\nmore: --cursor {found['next']}" if found["next"] else text, as_json=as_json)


@tickets.command("show")
def show_ticket(number: Number, *, url: Url = "", as_json: AsJson = False) -> None:
    """One complaint with what both sides said and did.

    Example: bpp tickets show 482-719-360
    """
    found = operator_client(url).get(f"/tickets/{number}")
    parts = (
        facts(found, FACTS),
        table(found["actions"], ("at", "side", "code", "text"), empty="nothing said"),
        table(found["resolutions"], ("id", "code", "amount", "waits", "done", "text"), empty="no remedies"),
        table(found["notes"], ("at", "by", "text"), empty="no notes"),
    )
    show(found, "\n\n".join(parts), as_json=as_json)


@tickets.command("step")
def step(
    number: Number,
    name: Annotated[Step, typer.Argument(metavar="STEP", help="ask, propose, resolve, note, customer or answer.")],
    *,
    wanted: Annotated[list[str] | None, typer.Option(help="Of ask: INFO001 (a picture) or INFO002.")] = None,
    remedy: Annotated[list[str] | None, typer.Option(help=REMEDY)] = None,
    says: Annotated[str, typer.Option(help=SAYS)] = "",
    text: Annotated[str, typer.Option(help="Own words; of NO_ACTION why, of note what is noted.")] = "",
    language: Annotated[str, typer.Option(help="hi or en, of words that are ours.")] = "hi",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Take a step in a complaint.

    Example: bpp tickets step 482-719-360 propose --remedy REFUND=100.00 --remedy REPLACEMENT
    """
    body: dict[str, Any] = {"step": name}
    options = [_option(one, text) for one in remedy or ()]
    match name:
        case "ask":
            body |= {"wanted": wanted or ["INFO001"], "text": text, "language": language}
        case "propose":
            body |= {"options": options, "language": language}
        case "resolve":
            if len(options) != 1:
                fail("--remedy: one is expected", status=MISUSED)
            body |= {"option": options[0], "language": language}
        case "note":
            body |= {"text": text}
        case _:
            body |= {"says": says, "text": text, "language": language}
    ticket = operator_client(url).post(f"/tickets/{number}/steps", body)
    show(ticket, f"complaint {number}: {ticket['status']} at level {ticket['level']}", as_json=as_json)


def _option(text: str, why: str) -> dict[str, Any]:
    """``REFUND=100.00`` as a remedy."""
    code, _, amount = text.partition("=")
    option = {"code": code, "text": why if code == "NO_ACTION" else ""}
    return {**option, "amount": amount} if amount else option
