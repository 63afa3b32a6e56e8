"""Scenario ``select``: a durable, signed round trip, beside the same without this or that, all in the same rounds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bpp.bench.postgres import DURABLE, Databases, PostgresMissing, own_postgres
from bpp.bench.processes import cpu_of_tree
from bpp.bench.rounds import run_rounds
from bpp.bench.run import Found, Run, account, ratios
from bpp.bench.servers import Start, load_generator, start
from bpp.bench.stage import fill

POSTGRES, MILLI = "postgres", 1000
ON_SQLITE = (
    Start(name="durable"),
    Start(name="storeless", variant="storeless"),
    Start(name="one_commit_each", variant="one_commit_each"),
    Start(name="bare", variant="bare"),
    Start(name="naive", variant="naive"),
)


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
        servers = [start(one, stage, sink, stack) for one in starts]
        for server in servers:
            run.told(f"{server.name}: process {server.processes[0].pid}")
        rounds = run_rounds(loader, servers, count=run.rounds, load=run.load, told=run.told)
    found.raw["select"] = [one.document() for one in rounds]
    account(rounds, found)

    def row(key: str, over: str, under: str = "") -> None:
        """CPU of one over another's, in pairs where no other is named."""
        names = (over, under) if under else (over,)
        ratios(
            rounds,
            lambda one: one.slices[over].cpu_each / (one.slices[under].cpu_each if under else one.pair),
            *names,
            found=found,
            row=key,
        )

    row("select.pairs", "durable")
    row("select.postgres_pairs", POSTGRES)
    row("select.durability", "durable", "storeless")
    row("select.group_commit", "one_commit_each", "durable")
    row("select.storeless_pairs", "storeless")
    row("select.bare_pairs", "bare")
    row("select.over_bare", "durable", "bare")
    row("select.naive", "naive", "durable")
    for key, other in (("select.bare_rate", "bare"), ("select.naive_rate", "naive")):
        ratios(
            rounds,
            lambda one, other=other: one.slices["durable"].rate / one.slices[other].rate,
            "durable",
            other,
            found=found,
            row=key,
        )
    ratios(rounds, lambda one: one.slices["durable"].rate, "durable", found=found, row="select.rate")
    ratios(
        rounds,
        lambda one: one.slices[POSTGRES].beside / one.slices[POSTGRES].completed / one.pair,
        POSTGRES,
        found=found,
        row="select.postgres_own",
    )
    return found


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
