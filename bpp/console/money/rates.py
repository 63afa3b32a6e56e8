"""Rates of fees and taxes with their days; a new one is shown before it is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from bpp.console.language import gettext, msg
from bpp.console.money.tables import Column, Found, Table
from bpp.console.money.words import BASES, RATES, SCOPES, told
from bpp.console.page import Done, Form, Visit, outcome
from bpp.core.world import World
from bpp.ledger.rates import units
from bpp.operator.money_rates import NewRate, RateQuery, list_rates, post_rate
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work

UNITS: Mapping[str, str] = {"percent": msg("per cent"), "rupees": msg("rupees")}


class RateForm(Form):
    """A rate from a day on."""

    name: str
    valid_from: date
    value: str = Field(max_length=20)
    base: Literal["", "net", "gross"] = ""
    scope: Literal["", "all", "released"] = ""
    note: str = Field(default="", max_length=500)


async def read_rates(visit: Visit, work: Work, world: World) -> Found:
    """Every rate that was, is or will be, and the form for a new one."""
    listed: Any = (await list_rates(visit.call(query=RateQuery()), work, world)).content
    today = local_day(world.now)
    current = world.rates.on(today).rows
    return Found(
        tables=(
            Table(name="rates", title=msg("All rates with their days"), columns=COLUMNS, rows=listed.items),
            Table(
                name="in-force",
                title=msg("In force today"),
                columns=COLUMNS,
                rows=[
                    one
                    for one in listed.items
                    if (found := current.get(one.name)) is not None and _same(one, found.valid_from, found.value)
                ],
            ),
        ),
        more={
            "today": today,
            "names": [(name, told(RATES, name)) for name in units()],
            "bases": _choices(BASES),
            "scopes": _choices(SCOPES),
        },
    )


def _same(one: Any, valid_from: date, value: Decimal) -> bool:
    return one.valid_from == valid_from.isoformat() and Decimal(one.value) == value


def _choices(words: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    return [("", gettext("As before")), *((code, gettext(text)) for code, text in words.items())]


async def act_add_rate(visit: Visit, work: Work, world: World) -> Done:
    """Add the rate; orders booked before keep theirs."""
    form: RateForm = visit.form
    body = NewRate.model_validate(form.model_dump())
    return outcome(await post_rate(visit.call(body=body), work, world), "/console/money/rates")


COLUMNS = (
    Column(msg("Rate"), lambda one: told(RATES, one.name)),
    Column(msg("In force from"), lambda one: date.fromisoformat(one.valid_from), "day"),
    Column(msg("Value"), lambda one: Decimal(one.value), "count"),
    Column(msg("Unit"), lambda one: told(UNITS, one.unit)),
    Column(msg("Taken of"), lambda one: told(BASES, one.base)),
    Column(msg("Applies to"), lambda one: told(SCOPES, one.scope)),
    Column(msg("Source or decision"), lambda one: one.note),
)
