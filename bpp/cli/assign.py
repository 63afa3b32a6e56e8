"""``bpp assign``: workers for a district's day, or for the visits of a worker who is out; over the operator API."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.output import AsJson, show, table

assign = typer.Typer(no_args_is_help=True, help="Workers for visits that have none.")


@assign.command("run")
def run(
    district: Annotated[str, typer.Argument(help="LGD code of the district.")],
    day: Annotated[str, typer.Argument(help="The day, as 2026-12-01.")],
    *,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Give workers to all visits of a district's day that have none, and tell their buyer apps.

    Example: bpp assign run 162 2026-12-01
    """
    client = operator_client(url)
    total: dict[str, Any] = {"assigned": 0, "unassigned": [], "evaluations": 0}
    cursor = None
    while True:
        body = {"district": district, "day": day, **({"cursor": cursor} if cursor else {})}
        part = client.post("/assignments/run", body)
        for name in total:
            total[name] += part[name]
        cursor = part["next"]
        if cursor is None:
            break
    left = "".join(f"\nnobody for {ref}" for ref in total["unassigned"])
    text = f"visits that got workers: {total['assigned']}; that did not: {len(total['unassigned'])}{left}"
    show(total, text, as_json=as_json)


@assign.command("relieve")
def relieve(
    worker: Annotated[str, typer.Argument(help="The worker who is out.")],
    reason: Annotated[str, typer.Argument(help="Why, in a word; it stands in the timeline of each order.")],
    *,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Give all visits to come of a worker to others, and tell their buyer apps.

    Example: bpp assign relieve W-GOMTI-1 ill
    """
    done = operator_client(url).post(f"/workers/{worker}/reassign", {"reason": reason})
    text = table(done["items"], ("ref", "slot_start", "worker_id", "problem"), empty="the worker has no visits to come")
    show(done, text, as_json=as_json)
