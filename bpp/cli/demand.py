"""``bpp demand``: what people searched for and could not have."""

from __future__ import annotations

from typing import Annotated

import typer

from bpp.cli.client import Url, operator_client
from bpp.cli.output import AsJson, show, table

demand = typer.Typer(no_args_is_help=True, help="Searches that nobody could serve.")


@demand.command("unserved")
def unserved(
    *,
    by: Annotated[
        str, typer.Option(help="What to count by: day, hour, channel, district, area_code, service_id, reason.")
    ] = "district,service_id,reason",
    first: Annotated[str, typer.Option("--from", help="First day, as 2026-11-01.")] = "",
    last: Annotated[str, typer.Option("--until", help="Last day.")] = "",
    district: Annotated[str, typer.Option(help="LGD code or name.")] = "",
    pin: Annotated[str, typer.Option(help="Pincode.")] = "",
    service: Annotated[str, typer.Option(help="As SM-PLB.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500)] = 100,
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Searches that nobody could serve, counted; nothing in it is personal.

    Example: bpp demand unserved --district Lucknow --by area_code,service_id,hour
    """
    found = operator_client(url).get(
        "/demand/unserved",
        by=by,
        first=first,
        last=last,
        district=district,
        area_code=pin,
        service_id=service,
        limit=limit,
    )
    names = {"district": "district_name", "service_id": "service_name"}
    columns = [shown for one in by.split(",") for shown in (one.strip(), names.get(one.strip())) if shown]
    text = table(found["items"], [*columns, "searches"], empty="no search went unserved")
    show(found, text, as_json=as_json)
