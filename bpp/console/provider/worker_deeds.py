"""What is done about a worker: registered, changed, verified and certified, away, back, and relieved of visits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import Field

from bpp.console.language import msg
from bpp.console.page import Deed, Done, Form, Visit, outcome
from bpp.console.provider.common import (
    AT,
    KEEPERS,
    ON,
    OWNERS,
    Boxes,
    address,
    at_our_fields,
    checked,
    handler,
    provider_of,
    worker_of,
)
from bpp.core.world import World
from bpp.operator import assignments, catalog, workers
from bpp.operator.documents import change_model, input_model, shown
from bpp.operator.party_models import Service
from bpp.operator.problems import invalid
from bpp.operator.routes import Body
from bpp.storage.ports import Work
from catalog.model import Worker

WORKER = "/provider/{provider}/workers/{worker}"
Clock = Field(default="", max_length=8)


class Contact(Boxes):
    """What a worker's form has; ``at_…`` are districts, ``day_…`` weekdays."""

    phone: str = Field(default="", max_length=32)
    email: str = Field(default="", max_length=200)
    opens: str = Clock
    closes: str = Clock


class NewWorker(Contact):
    """Also what stays for good."""

    name: str = Field(default="", max_length=100)
    gender: Literal["female", "male", "other", ""] = ""
    start: str = Field(default="", max_length=64)


class Papers(Form):
    """A police verification."""

    number: str = Field(max_length=100)
    until: date


class SkillPapers(Papers):
    """A certificate."""

    service_id: Service


class Switch(Form):
    """Whether the worker takes jobs, and what becomes of those there are."""

    available: Literal["yes", "no"]
    reassign: Literal["on", ""] = ""


class Away(Form):
    """Days away, both included."""

    first: date
    last: date
    reassign: Literal["on", ""] = ""


class Back(Form):
    """Which leave is given up."""

    first: date


class Out(Form):
    """Why the visits go to others; a word, nothing about health or family."""

    reason: str = Field(default="not able to come", max_length=200)


async def add(visit: Visit, work: Work, world: World) -> Done:
    """Register a worker. Whether he or she may be sent, verification and certificates decide, which come after."""
    provider, form = provider_of(visit, world), visit.form
    places = {one.id: one for one in provider.locations}
    if form.start not in places:
        raise invalid("a place of the provider is expected", path="start", allowed=sorted(places))
    fields = {
        "id": world.new_id(),
        "provider_id": provider.id,
        "name": form.name,
        "gender": form.gender,
        "gps": str(places[form.start].gps),
        "skills": {},
        "verified_until": None,
        **_contact(form, (), shown(provider.hours)),
    }
    with at_our_fields():
        call = visit.call(body=checked(input_model(Worker), fields))
        answer = await handler(catalog.ROUTES, "create-worker")(call, work, world)
    return outcome(answer, address(visit, "workers", str(fields["id"])))


async def change(visit: Visit, work: Work, world: World) -> Done:
    """Another telephone number, other hours or districts."""
    worker = worker_of(visit, world)
    values = _contact(visit.form, worker.districts, shown(worker.hours))
    with at_our_fields():
        call = visit.call(body=checked(change_model(Worker), values), id=worker.id)
        answer = await handler(catalog.ROUTES, "change-worker")(call, work, world)
    return outcome(answer, _page(visit))


def _contact(form: Contact, districts: tuple[str, ...], hours: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "phone": form.phone,
        "email": form.email,
        "districts": form.applied(districts, AT),
        "hours": {
            **hours,
            "days": sorted(int(one) for one in form.ticked(ON) if one.isdecimal()),
            "opens": form.opens,
            "closes": form.closes,
        },
    }


async def verify(visit: Visit, work: Work, world: World) -> Done:
    """Enter a police verification."""
    return await _change(
        "verify-worker", workers.Verification(number=visit.form.number, until=visit.form.until), visit, work, world
    )


async def certify(visit: Visit, work: Work, world: World) -> Done:
    """Enter a certificate in a service."""
    form = visit.form
    body = workers.Certificate(service_id=form.service_id, number=form.number, until=form.until)
    return await _change("certify-worker", body, visit, work, world)


async def switch(visit: Visit, work: Work, world: World) -> Done:
    """Let the worker take jobs, or no more for now."""
    form = visit.form
    body = workers.Availability(available=form.available == "yes", reassign=form.reassign == "on")
    return await _change("switch-worker", body, visit, work, world)


async def leave(visit: Visit, work: Work, world: World) -> Done:
    """Enter days away."""
    form = visit.form
    body = workers.Leave(first=form.first, last=form.last, reassign=form.reassign == "on")
    return await _change("add-leave", body, visit, work, world)


async def come_back(visit: Visit, work: Work, world: World) -> Done:
    """Give a leave up."""
    return await _change("cancel-leave", workers.LeaveEnd(first=visit.form.first), visit, work, world)


async def relieve(visit: Visit, work: Work, world: World) -> Done:
    """Give all visits to come that the worker cannot do to others."""
    worker = worker_of(visit, world)
    call = visit.call(body=assignments.OutReason(reason=visit.form.reason), id=worker.id)
    return outcome(await assignments.post_relief(call, work, world), _page(visit))


async def _change(name: str, body: Body, visit: Visit, work: Work, world: World) -> Done:
    call = visit.call(body=body, id=worker_of(visit, world).id)
    return outcome(await handler(workers.ROUTES, name)(call, work, world), _page(visit))


def _page(visit: Visit) -> str:
    return address(visit, "workers", visit.path["worker"])


def _of_worker(part: str, act: Any, said: str, form: type[Form], **more: Any) -> Deed:
    values = {"roles": OWNERS, "alters_catalog": True, **more}
    path = f"{WORKER}/{part}"
    return Deed(
        path=path, name=f"provider-worker-{part}", act=act, page="provider-worker", said=said, form=form, **values
    )


DEEDS = (
    Deed(
        path="/provider/{provider}/new-worker",
        name="provider-worker-add",
        roles=OWNERS,
        act=add,
        page="provider-new-worker",
        said=msg("The worker is registered. Jobs come once verification and a certificate are entered."),
        form=NewWorker,
        alters_catalog=True,
    ),
    _of_worker("change", change, msg("The change is stored."), Contact),
    _of_worker("verification", verify, msg("The police verification is entered."), Papers, roles=KEEPERS),
    _of_worker("certificate", certify, msg("The certificate is entered."), SkillPapers, roles=KEEPERS),
    _of_worker("available", switch, msg("The switch is set."), Switch),
    _of_worker("leave", leave, msg("The leave is entered."), Away),
    _of_worker("back", come_back, msg("The leave is given up."), Back),
    _of_worker(
        "relieve",
        relieve,
        msg("The visits are given to others, as far as somebody is free."),
        Out,
        alters_catalog=False,
    ),
)
