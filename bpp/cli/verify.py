"""``bpp verify``: what is about to lapse; over the operator API of a running server."""

from __future__ import annotations

from typing import Annotated

import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.output import AsJson, show, table

verify = typer.Typer(no_args_is_help=True, help="Police verifications, certificates and agreements.")

COLUMNS = ("district_name", "until", "kind", "provider_id", "worker_id", "service_id")


@verify.callback()
def group() -> None:
    """Police verifications, certificates and agreements."""


@verify.command("expiring")
def expiring(
    *,
    days: Annotated[int, typer.Option(help="How far to look ahead.", min=0, max=3660)] = 30,
    district: Annotated[str, typer.Option(help="A district by LGD code or name; all where left out.")] = "",
    lapsed: Annotated[bool, typer.Option("--lapsed", help="Also what has lapsed already.")] = False,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """What lapses within so many days, by district.

    Example: bpp verify expiring --days 30 --district Lucknow
    """
    query = {"days": days, "district": district, "lapsed": "true" if lapsed else ""}
    found = operator_client(url).get("/expiring", **query)
    show(found, table(found["items"], COLUMNS, empty="nothing lapses"), as_json=as_json)
