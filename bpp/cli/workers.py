"""``bpp workers``: papers, availability, leave and engagements; over the operator API of a running server."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.output import AsJson, facts, show, table

workers = typer.Typer(no_args_is_help=True, help="Workers: papers, availability, leave, engagements.")

FACTS = ("id", "provider_id", "name", "active", "available", "verification", "verified_until", "districts")
HAPPENED = ("at", "event", "actor", "source", "target", "reason")
AFFECTED = ("ref", "state", "slot_start", "slot_end", "channel", "reasons")
Worker = Annotated[str, typer.Argument(metavar="WORKER", help="Id of the worker.")]
Number = Annotated[str, typer.Option(help="Number of the paper.")]
Until = Annotated[str, typer.Option(help="Its last day, as 2027-12-31.")]
Link = Annotated[str, typer.Option("--paper", help="Address where it can be seen.")]
Others = Annotated[bool, typer.Option("--reassign", help="Others go to the bookings that it makes impossible.")]
First = Annotated[str, typer.Option("--from", help="First day, as 2026-12-01.")]
Last = Annotated[str, typer.Option("--until", help="Last day.")]
Reason = Annotated[str, typer.Option(help="Why; it stays in the history.")]


@workers.command("show")
def show_worker(worker: Worker, *, url: Url = "", as_json: AsJson = False) -> None:
    """A worker with certificates, engagements and history.

    Example: bpp workers show W-GOMTI-1
    """
    client = operator_client(url)
    found = {**client.get(f"/workers/{worker}"), "events": client.get(f"/workers/{worker}/history")["events"]}
    skills = table(
        [{"service": one, "until": day} for one, day in found["skills"].items()],
        ("service", "until"),
        empty="no certificates",
    )
    contracts = table(
        found["engagements"], ("id", "mode", "employer", "first", "last", "ended", "ended_by"), empty="no engagements"
    )
    events = table(found["events"], HAPPENED, empty="nothing happened yet")
    show(found, f"{facts(found, FACTS)}\n\n{skills}\n\n{contracts}\n\n{events}", as_json=as_json)


@workers.command("verify")
def verify(
    worker: Worker, number: Number, until: Until, *, paper: Link = "", url: Url = "", as_json: AsJson = False
) -> None:
    """Enter a police verification.

    Example: bpp workers verify W-GOMTI-1 --number PV-2026-17 --until 2027-11-30
    """
    _change(worker, "verification", {"number": number, "until": until, "url": paper}, url, as_json=as_json)


@workers.command("certify")
def certify(
    worker: Worker,
    service: Annotated[str, typer.Option(help="Sewamitra's service, as SM-PLB.")],
    number: Number,
    until: Until,
    *,
    paper: Link = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Enter a certificate in a service.

    Example: bpp workers certify W-GOMTI-1 --service SM-PLB --number CT-2026-17 --until 2028-11-30
    """
    body = {"service_id": service, "number": number, "until": until, "url": paper}
    _change(worker, "certificates", body, url, as_json=as_json)


@workers.command("availability")
def availability(
    worker: Worker,
    on: Annotated[bool, typer.Option("--on/--off", help="Takes jobs, or does not until further notice.")],
    *,
    reassign: Others = False,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Switch whether a worker takes jobs.

    Example: bpp workers availability W-GOMTI-1 --off
    """
    _change(worker, "availability", {"available": on, "reassign": reassign}, url, as_json=as_json)


@workers.command("leave")
def leave(
    worker: Worker, first: First, last: Last, *, reassign: Others = False, url: Url = "", as_json: AsJson = False
) -> None:
    """Enter days away, both included.

    Example: bpp workers leave W-GOMTI-1 --from 2026-12-24 --until 2026-12-26 --reassign
    """
    _change(worker, "leaves", {"first": first, "last": last, "reassign": reassign}, url, as_json=as_json)


@workers.command("cancel-leave")
def cancel_leave(worker: Worker, first: First, *, url: Url = "", as_json: AsJson = False) -> None:
    """Take a leave back, named by its first day.

    Example: bpp workers cancel-leave W-GOMTI-1 --from 2026-12-24
    """
    _change(worker, "leaves/cancel", {"first": first}, url, as_json=as_json)


@workers.command("engage")
def engage(
    worker: Worker,
    contract: Annotated[str, typer.Option(help="Id of the contract.")],
    mode: Annotated[str, typer.Option(help="government, industry or citizen.")],
    employer: Annotated[str, typer.Option(help="Who engages the worker.")],
    first: First,
    last: Last,
    *,
    force: Annotated[bool, typer.Option("--force", help="Although the worker is booked on these days.")] = False,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Enter a contract elsewhere, which takes the worker out of the pool for its days.

    Example: bpp workers engage W-GOMTI-1 --contract E1 --mode government --employer "Demo Department"
    --from 2026-12-01 --until 2026-12-31
    """
    body = {"id": contract, "mode": mode, "employer": employer, "first": first, "last": last, "force": force}
    _change(worker, "engagements", body, url, as_json=as_json)


@workers.command("end-engagement")
def end_engagement(
    worker: Worker,
    contract: Annotated[str, typer.Argument(metavar="CONTRACT", help="Id of the contract.")],
    by: Annotated[str, typer.Option(help="worker, employer or provider.")],
    *,
    last: Annotated[str, typer.Option("--last", help="Its last day; yesterday where left out.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """End a contract early; the worker is back the day after its last.

    Example: bpp workers end-engagement W-GOMTI-1 E1 --by worker
    """
    body = {"by": by, **({"last": last} if last else {})}
    _change(worker, f"engagements/{contract}/end", body, url, as_json=as_json)


@workers.command("suspend")
def suspend(worker: Worker, reason: Reason, *, url: Url = "", as_json: AsJson = False) -> None:
    """Let a worker be sent to nobody any more.

    Example: bpp workers suspend W-GOMTI-1 --reason "a complaint is looked into"
    """
    _change(worker, "events", {"event": "suspend", "reason": reason}, url, as_json=as_json)


@workers.command("restore")
def restore(worker: Worker, reason: Reason, *, url: Url = "", as_json: AsJson = False) -> None:
    """Let a suspended worker be sent again.

    Example: bpp workers restore W-GOMTI-1 --reason "cleared"
    """
    _change(worker, "events", {"event": "restore", "reason": reason}, url, as_json=as_json)


@workers.command("affected")
def affected(worker: Worker, *, url: Url = "", as_json: AsJson = False) -> None:
    """The bookings that a worker can no longer do, to be given to others.

    Example: bpp workers affected W-GOMTI-1
    """
    found = operator_client(url).get(f"/workers/{worker}/affected")
    show(found, table(found["affected"], AFFECTED, empty="no booking is in danger"), as_json=as_json)


def _change(worker: str, path: str, body: dict[str, Any], url: str, *, as_json: bool) -> None:
    done = operator_client(url).post(f"/workers/{worker}/{path}", body)
    text = table(done["affected"], AFFECTED, empty="no booking is touched by it")
    others = table(done["reassigned"], ("ref", "fulfillment_id", "slot_start", "worker_id", "problem"), empty="")
    show(done, "\n".join(filter(None, (f"{worker}: done", others, text))), as_json=as_json)
