"""``bpp recon``: bookings against money, of a running server or of the synthetic data set."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.money import AsCsv, FirstDay, LastDay, file_of
from bpp.cli.output import MISUSED, AsJson, facts, fail, show, table

recon = typer.Typer(no_args_is_help=True, help="Bookings against money.")

BOOKING = ("ref", "provider_id", "gross", "mode", "missing", "commission_due", "commission_received", "waits_for")
STRAY = ("at", "party", "party_id", "amount", "part", "ref", "reason")
SHOWN = 20
"""Rows of each list of the data set; the counts are of all."""


@recon.command("run")
def run(
    *,
    first: FirstDay,
    last: LastDay,
    figure: Annotated[str, typer.Option(help="Money said to be in wallets: which reading of it fits?")] = "",
    as_csv: AsCsv = False,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Totals of the bookings completed in a period, and three lists of what does not match; --csv: every booking.

    Example: bpp recon run --from 2026-11-01 --until 2026-11-30
    """
    query = {"from": first, "until": last}
    if as_csv:
        file_of("/reconciliation/bookings.csv", url, **query)
        return
    found = operator_client(url).get("/reconciliation", **query, figure=figure)
    show(found, lambda: described(found), as_json=as_json)


@recon.command("demo")
def demo(
    *,
    reading: Annotated[str, typer.Option(help="a, b or c: which of the three.")] = "a",
    as_json: AsJson = False,
) -> None:
    """Reconcile the synthetic data set, which adds up to the published figures under one of three readings.

    Example: bpp recon demo --reading b
    """
    from bpp.ledger.readings import PUBLISHED, readings  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.ledger.recon_rows import readings_of, rows_of, totals_of  # noqa: PLC0415
    from bpp.ledger.synthetic import LABEL, data_set, reconciled  # noqa: PLC0415

    if reading not in ("a", "b", "c"):
        fail(f"--reading {reading!r}: a, b or c is expected", status=MISUSED)
    done = reconciled(data_set(cast("Literal['a', 'b', 'c']", reading)))
    found = {
        "data": LABEL,
        "published": str(PUBLISHED),
        "totals": totals_of(done.totals),
        "counts": {
            "completed_no_money_seen": len(done.no_money_seen),
            "wallet_credit_without_booking": len(done.credit_without_booking),
            "commission_due_not_received": len(done.commission_not_received),
        },
        "completed_no_money_seen": rows_of(done.no_money_seen[:SHOWN]),
        "wallet_credit_without_booking": [],
        "commission_due_not_received": rows_of(done.commission_not_received[:SHOWN]),
        "readings": readings_of(readings(done.totals)),
    }
    text = f"{LABEL}; published: {PUBLISHED}"
    show(found, lambda: f"{described(found)}\n\n{text}", as_json=as_json)


def described(found: dict[str, Any]) -> str:
    """A reconciliation for people."""
    counts = found.get("counts", {})
    parts = [facts(found["totals"], tuple(found["totals"]))]
    for name, columns in (
        ("completed_no_money_seen", BOOKING),
        ("wallet_credit_without_booking", STRAY),
        ("commission_due_not_received", BOOKING),
    ):
        rows = found[name]
        count = counts.get(name, len(rows))
        parts.append(f"{name.replace('_', ' ')}: {count}\n{table(rows, columns, empty='none')}")
    parts += [_reading(one) for one in found["readings"]]
    return "\n\n".join(parts)


def _reading(one: dict[str, Any]) -> str:
    checks = [
        f"   {'=' if check['holds'] else '!'} {check['says']}: {check['expected']} expected, {check['found']} found"
        for check in one["checks"]
    ]
    return "\n".join([f"{one['reading']}) {one['says']}: {'yes' if one['consistent'] else 'no'}", *checks])
