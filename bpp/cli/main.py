"""The program ``bpp``: its commands, and the last door for what goes wrong.

Exit status 0; 1 where something failed; 2 where the command line or the settings are wrong.
"""

from __future__ import annotations

import os
import sys

import aiohttp
import orjson
import typer

from bpp.cli.assign import assign
from bpp.cli.audit import audit
from bpp.cli.auth import auth
from bpp.cli.backup import backup, restore
from bpp.cli.bench import bench
from bpp.cli.book import book, find
from bpp.cli.buyer import buyer
from bpp.cli.client import Refused
from bpp.cli.config import config
from bpp.cli.conformance import conformance
from bpp.cli.data import catalog, database, seed
from bpp.cli.deliveries import deliveries
from bpp.cli.demand import demand
from bpp.cli.demo import demo
from bpp.cli.doctor import doctor
from bpp.cli.incident import incident
from bpp.cli.keys import keys
from bpp.cli.ledger import ledger
from bpp.cli.money import commission, payouts, receipts, tax
from bpp.cli.observability import observability
from bpp.cli.orders import orders
from bpp.cli.output import FAILED, MISUSED
from bpp.cli.people import people
from bpp.cli.person import person
from bpp.cli.projects import projects
from bpp.cli.providers import providers
from bpp.cli.ratings import ratings
from bpp.cli.recon import recon
from bpp.cli.retention import retention
from bpp.cli.sandbox import sandbox
from bpp.cli.settlement import settlement
from bpp.cli.tickets import tickets
from bpp.cli.validate import validate
from bpp.cli.verify import verify
from bpp.cli.workers import workers
from bpp.collecting import collect_seldom
from bpp.errors import Unavailable
from bpp.logs import configure_logs
from bpp.settings import SettingsProblems, load_settings

collect_seldom()  # before a command imports what it needs, here and in the processes that a server starts
program = typer.Typer(
    name="bpp",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Sewamitra BPP: the seller side of home services on ONDC.",
)


@program.command("serve")
def serve() -> None:
    """Start the server; Ctrl-C stops it.

    Example: BPP_PORT=8090 bpp serve
    """
    from bpp.serve import serve as run_server  # noqa: PLC0415  heavy: only this command waits for it

    raise typer.Exit(run_server(load_settings(os.environ)))


program.command("demo")(demo)
program.command("config")(config)
program.command("bench")(bench)
program.command("doctor")(doctor)
program.command("incident")(incident)
program.command("conformance")(conformance)
program.command("validate")(validate)
program.command("find")(find)
program.command("book")(book)
program.command("seed")(seed)
program.command("restore")(restore)
program.add_typer(database, name="db")
program.add_typer(catalog, name="catalog")
program.add_typer(keys, name="keys")
program.add_typer(auth, name="auth")
program.add_typer(audit, name="audit")
program.add_typer(orders, name="orders")
program.add_typer(assign, name="assign")
program.add_typer(projects, name="projects")
program.add_typer(ratings, name="ratings")
program.add_typer(tickets, name="tickets")
program.add_typer(deliveries, name="deliveries")
program.add_typer(demand, name="demand")
program.add_typer(backup, name="backup")
program.add_typer(retention, name="retention")
program.add_typer(observability, name="observability")
program.add_typer(people, name="people")
program.add_typer(person, name="person")
program.add_typer(providers, name="providers")
program.add_typer(workers, name="workers")
program.add_typer(verify, name="verify")
program.add_typer(buyer, name="buyer")
program.add_typer(sandbox, name="sandbox")
program.add_typer(ledger, name="ledger")
program.add_typer(payouts, name="payouts")
program.add_typer(receipts, name="receipts")
program.add_typer(settlement, name="settlement")
program.add_typer(recon, name="recon")
program.add_typer(tax, name="tax")
program.add_typer(commission, name="commission")


def main() -> None:
    """The console script. Logs go to stderr, so that stdout is the answer alone; `serve` sets its own."""
    configure_logs("warning", json=False, foreign=True)
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Run a command line; returns the exit status. What is misused or cannot be done is said on stderr."""
    as_json = "--json" in (sys.argv[1:] if arguments is None else arguments)
    try:
        status = program(arguments, prog_name="bpp")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except SettingsProblems as problems:
        for one in problems.problems:
            typer.echo(one, err=True)
        return MISUSED
    except Refused as problem:
        if as_json:
            typer.echo(orjson.dumps(problem.document, option=orjson.OPT_INDENT_2).decode())
        typer.echo(str(problem), err=True)
        return FAILED
    except (aiohttp.ClientError, TimeoutError) as problem:
        typer.echo(f"the server cannot be reached: {problem or type(problem).__name__}", err=True)
        return FAILED
    except (Unavailable, OSError) as problem:
        typer.echo(str(problem), err=True)
        return FAILED
    return status if isinstance(status, int) else 0
