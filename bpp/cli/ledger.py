"""``bpp ledger``: the books of a running server, and the rates of fees and taxes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.money import FirstDay, LastDay, file_of
from bpp.cli.orders import named
from bpp.cli.output import AsJson, show, table

ledger = typer.Typer(no_args_is_help=True, help="The books of a running server.")
rates = typer.Typer(no_args_is_help=True, help="Rates of fees and taxes, each from a day on.")
ledger.add_typer(rates, name="rates")

ENTRIES = ("at", "ref", "words", "words_hi", "debit", "credit", "balance")
SIDES = ("party", "id", "purpose", "debit", "credit")


@ledger.command("order")
def order_ledger(
    ref: Annotated[str, typer.Argument(help="Reference or number of the order; `last` for the newest.")],
    *,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Every line in the books of one order, and what of it is left on each account.

    Example: bpp ledger order last
    """
    client = operator_client(url)
    found = client.get(f"/orders/{named(ref, client)}/ledger")
    show(found, lambda: _order(found), as_json=as_json)


@ledger.command("provider")
def provider(
    provider_id: Annotated[str, typer.Argument(metavar="PROVIDER", help="Id of the provider.")],
    *,
    first: FirstDay,
    last: LastDay,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a file for a spreadsheet.")] = False,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """The statement of a provider's wallet: what it earned, was paid and owes.

    Example: bpp ledger provider P-GOMTI --from 2026-11-01 --until 2026-11-30
    """
    _statement("provider", provider_id, first, last, url=url, as_csv=as_csv, as_json=as_json)


@ledger.command("worker")
def worker(
    worker_id: Annotated[str, typer.Argument(metavar="WORKER", help="Id of the worker.")],
    *,
    first: FirstDay,
    last: LastDay,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a file for a spreadsheet.")] = False,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """The statement of a worker's wallet.

    Example: bpp ledger worker W-ASHA --from 2026-11-01 --until 2026-11-30
    """
    _statement("worker", worker_id, first, last, url=url, as_csv=as_csv, as_json=as_json)


@ledger.command("wallets")
def wallets(
    *,
    party: Annotated[str, typer.Option(help="provider or worker; without it both.")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before ended.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """What each wallet is owed; negative: what its holder owes.

    Example: bpp ledger wallets --party provider
    """
    found = operator_client(url).get("/wallets", party=party, limit=limit, cursor=cursor)
    text = table(found["items"], ("party", "id", "balance"), empty="all wallets are empty")
    show(found, f"{text}\nmore: --cursor {found['next']}" if found["next"] else text, as_json=as_json)


@ledger.command("balances")
def balances(
    *,
    last: Annotated[str, typer.Option("--until", help="Last day, included; without it as the books stand.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """The trial balance: every account on its side.

    Example: bpp ledger balances --until 2026-11-30
    """
    found = operator_client(url).get("/balances", until=last)
    total = {"party": "total", "debit": found["debit"], "credit": found["credit"]}
    show(found, lambda: table([*found["accounts"], total], SIDES, empty=""), as_json=as_json)


@rates.command("list")
def list_rates(
    *,
    name: Annotated[str, typer.Option(help="Only this one.")] = "",
    on: Annotated[str, typer.Option(help="Only those in force on this day.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """The rates with the days from which they are in force.

    Example: bpp ledger rates list --on 2026-11-30
    """
    found = operator_client(url).get("/rates", name=name, on=on)
    show(found, lambda: _rates(found), as_json=as_json)


@rates.command("add")
def add_rate(
    name: Annotated[str, typer.Argument(help="commission, tcs, tds_194o, ... as the list names them.")],
    value: Annotated[str, typer.Argument(help="Per cent, or rupees.")],
    *,
    first: Annotated[str, typer.Option("--from", help="First day, today or later.")],
    base: Annotated[str, typer.Option(help="net or gross; without it as before.")] = "",
    scope: Annotated[str, typer.Option(help="all or released; without it as before.")] = "",
    note: Annotated[str, typer.Option(help="The decision it comes of.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Add a rate from a day on; what was booked before keeps its own.

    Example: bpp ledger rates add commission 10 --from 2027-04-01 --note "governing body, 8th meeting"
    """
    body = {"name": name, "value": value, "valid_from": first, "base": base, "scope": scope, "note": note}
    found = operator_client(url).post("/rates", body)
    show(found, lambda: _rates(found), as_json=as_json)


def _statement(party: str, party_id: str, first: str, last: str, *, url: str, as_csv: bool, as_json: bool) -> None:
    path = f"/wallets/{party}/{party_id}/statement"
    if as_csv:
        file_of(f"{path}.csv", url, **{"from": first, "until": last})
        return
    found = operator_client(url).get(path, **{"from": first, "until": last})
    show(found, lambda: _lines(found), as_json=as_json)


def _lines(found: dict[str, Any]) -> str:
    entries = table(found["entries"], ENTRIES, empty="nothing in this period")
    return f"opening balance {found['opening']}\n{entries}\nclosing balance {found['closing']}"


def _order(found: dict[str, Any]) -> str:
    parts = [
        f"{one['at']}  {one['words']} ({one['part']})\n{table(one['lines'], SIDES, empty='')}"
        for one in found["postings"]
    ]
    left = table(found["balances"], SIDES, empty="nothing")
    return "\n\n".join([*parts, f"left on accounts:\n{left}"])


def _rates(found: dict[str, Any]) -> str:
    return table(found["items"], ("name", "valid_from", "value", "unit", "base", "scope", "note"), empty="no rates")
