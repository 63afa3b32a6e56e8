"""What is done to a rate list: one is sent, taken as its preview showed it, or one fee is changed by hand."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any, Literal

from pydantic import ConfigDict, Field

from bpp.console.language import msg
from bpp.console.money.fields import read_rupees
from bpp.console.page import Deed, Done, Form, Visit, outcome
from bpp.console.provider.common import OWNERS, address, at_our_fields, checked, handler, provider_of
from bpp.console.provider.rates import LIST, RATES, kept_key, kept_list, looked_at
from bpp.core.world import World
from bpp.operator import catalog
from bpp.operator.documents import change_model
from bpp.operator.imports import ImportQuery, Looked, import_list, read_list
from bpp.operator.problems import CONFLICT, UNPROCESSABLE, ApiProblem, not_found
from bpp.storage.ports import Work
from catalog.model import Offering
from catalog.ratelist.sheet import MOST_BYTES

KEPT = timedelta(days=1)
IN = "price_"
"""How the fields of a district's own fee begin."""


class Sending(Form):
    """A file alone; a browser sends an empty text where none was chosen."""

    sheet: str = ""


class Taking(Form):
    """How a list is taken."""

    skip_faulty: Literal["on", ""] = ""
    replace: Literal["on", ""] = ""


class Fees(Form):
    """The fee of an offering, the fees of districts as ``price_…`` (empty: the general one), and whether it is sold."""

    model_config = ConfigDict(extra="allow", frozen=True)

    price: str = Field(default="", max_length=20)
    max_price: str = Field(default="", max_length=20)
    active: Literal["on", ""] = ""


async def send(visit: Visit, work: Work, world: World) -> Done:
    """Keep a list for its preview. One that cannot be read at all is refused here."""
    provider_of(visit, world)
    upload = visit.uploads.get("sheet")
    if upload is None or not upload.content:
        raise ApiProblem(UNPROCESSABLE, "no_file", "a file is expected: CSV or XLSX", path="sheet")
    try:
        await asyncio.to_thread(read_list, upload.content)
    except ApiProblem as refused:
        error = refused.answer.error
        raise ApiProblem(refused.status, error.code, error.message, path="sheet") from refused
    digest = hashlib.sha256(upload.content).hexdigest()
    await work.keys.remember(kept_key(visit), digest, 202, upload.content, world.now + KEPT, now=world.now)
    return Done(to=address(visit, "rate-list", digest))


def _looked(visit: Visit, world: World) -> Looked:
    """What the list that was kept does, as it is to be taken."""
    form: Taking = visit.form
    query = ImportQuery(skip_faulty=form.skip_faulty == "on", replace=form.replace == "on")
    return looked_at(visit.prepared, visit, world, query)


async def take(visit: Visit, work: Work, world: World) -> Done:
    """Take the list; nothing of it where rows are refused and the sound ones are not to be taken alone."""
    looked: Looked = visit.prepared
    if not looked.taken.stored:
        raise ApiProblem(CONFLICT, "nothing_to_take", "no row of the list would change anything as it is to be taken")
    answer = await import_list(visit.call(prepared=looked, id=visit.path["provider"]), work, world)
    return outcome(answer, address(visit, "rates"))


async def change(visit: Visit, work: Work, world: World) -> Done:
    """Another fee, or fees of districts; or the offering is sold no more for now."""
    provider, form = provider_of(visit, world), visit.form
    one = world.catalog.offerings.get(visit.path["offering"])
    if one is None or one.provider_id != provider.id:
        raise not_found("offering", visit.path["offering"])
    own = {name: str(text) for name, text in (form.model_extra or {}).items() if name.startswith(IN)}
    fields: dict[str, Any] = {
        "price": _fee(form.price, "price"),
        "max_price": _fee(form.max_price, "max_price") if form.max_price else None,
        "district_prices": {name.removeprefix(IN): _fee(text, name) for name, text in own.items()},
        "active": form.active == "on",
    }
    with at_our_fields():
        call = visit.call(body=checked(change_model(Offering), fields), id=one.id)
        answer = await handler(catalog.ROUTES, "change-offering")(call, work, world)
    return outcome(answer, address(visit, "rates", one.id))


def _fee(text: str, field: str) -> str:
    """A fee as people type it, in plain figures; raises ApiProblem 422 at its field."""
    amount = read_rupees(text)
    if amount is None or not amount.paise:
        raise ApiProblem(UNPROCESSABLE, "faulty_fee", "rupees above zero are expected", path=field)
    return str(amount)


DEEDS = (
    Deed(
        path=LIST,
        name="provider-rates-send",
        roles=OWNERS,
        act=send,
        page="provider-rates",
        said="",
        form=Sending,
        most=MOST_BYTES + 64 * 1024,
    ),
    Deed(
        path=f"{LIST}/{{sheet}}/take",
        name="provider-rates-take",
        roles=OWNERS,
        act=take,
        page="provider-rates-preview",
        said=msg("The list is taken. What changed is on its way to the buyer apps."),
        form=Taking,
        alters_catalog=True,
        fetch=kept_list,
        prepare=_looked,
    ),
    Deed(
        path=f"{RATES}/{{offering}}",
        name="provider-offering-change",
        roles=OWNERS,
        act=change,
        page="provider-offering",
        said=msg("The fee is stored. It holds for new orders from now on."),
        form=Fees,
        alters_catalog=True,
    ),
)
