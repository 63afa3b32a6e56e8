"""``bpp projects``: project work, from the requirement to the MOU and its milestones; over a running server's API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.output import MISUSED, AsJson, facts, fail, show, table

projects = typer.Typer(no_args_is_help=True, help="Project work on a running server.")

COLUMNS = ("id", "stage", "kind", "party", "title", "budget", "bid_count", "provider_id", "charge")
FACTS = (
    *("id", "stage", "kind", "party", "title", "details", "service_id", "district", "place", "budget"),
    *("start", "finish_by", "bids_until", "decide_by", "provider_id", "charge", "allowed_events"),
)
OF_BIDS = ("id", "provider_id", "provider_name", "state", "charge", "tax", "over_budget", "finish_by", "late")
OF_MILESTONES = ("number", "title", "due", "amount", "stage", "collected_by", "transaction_id", "dispute")
OF_PURCHASES = ("department", "service", "bookings", "booked", "projects", "milestones", "accepted", "total")
Key = Annotated[str, typer.Argument(metavar="ID", help="The project's id, as the list shows it.")]


@projects.command("list")
def list_projects(
    *,
    stage: Annotated[str, typer.Option(help="OPEN, SELECTED, AGREED, COMPLETED, LAPSED or CANCELLED.")] = "",
    kind: Annotated[str, typer.Option(help="citizen, department or company.")] = "",
    district: Annotated[str, typer.Option(help="LGD code.")] = "",
    phone: Annotated[str, typer.Option(help="The consumer's telephone.")] = "",
    for_provider: Annotated[str, typer.Option(help="Only what this provider may bid on now.")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before ended.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Find project work, newest first.

    Example: bpp projects list --stage OPEN --for-provider P-GOMTI
    """
    client = operator_client(url)
    if for_provider:
        found = client.get(f"/providers/{for_provider}/projects", limit=limit, cursor=cursor)
    else:
        which = {"stage": stage, "kind": kind, "district": district, "phone": phone}
        found = client.get("/projects", limit=limit, cursor=cursor, **which)
    text = table(found["items"], COLUMNS, empty="no projects")
    show(found, f"{text}\nmore: --cursor {found['next']}" if found["next"] else text, as_json=as_json)


@projects.command("show")
def show_project(key: Key, *, url: Url = "", as_json: AsJson = False) -> None:
    """One project with its bids, MOU, milestones and history.

    Example: bpp projects show 0b8e9c3e-0000-4000-8000-000000000001
    """
    project = operator_client(url).get(f"/projects/{key}")
    show(project, lambda: described(project), as_json=as_json)


@projects.command("publish")
def publish(
    file: Annotated[Path, typer.Argument(help="The requirement as JSON, as POST /api/v1/projects takes it.")],
    *,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Publish a requirement to the providers that are on sale in the district with the service.

    Example: bpp projects publish wiring.json
    """
    project = operator_client(url).post("/projects", _document(file))
    show(project, f"{project['id']} is {project['stage']} for bids until {project['bids_until']}", as_json=as_json)


@projects.command("bid")
def bid(
    key: Key,
    *,
    provider: Annotated[str, typer.Option(help="Whose bid it is, or whose to change.")],
    charge: Annotated[str, typer.Option(help="Rupees, tax included unless --tax-on-top.")],
    finish_by: Annotated[str, typer.Option(help="The last day of the work.")],
    details: Annotated[str, typer.Option(help="What is offered, in words.")],
    tax_rate: Annotated[str, typer.Option(help="Per cent.")] = "18",
    tax_on_top: Annotated[bool, typer.Option("--tax-on-top", help="The tax comes on top of the charge.")] = False,
    milestone: Annotated[
        list[str] | None,
        typer.Option(help="TITLE=SHARE@DAY, a share in per cent; several times. None: all at the end."),
    ] = None,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Bid on a requirement, or change the bid.

    Example: bpp projects bid 0b8e9c3e --provider P-GOMTI --charge 118000.00 --finish-by 2026-12-24
    --details "Copper wire" --milestone "Pipes=40@2026-12-10" --milestone "Wires=60@2026-12-24"
    """
    body = {
        "event": "bid",
        "provider_id": provider,
        "charge": charge,
        "tax_included": not tax_on_top,
        "tax_rate": tax_rate,
        "finish_by": finish_by,
        "details": details,
        "milestones": [_milestone(one) for one in milestone or ()],
    }
    _said(operator_client(url).post(f"/projects/{key}/events", body), as_json=as_json)


@projects.command("event")
def event(
    key: Key,
    name: Annotated[
        str, typer.Argument(metavar="EVENT", help="withdraw_bid, select, accept_mou, decline_mou, report, accept, ...")
    ],
    *,
    person: Annotated[str, typer.Option(help="Who says it for that side; not for withdraw_bid and pay.")] = "",
    side: Annotated[str, typer.Option(help="accept_mou, decline_mou, cancel: consumer or provider.")] = "",
    provider: Annotated[str, typer.Option(help="withdraw_bid: whose.")] = "",
    bid_id: Annotated[str, typer.Option("--bid", help="select: id of the bid.")] = "",
    digest: Annotated[str, typer.Option(help="accept_mou: the SHA-256 that the page of the MOU shows.")] = "",
    milestone: Annotated[int, typer.Option(help="report, accept, dispute, pay: its number.", min=0)] = 0,
    reason: Annotated[str, typer.Option(help="decline_mou, dispute, cancel: why.")] = "",
    collected_by: Annotated[str, typer.Option(help="pay: samiti or provider.")] = "",
    transaction: Annotated[str, typer.Option(help="pay: id of the transaction or receipt.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """What the consumer, the provider or the Samiti does about a project.

    Example: bpp projects event 0b8e9c3e accept --milestone 1 --person "Meera Demo"
    """
    said = {
        "name": person,
        "side": side,
        "provider_id": provider,
        "bid_id": bid_id,
        "digest": digest,
        "milestone": milestone,
        "reason": reason,
        "collected_by": collected_by,
        "transaction_id": transaction,
    }
    body = {"event": name, **{field: value for field, value in said.items() if value}}
    _said(operator_client(url).post(f"/projects/{key}/events", body), as_json=as_json)


@projects.command("purchases")
def purchases(
    *,
    first: Annotated[str, typer.Option(help="The first day.")],
    last: Annotated[str, typer.Option(help="The last day.")],
    department: Annotated[str, typer.Option(help="Only this department's.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """What departments bought through Sewamitra in a period, in rupees, tax included.

    Example: bpp projects purchases --first 2026-11-01 --last 2026-11-30
    """
    report = operator_client(url).get("/purchases", first=first, last=last, department=department)
    text = table(report["items"], OF_PURCHASES, empty="nothing was bought")
    show(report, f"{text}\ntotal {report['total']}", as_json=as_json)


def described(project: dict[str, Any]) -> str:
    """One project for a person: facts, bids, MOU, milestones, and what happened."""
    mou = project["mou"]
    accepted = ", ".join(f"{one['side']} ({one['name']})" for one in mou["acceptances"]) if mou else ""
    parts = (
        facts(project, FACTS),
        table(project["bids"], OF_BIDS, empty="bids are sealed" if project["sealed"] else "no bids"),
        f"MOU {mou['url']}\ndigest {mou['digest']}\naccepted by {accepted or 'nobody yet'}" if mou else "no MOU",
        table(project["milestones"], OF_MILESTONES, empty="no milestones"),
        table(project["history"], ("at", "event", "side", "target"), empty="nothing yet"),
    )
    return "\n\n".join(parts)


def _said(project: dict[str, Any], *, as_json: bool) -> None:
    text = f"{project['id']} is {project['stage']}; possible now: {', '.join(project['allowed_events']) or 'nothing'}"
    show(project, text, as_json=as_json)


def _milestone(text: str) -> dict[str, str]:
    """``Pipes=40@2026-12-10`` as a milestone of a bid."""
    title, _, rest = text.rpartition("=")
    share, _, due = rest.partition("@")
    if not title or not share or not due:
        fail(f"--milestone {text!r}: TITLE=SHARE@DAY is expected", status=MISUSED)
    return {"title": title, "share": share, "due": due}


def _document(file: Path) -> dict[str, Any]:
    try:
        document = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as problem:
        fail(f"{file}: {problem}", status=MISUSED)
    if not isinstance(document, dict):
        fail(f"{file}: a JSON object is expected", status=MISUSED)
    return document
