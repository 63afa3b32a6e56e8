"""A reconciliation as rows of text, for the API, the commands and files alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bpp.ledger.readings import Reading
from bpp.ledger.recon import Row, StrayCredit, Totals
from catalog.moments import wire_time

ROW_COLUMNS = (
    "ref",
    "provider_id",
    "channel",
    "completed_at",
    "gross",
    "collected_by",
    "mode",
    "online",
    "cash",
    "missing",
    "tax",
    "commission_due",
    "commission_received",
    "waits_for",
    "wallet_credit",
)
TOTALS = (
    "gross",
    "online",
    "cash",
    "missing",
    "tax",
    "commission",
    "commission_gst",
    "commission_received",
    "wallet_credit",
    "wallet_held",
    "topped_up",
    "into_wallets",
    "cash_in_hand",
    "owed_by_providers",
)


def rows_of(rows: Iterable[Row]) -> list[dict[str, str]]:
    """Bookings, by ``ROW_COLUMNS``."""
    return [
        {
            "ref": one.booked.ref,
            "provider_id": one.booked.provider_id,
            "channel": one.booked.channel,
            "completed_at": wire_time(one.booked.completed_at),
            "gross": str(one.gross),
            "collected_by": one.figures.collected_by,
            "mode": one.figures.mode,
            "online": str(one.figures.online),
            "cash": str(one.figures.cash),
            "missing": str(one.missing),
            "tax": str(one.figures.tax),
            "commission_due": str(one.commission_due),
            "commission_received": str(one.commission_received),
            "waits_for": ", ".join(one.waits_for),
            "wallet_credit": str(one.figures.wallet_credit),
        }
        for one in rows
    ]


def stray_rows_of(strays: Iterable[StrayCredit]) -> list[dict[str, str]]:
    """Credits that no booking explains."""
    return [
        {
            "at": wire_time(one.at),
            "posting_id": one.posting_id,
            "ref": one.ref,
            "part": one.part,
            "party": one.wallet.party,
            "party_id": one.wallet.party_id,
            "amount": str(one.amount),
            "reason": one.reason,
        }
        for one in strays
    ]


def totals_of(totals: Totals) -> dict[str, Any]:
    """The sums, amounts as text."""
    return {"bookings": totals.bookings, **{name: str(getattr(totals, name)) for name in TOTALS}}


def readings_of(readings: Iterable[Reading]) -> list[dict[str, Any]]:
    """The readings of the published figure with their equations."""
    return [
        {
            "reading": one.letter,
            "says": one.says,
            "consistent": one.consistent,
            "checks": [
                {"says": check.says, "expected": str(check.expected), "found": str(check.found), "holds": check.holds}
                for check in one.checks
            ],
        }
        for one in readings
    ]
