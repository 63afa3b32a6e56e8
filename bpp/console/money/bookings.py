"""Bookings with their money, as the reconciliation has them: the columns of its lists, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence

from bpp.console.language import gettext, msg
from bpp.console.money.tables import Column, Link, Table, rupees_of
from bpp.console.money.words import CHANNELS, COLLECTED, MODES, PARTIES, STRAYS, WAITS_FOR, holder, told
from bpp.core.world import World
from bpp.ledger.model import Account
from bpp.ledger.recon import Reconciliation, Row, StrayCredit

PROJECT = "project"
TITLES = {
    "bookings": msg("All bookings completed in the period"),
    "unpaid": msg("Completed, but no money seen"),
    "stray": msg("Money in a wallet without a booking"),
    "owing": msg("Commission due, but not received"),
}
"""The lists, by name."""


def order_link(ref: str, channel: str = "") -> Link | None:
    """To the order; project work has no page of its own, but its lines in the books."""
    return explained(ref) if channel == PROJECT or not ref else Link("order", {"ref": ref})


def explained(ref: str) -> Link | None:
    """To every line of an order in the books."""
    return Link("money-rupee", query={"number": ref}) if ref else None


def booking_columns(world: World) -> Sequence[Column]:
    """A booking with its money."""
    return (
        Column(
            msg("Order"), lambda row: row.booked.ref, link=lambda row: order_link(row.booked.ref, row.booked.channel)
        ),
        Column(msg("Completed"), lambda row: row.booked.completed_at, "moment"),
        Column(msg("Service provider"), lambda row: holder("provider", row.booked.provider_id, world)),
        Column(msg("Came by"), lambda row: told(CHANNELS, row.booked.channel)),
        Column(msg("Gross (what the customer is charged)"), lambda row: rupees_of(row.gross), "money"),
        Column(msg("Collected by"), lambda row: told(COLLECTED, row.figures.collected_by)),
        Column(msg("How"), lambda row: told(MODES, row.figures.mode)),
        Column(msg("Online"), lambda row: rupees_of(row.figures.online), "money"),
        Column(msg("Cash"), lambda row: rupees_of(row.figures.cash), "money"),
        Column(msg("Not seen"), lambda row: rupees_of(row.missing), "money"),
        Column(msg("Taxes"), lambda row: rupees_of(row.figures.tax), "money"),
        Column(msg("Commission due, with GST"), lambda row: rupees_of(row.commission_due), "money"),
        Column(msg("Commission received"), lambda row: rupees_of(row.commission_received), "money"),
        Column(msg("Waits for"), _waits),
        Column(msg("Put into wallets"), lambda row: rupees_of(row.figures.wallet_credit), "money"),
        Column(msg("One rupee"), lambda _row: gettext("Explain"), link=lambda row: explained(row.booked.ref)),
    )


UNPAID = ("Order", "Completed", "Service provider", "Came by", "Gross (what the customer is charged)", "Not seen")
OWING = ("Order", "Completed", "Service provider", "Commission due, with GST", "Commission received", "Waits for")
"""What of a booking matters in these lists."""


def lists(found: Reconciliation, still: Reconciliation, world: World) -> Sequence[Table]:
    """The three lists of what does not match, the first and the last of what is open ``still``, and all bookings."""
    columns = booking_columns(world)

    def table(name: str, rows: Sequence[Row], wanted: Sequence[str] = ()) -> Table:
        kept = [one for one in columns if not wanted or one.title in wanted]
        return Table(name=name, title=TITLES[name], columns=kept, rows=rows, sums=True)

    return (
        table("unpaid", still.no_money_seen, UNPAID),
        Table(
            name="stray",
            title=TITLES["stray"],
            columns=_stray_columns(world),
            rows=found.credit_without_booking,
            sums=True,
        ),
        table("owing", still.commission_not_received, OWING),
        table("bookings", found.rows),
    )


def _stray_columns(world: World) -> Sequence[Column]:
    def whose(one: StrayCredit) -> str:
        return holder(one.wallet.party, one.wallet.party_id, world)

    return (
        Column(msg("Order"), lambda one: one.ref or gettext("none"), link=_of_stray),
        Column(msg("When"), lambda one: one.at, "moment"),
        Column(msg("Wallet"), lambda one: f"{told(PARTIES, one.wallet.party)}: {whose(one)}"),
        Column(msg("Amount"), lambda one: rupees_of(one.amount), "money"),
        Column(msg("Why it is here"), lambda one: told(STRAYS, one.reason)),
    )


def _of_stray(one: StrayCredit) -> Link | None:
    return order_link(one.ref) if one.reason != "no booking" else None


def _waits(row: Row) -> str:
    return ", ".join(told(WAITS_FOR, one) for one in row.waits_for)


def statement_link(account: Account) -> Link:
    """To the statement of an account."""
    return Link("money-statement", query={"party": account.party, "id": account.party_id, "purpose": account.purpose})
