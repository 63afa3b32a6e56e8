"""Other hours of the week, days without work, other terms."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Literal

from pydantic import ConfigDict, Field

from beckn_schemas.base import parse_duration
from bpp.console.language import msg
from bpp.console.money.fields import read_rupees
from bpp.console.page import Deed, Done, Form, Visit
from bpp.console.provider.common import ON, OWNERS, Boxes, address, change_provider, provider_of
from bpp.console.provider.hours import HOURS
from bpp.core.world import World
from bpp.operator.documents import shown
from bpp.operator.problems import UNPROCESSABLE, ApiProblem
from bpp.storage.ports import Work
from catalog.load_fields import percentage
from catalog.model import RescheduleTerm
from catalog.terms import MOVABLE

OFF = "off_"
"""How the boxes of days without work begin."""
RUPEES = "rupees"
"""What a charge is counted in, if not in per cent."""


class Week(Boxes):
    """``day_…`` are the weekdays ticked."""

    opens: str = Field(default="", max_length=8)
    closes: str = Field(default="", max_length=8)


class Month(Boxes):
    """``off_…`` are the days ticked."""

    month: str = Field(default="", max_length=7)


class ChargeForm(Form):
    """``fee_…`` and ``unit_…`` of each term of cancellation, by its place; and until when a visit may be moved."""

    model_config = ConfigDict(extra="allow", frozen=True)

    movable: Literal["on", ""] = ""
    moving_fee: str = Field(default="", max_length=12)
    moving_minutes: int = Field(default=0, ge=0, le=60 * 24 * 30)
    acceptance: Literal["auto", "manual"] = "auto"


async def set_week(visit: Visit, work: Work, world: World) -> Done:
    """Work at other hours."""
    provider, form = provider_of(visit, world), visit.form
    days = sorted(int(one) for one in form.ticked(ON) if one.isdecimal())
    hours = {**shown(provider.hours), "days": days, "opens": form.opens, "closes": form.closes}
    return await _change(visit, work, world, hours=hours)


async def set_days_off(visit: Visit, work: Work, world: World) -> Done:
    """Other days without work in the month that was shown."""
    provider = provider_of(visit, world)
    days = visit.form.applied((one.isoformat() for one in provider.hours.holidays), OFF)
    hours = {**shown(provider.hours), "holidays": days}
    return await _change(visit, work, world, month=visit.form.month, hours=hours)


async def set_terms(visit: Visit, work: Work, world: World) -> Done:
    """Other charges for new orders; an order keeps the terms that it was made on."""
    provider, form = provider_of(visit, world), visit.form
    asked: Mapping[str, Any] = form.model_extra or {}
    cancellation = [
        {**shown(term), **_charge(str(asked.get(f"fee_{at}", "")), asked.get(f"unit_{at}", RUPEES), f"fee_{at}")}
        for at, term in enumerate(provider.terms.cancellation)
    ]
    terms = {"cancellation": cancellation, "reschedule": [_moving(one, form) for one in provider.terms.reschedule]}
    return await _change(visit, work, world, terms=terms, acceptance=form.acceptance)


def _moving(term: RescheduleTerm, form: ChargeForm) -> dict[str, Any]:
    """The one term by which a visit can be moved, as the form has it; a duration stays as it is written if it can."""
    if term.state != MOVABLE:
        return dict(shown(term))
    same = parse_duration(term.within).total_seconds() == form.moving_minutes * 60
    within = term.within if same else f"PT{form.moving_minutes}M"
    fee = _charge(form.moving_fee, RUPEES, "moving_fee")["fee"]
    return {**shown(replace(term, eligible=form.movable == "on", within=within)), "fee": fee}


def _charge(text: str, unit: str, field: str) -> dict[str, Any]:
    """A charge as it is typed, in rupees or in per cent of the price. Raises ApiProblem 422 at its field."""
    if unit == RUPEES:
        amount = read_rupees(text)
        if amount is not None:
            return {"fee": str(amount), "percentage": None}
    else:
        with suppress(ValueError):
            return {"fee": None, "percentage": str(percentage(text))}
    raise ApiProblem(UNPROCESSABLE, "faulty_charge", "rupees, or a percentage from 0 to 100, are expected", path=field)


async def _change(visit: Visit, work: Work, world: World, *, month: str = "", **values: Any) -> Done:
    return await change_provider(visit, work, world, address(visit, "hours", month=month), **values)


STORED = msg("Stored. It holds for new orders from now on.")
DEEDS = tuple(
    Deed(
        path=f"{HOURS}/{part}",
        name=f"provider-hours-{part}",
        roles=OWNERS,
        act=act,
        page="provider-hours",
        said=STORED,
        form=form,
        alters_catalog=True,
    )
    for part, act, form in (("week", set_week, Week), ("month", set_days_off, Month), ("terms", set_terms, ChargeForm))
)
