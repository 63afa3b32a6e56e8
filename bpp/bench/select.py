"""Scenario ``select``: a durable, signed round trip, beside the same without this or that, all in the same rounds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from bpp.bench.postgres import DURABLE, Databases, PostgresMissing, own_postgres
from bpp.bench.processes import cpu_of_tree
from bpp.bench.rounds import Round, run_rounds
from bpp.bench.run import Found, Run, account, cpu_over, in_pairs, rate_over, ratios
from bpp.bench.servers import Start, load_generator, start
from bpp.bench.stage import fill

POSTGRES = "postgres"
ON_SQLITE = (
    Start(name="durable"),
    Start(name="storeless", variant="storeless"),
    Start(name="one_commit_each", variant="one_commit_each"),
    Start(name="bare", variant="bare"),
    Start(name="naive", variant="naive"),
)
IN_PAIRS = {
    "select.pairs": "durable",
    "select.postgres_pairs": POSTGRES,
    "select.storeless_pairs": "storeless",
    "select.bare_pairs": "bare",
}
OVER = {
    "select.durability": ("durable", "storeless"),
    "select.group_commit": ("one_commit_each", "durable"),
    "select.over_bare": ("durable", "bare"),
    "select.naive": ("naive", "durable"),
}
RATES_OVER = {"select.bare_rate": ("durable", "bare"), "select.naive_rate": ("durable", "naive")}
"""Rows, and which servers they compare."""


def select(run: Run) -> Found:
    """All variants up at once; the rows that compare them."""
    found = Found()
    stage = run.stage
    with ExitStack() as stack:
        starts = [*ON_SQLITE]
        try:
            starts.append(stack.enter_context(on_postgres(run)))
        except PostgresMissing as problem:
            found.notes.append(f"not measured on PostgreSQL: {problem}")
        loader, sink = stack.enter_context(load_generator(stage))
        servers = start(starts, stage, sink, stack)
        for server in servers:
            run.told(f"{server.name}: process {server.processes[0].pid}")
        rounds = run_rounds(loader, servers, count=run.rounds, load=run.load, told=run.told)
    found.raw["select"] = [one.document() for one in rounds]
    account(rounds, found)

    for row, name in IN_PAIRS.items():
        ratios(rounds, partial(in_pairs, server=name), name, found=found, row=row)
    for row, (over, under) in OVER.items():
        ratios(rounds, partial(cpu_over, over=over, under=under), over, under, found=found, row=row)
    for row, (over, under) in RATES_OVER.items():
        ratios(rounds, partial(rate_over, over=over, under=under), over, under, found=found, row=row)
    ratios(rounds, lambda one: one.slices["durable"].rate, "durable", found=found, row="select.rate")
    if not run.postgres:
        ratios(rounds, _postgres_itself, POSTGRES, found=found, row="select.postgres_own")
    return found


def _postgres_itself(one: Round) -> float:
    beside = one.slices[POSTGRES]
    return beside.beside / beside.completed / one.pair


@contextmanager
def on_postgres(run: Run) -> Iterator[Start]:
    """The durable build on PostgreSQL, on a seeded database. Raises PostgresMissing where there is no server."""
    with ExitStack() as stack:
        if run.postgres:
            databases, beside = Databases.at(run.postgres, "bpp_bench"), None
        else:
            server = stack.enter_context(own_postgres(DURABLE, root=run.folder.parent))
            databases, beside = Databases(server.url, "bpp_bench"), server.pid
        url = databases.create()
        stack.callback(databases.drop, url)
        asyncio.run(fill(url, run.stage.data))
        if beside is None:
            yield Start(name=POSTGRES, database_url=url)
        else:
            yield Start(name=POSTGRES, database_url=url, beside=lambda: cpu_of_tree(beside))
