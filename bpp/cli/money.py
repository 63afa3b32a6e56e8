"""``bpp payouts``, ``bpp receipts``, ``bpp recon``, ``bpp tax`` and ``bpp commission``: the accountant's commands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.output import AsJson, facts, show, table

payouts = typer.Typer(no_args_is_help=True, help="Paying out wallets.")
receipts = typer.Typer(no_args_is_help=True, help="Money that came in, was handed over or paid.")
tax = typer.Typer(no_args_is_help=True, help="Tax figures by provider.")
commission = typer.Typer(no_args_is_help=True, help="The Samiti's share.")

FirstDay = Annotated[str, typer.Option("--from", help="First day, in Asia/Kolkata.")]
LastDay = Annotated[str, typer.Option("--until", help="Last day, included.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print a file for a spreadsheet.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Id of the run.")]

RUN = ("id", "state", "at", "until", "minimum", "wallets", "paid", "failed", "recorded_by")
PAID = ("party", "party_id", "amount", "state", "reason")
TAX = ("provider_id", "gstin", "bookings", "gross", "tcs_central", "tcs_state", "tds", "gst_9_5", "gst_on_commission")
COMMISSION = ("booked_on", "rate", "bookings", "gross", "commission", "gst")
RECEIPT = ("at", "kind", "payer", "reference", "amount", "recorded_by")


@payouts.command("run")
def run_payout(
    name: Annotated[str, typer.Argument(metavar="RUN", help="Yours, one for each run: the same again pays nothing.")],
    *,
    until: Annotated[str, typer.Option(help="What was owed before this moment; without it: now.")] = "",
    minimum: Annotated[str, typer.Option(help="Rupees; wallets with less wait.")] = "1.00",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Pay every wallet what it is owed.

    Example: bpp payouts run 2026-11-30 --minimum 100
    """
    body = {"id": name, "minimum": minimum, **({"until": until} if until else {})}
    found = operator_client(url).post("/payouts", body)
    show(found, lambda: _run(found), as_json=as_json)


@payouts.command("list")
def list_payouts(
    *,
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before ended.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Payout runs, newest first.

    Example: bpp payouts list
    """
    found = operator_client(url).get("/payouts", limit=limit, cursor=cursor)
    _page(found, RUN, "no payout runs", as_json=as_json)


@payouts.command("show")
def show_payout(name: RunName, *, as_csv: AsCsv = False, url: Url = "", as_json: AsJson = False) -> None:
    """One payout run with its lines; with --csv the bank's file.

    Example: bpp payouts show 2026-11-30 --csv > transfers.csv
    """
    if as_csv:
        file_of(f"/payouts/{name}/transfers.csv", url)
        return
    found = operator_client(url).get(f"/payouts/{name}")
    show(found, lambda: _run(found), as_json=as_json)


@payouts.command("fail")
def fail_payout(
    name: RunName,
    party: Annotated[str, typer.Argument(help="provider or worker.")],
    party_id: Annotated[str, typer.Argument(metavar="ID", help="Whose wallet.")],
    *,
    reason: Annotated[str, typer.Option(help="What the bank said.")],
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Take back a payment that did not arrive: the next run pays it again.

    Example: bpp payouts fail 2026-11-30 provider P-GOMTI --reason "account closed"
    """
    body = {"party": party, "party_id": party_id, "reason": reason}
    found = operator_client(url).post(f"/payouts/{name}/failures", body)
    show(found, lambda: _run(found), as_json=as_json)


@receipts.command("record")
def record_receipt(
    kind: Annotated[
        str, typer.Argument(help="buyer_app_settlement, provider_payment, cash_handover, tax_payment, ...")
    ],
    payer: Annotated[str, typer.Argument(help="Buyer app, provider, worker, tax, or the order of a refund.")],
    reference: Annotated[str, typer.Argument(help="Of the bank or the receipt book: the same again is not recorded.")],
    amount: Annotated[str, typer.Argument(help="Rupees.")],
    *,
    provider_id: Annotated[str, typer.Option("--provider", help="cash_handover: to whom.")] = "",
    finder_fee: Annotated[str, typer.Option(help="buyer_app_settlement: what it kept back.")] = "",
    finder_fee_gst: Annotated[str, typer.Option(help="buyer_app_settlement: GST on that.")] = "",
    note: Annotated[str, typer.Option(help="A remark.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Record what came in, was handed over or paid.

    Example: bpp receipts record buyer_app_settlement buyer.example.in UTR123 481.34 --finder-fee 14.97
    """
    more = {"provider_id": provider_id, "finder_fee": finder_fee, "finder_fee_gst": finder_fee_gst, "note": note}
    said = {"kind": kind, "payer": payer, "reference": reference, "amount": amount}
    found = operator_client(url).post("/receipts", {**said, **{name: one for name, one in more.items() if one}})
    show(found, lambda: facts(found, RECEIPT), as_json=as_json)


@receipts.command("list")
def list_receipts(
    *,
    first: FirstDay,
    last: LastDay,
    kind: Annotated[str, typer.Option(help="Only of this kind.")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before ended.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Receipts of a period, newest first.

    Example: bpp receipts list --from 2026-11-01 --until 2026-11-30
    """
    query = {"from": first, "until": last, "kind": kind, "limit": limit, "cursor": cursor}
    _page(operator_client(url).get("/receipts", **query), RECEIPT, "no receipts", as_json=as_json)


@tax.command("export")
def export_tax(
    *, first: FirstDay, last: LastDay, as_csv: AsCsv = False, url: Url = "", as_json: AsJson = False
) -> None:
    """TCS (GSTR-8), TDS (194-O) and GST under section 9(5) of a period, by provider.

    Example: bpp tax export --from 2026-11-01 --until 2026-11-30 --csv > tax.csv
    """
    _report("tax", TAX, first, last, url=url, as_csv=as_csv, as_json=as_json)


@commission.command("report")
def report_commission(
    *, first: FirstDay, last: LastDay, as_csv: AsCsv = False, url: Url = "", as_json: AsJson = False
) -> None:
    """The Samiti's share of a period, with the rate in force on the day of each booking.

    Example: bpp commission report --from 2026-11-01 --until 2026-11-30
    """
    _report("commission", COMMISSION, first, last, url=url, as_csv=as_csv, as_json=as_json)


def file_of(path: str, url: str, **query: Any) -> None:
    """Print a file of the operator API as it is."""
    typer.echo(operator_client(url).file(path, **query), nl=False)


def _report(
    name: str, columns: tuple[str, ...], first: str, last: str, *, url: str, as_csv: bool, as_json: bool
) -> None:
    query = {"from": first, "until": last}
    if as_csv:
        file_of(f"/reports/{name}.csv", url, **query)
        return
    found = operator_client(url).get(f"/reports/{name}", **query)
    sums = {field: value for field, value in found.items() if field not in {"items", "from", "until"}}
    rows = table(found["items"], columns, empty="nothing in this period")
    show(found, lambda: f"{rows}\n\n{facts(sums, tuple(sums))}", as_json=as_json)


def _page(found: dict[str, Any], columns: tuple[str, ...], empty: str, *, as_json: bool) -> None:
    text = table(found["items"], columns, empty=empty)
    show(found, f"{text}\nmore: --cursor {found['next']}" if found["next"] else text, as_json=as_json)


def _run(found: dict[str, Any]) -> str:
    return f"{facts(found, RUN)}\n\n{table(found['lines'], PAID, empty='no wallet was owed so much')}"
