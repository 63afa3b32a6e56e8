"""``bpp providers``: empanelment and standing of providers; over the operator API of a running server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.output import MISUSED, AsJson, facts, fail, show, table

providers = typer.Typer(no_args_is_help=True, help="Providers: empanelment, agreements, suspension.")

COLUMNS = ("id", "state", "kind", "name", "city", "services", "requested_at")
FACTS = ("id", "name", "kind", "status", "agreement_from", "agreement_until", "districts")
HAPPENED = ("at", "event", "actor", "source", "target", "reason")
Application = Annotated[str, typer.Argument(metavar="APPLICATION", help="Id of the application.")]
Provider = Annotated[str, typer.Argument(metavar="PROVIDER", help="Id of the provider.")]
Reason = Annotated[str, typer.Option(help="Why; it stays in the history.")]
First = Annotated[str, typer.Option("--from", help="First day of the agreement, as 2026-12-01.")]
Until = Annotated[str, typer.Option(help="Last day of the agreement.")]
Number = Annotated[str, typer.Option(help="Number of the agreement.")]


@providers.command("requests")
def requests(
    *,
    state: Annotated[str, typer.Option(help="requested, under_review, approved, refused, withdrawn.")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before ended.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Applications for empanelment.

    Example: bpp providers requests --state requested
    """
    found = operator_client(url).get("/empanelments", state=state, limit=limit, cursor=cursor)
    text = table(found["items"], COLUMNS, empty="no applications")
    show(found, f"{text}\nmore: --cursor {found['next']}" if found["next"] else text, as_json=as_json)


@providers.command("apply")
def apply(
    file: Annotated[Path, typer.Argument(help="JSON with the fields of POST /empanelments.", exists=True)],
    *,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Enter an application.

    Example: bpp providers apply newcomer.json
    """
    try:
        body = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as problem:
        fail(f"{file}: not JSON: {problem}", status=MISUSED)
    made = operator_client(url).post("/empanelments", body)
    show(made, f"application {made['id']} of {made['name']} is {made['state']}", as_json=as_json)


@providers.command("review")
def review(application: Application, *, url: Url = "", as_json: AsJson = False) -> None:
    """Look into an application.

    Example: bpp providers review 7c1f
    """
    _decide(application, {"event": "review"}, url, as_json=as_json)


@providers.command("approve")
def approve(
    application: Application,
    provider: Annotated[str, typer.Option(help="Id of the provider that is made.")],
    number: Number,
    first: First,
    until: Until,
    *,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Make an applicant a provider with an agreement.

    Example: bpp providers approve 7c1f --provider P-NEW --number A-2026-17 --from 2026-12-01 --until 2028-11-30
    """
    body = {"event": "approve", "provider_id": provider, "number": number, "first": first, "until": until}
    _decide(application, body, url, as_json=as_json)


@providers.command("refuse")
def refuse(application: Application, reason: Reason, *, url: Url = "", as_json: AsJson = False) -> None:
    """Refuse an application that is under review.

    Example: bpp providers refuse 7c1f --reason "no registration certificate"
    """
    _decide(application, {"event": "refuse", "reason": reason}, url, as_json=as_json)


@providers.command("withdraw")
def withdraw(application: Application, *, reason: Reason = "", url: Url = "", as_json: AsJson = False) -> None:
    """Enter that an applicant does not want any more.

    Example: bpp providers withdraw 7c1f
    """
    _decide(application, {"event": "withdraw", "reason": reason}, url, as_json=as_json)


@providers.command("show")
def show_provider(provider: Provider, *, url: Url = "", as_json: AsJson = False) -> None:
    """A provider with its agreements and its history.

    Example: bpp providers show P-GOMTI
    """
    client = operator_client(url)
    found = {**client.get(f"/providers/{provider}"), **client.get(f"/providers/{provider}/history")}
    agreements = table(found["agreements"], ("number", "first", "until"), empty="no agreement was entered")
    events = table(found["events"], HAPPENED, empty="nothing happened yet")
    show(found, f"{facts(found, FACTS)}\n\n{agreements}\n\n{events}", as_json=as_json)


@providers.command("suspend")
def suspend(provider: Provider, reason: Reason, *, url: Url = "", as_json: AsJson = False) -> None:
    """Take a provider out of the catalogue at once; its orders go on, new ones are refused.

    Example: bpp providers suspend P-GOMTI --reason "three complaints open"
    """
    _stand(provider, {"event": "suspend", "reason": reason}, url, as_json=as_json)


@providers.command("restore")
def restore(provider: Provider, reason: Reason, *, url: Url = "", as_json: AsJson = False) -> None:
    """Let a suspended provider sell again.

    Example: bpp providers restore P-GOMTI --reason "complaints settled"
    """
    _stand(provider, {"event": "restore", "reason": reason}, url, as_json=as_json)


@providers.command("renew")
def renew(
    provider: Provider, number: Number, first: First, until: Until, *, url: Url = "", as_json: AsJson = False
) -> None:
    """Add a further agreement.

    Example: bpp providers renew P-GOMTI --number A-2031-4 --from 2031-04-01 --until 2034-03-31
    """
    _stand(provider, {"event": "renew", "number": number, "first": first, "until": until}, url, as_json=as_json)


def _decide(application: str, body: dict[str, Any], url: str, *, as_json: bool) -> None:
    done = operator_client(url).post(f"/empanelments/{application}/events", body)
    made = f"; provider {done['provider_id']}" if done["provider_id"] else ""
    show(done, f"application {done['id']} is {done['state']}{made}", as_json=as_json)


def _stand(provider: str, body: dict[str, Any], url: str, *, as_json: bool) -> None:
    done = operator_client(url).post(f"/providers/{provider}/events", body)
    sells = "sells" if done["on_sale"] else "does not sell"
    text = f"{provider} is {done['status']}, with an agreement until {done['agreement_until']}: it {sells}"
    show(done, text, as_json=as_json)
