"""``bpp settlement``: what is settled with buyer apps, and what an accountant does about it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.money import FirstDay, LastDay, file_of
from bpp.cli.output import MISUSED, AsJson, facts, fail, show, table

settlement = typer.Typer(no_args_is_help=True, help="Settling with buyer apps through the agency (RSF).")

RUN = ("id", "day", "stage", "prepared", "filed", "followed", "began_at", "ended_at")
COUNTS = ("state", "recon", "count")
ROW = ("id", "order_id", "bap_id", "number", "state", "recon", "amount", "settled", "code", "waits")
FACTS = (
    "id",
    "order_ref",
    "order_id",
    "bap_id",
    "state",
    "recon",
    "ready_at",
    "filed_at",
    "settled",
    "reference_no",
    "code",
    "says",
    "attempts",
    "issue_id",
)
FIGURES = ("whose", "amount", "commission", "withholding_amount", "tcs", "tds")
DIFFERENCES = ("cause", "field", "ours", "theirs", "code", "says")
FILING = ("message_id", "kind", "orders", "at", "agency", "answer")
READ = ("settles", "settled", "not_settled")
Which = Annotated[str, typer.Argument(metavar="SETTLEMENT", help="Id of the settlement.")]


@settlement.command("status")
def status(*, url: Url = "", as_json: AsJson = False) -> None:
    """Whether and with whom it is settled, the newest run, and how many are in which state.

    Example: bpp settlement status
    """
    found = operator_client(url).get("/settlement")
    show(found, lambda: _standing(found), as_json=as_json)


@settlement.command("list")
def list_settlements(
    *,
    state: Annotated[str, typer.Option(help="PREPARED, PENDING, SETTLED, NOT_SETTLED or IN_RECON.")] = "",
    buyer_app: Annotated[str, typer.Option(help="Subscriber id of the buyer app.")] = "",
    open_ones: Annotated[bool, typer.Option("--open", help="Only those that are not over.")] = False,
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before ended.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Settlements, order by order.

    Example: bpp settlement list --open
    """
    query = {"state": state, "bap_id": buyer_app, "open": "true" if open_ones else "", "limit": limit, "cursor": cursor}
    found = operator_client(url).get("/settlements", **query)
    rows = [{**one, "amount": one["figures"]["amount"]} for one in found["items"]]
    more = f"\n\nmore: --cursor {found['next']}" if found["next"] else ""
    show(found, lambda: table(rows, ROW, empty="no settlements") + more, as_json=as_json)


@settlement.command("show")
def show_settlement(which: Which, *, url: Url = "", as_json: AsJson = False) -> None:
    """One settlement with both sides' amounts and every difference.

    Example: bpp settlement show 4f1c
    """
    _one(operator_client(url).get(f"/settlements/{which}"), as_json=as_json)


@settlement.command("run")
def run(*, url: Url = "", as_json: AsJson = False) -> None:
    """Begin a run now, beside the daily one: prepare from the books, file what is due, follow up.

    Example: bpp settlement run
    """
    found = operator_client(url).post("/settlement/run")
    show(found, lambda: facts(found, RUN), as_json=as_json)


@settlement.command("recon")
def recon(which: Which, *, url: Url = "", as_json: AsJson = False) -> None:
    """Compare a settlement with the buyer app now.

    Example: bpp settlement recon 4f1c
    """
    _one(operator_client(url).post(f"/settlements/{which}/recon"), as_json=as_json)


@settlement.command("concede")
def concede(which: Which, *, url: Url = "", as_json: AsJson = False) -> None:
    """File what the buyer app says; what lies between stays open under its name.

    Example: bpp settlement concede 4f1c
    """
    _one(operator_client(url).post(f"/settlements/{which}/concede"), as_json=as_json)


@settlement.command("retry")
def retry(which: Which, *, url: Url = "", as_json: AsJson = False) -> None:
    """File a settlement again that the agency did not settle, once what was wrong is put right.

    Example: bpp settlement retry 4f1c
    """
    _one(operator_client(url).post(f"/settlements/{which}/retry"), as_json=as_json)


@settlement.command("own")
def own(amount: Annotated[str, typer.Argument(help="Rupees.")], *, url: Url = "", as_json: AsJson = False) -> None:
    """File a payout of our own through the agency (MISC).

    Example: bpp settlement own 2000
    """
    found = operator_client(url).post("/settlement/own-payouts", {"amount": amount})
    show(found, lambda: facts(found, FILING), as_json=as_json)


@settlement.command("file")
def filed(
    *,
    first: FirstDay,
    last: LastDay,
    as_list: Annotated[bool, typer.Option("--list", help="A list with what was answered.")] = False,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """What was filed in a period, as a file for an agency that exchanges files; --list: each settle and its answer.

    Example: bpp settlement file --from 2026-11-24 --until 2026-11-24 > settle.csv
    """
    query = {"from": first, "until": last}
    if not as_list and not as_json:
        file_of("/settlement/filings.csv", url, **query)
        return
    found = operator_client(url).get("/settlement/filings", **query)
    show(found, lambda: table(found["items"], FILING, empty="nothing was filed"), as_json=as_json)


@settlement.command("read")
def read(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The agency's answers, as CSV.")],
    *,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Take in a file of the agency's answers, all of it or nothing; the same file again changes nothing.

    Example: bpp settlement read answers.csv
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        fail(f"{path}: {problem.strerror}", status=MISUSED, as_json=as_json)
    found = operator_client(url).send("/settlement/answers", content, "text/csv")
    show(found, lambda: facts(found, READ), as_json=as_json)


def _one(found: dict[str, Any], *, as_json: bool) -> None:
    show(found, lambda: _described(found), as_json=as_json)


def _described(found: dict[str, Any]) -> str:
    sides = [{"whose": "ours", **found["figures"]}]
    if found["counter"] is not None:
        sides.append({"whose": "theirs", **found["counter"]})
    differences = table(found["differences"], DIFFERENCES, empty="no differences")
    return "\n\n".join([facts(found, FACTS), table(sides, FIGURES, empty=""), differences])


def _standing(found: dict[str, Any]) -> str:
    run_of = facts(found["run"], RUN) if found["run"] is not None else "no run yet"
    counts = table(found["counts"], COUNTS, empty="no settlements")
    return "\n\n".join([facts(found, ("mode", "agency")), run_of, counts])
