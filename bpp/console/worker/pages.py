"""What this part of the console has: its pages, what its forms do, and its entries of the menu."""

from __future__ import annotations

from bpp.console.language import msg
from bpp.console.menu import Entry, own_worker
from bpp.console.page import Acting, Deed, Form, NoFields, Page
from bpp.console.worker import free, steps
from bpp.console.worker.jobs import read_today
from bpp.console.worker.slip import TITLE, SlipQuery, read_earnings, read_slip
from bpp.people.model import Role

OWN = frozenset({Role.WORKER})
LOOKING = frozenset({Role.WORKER, Role.PROVIDER, Role.OPERATOR, Role.OFFICER})
"""Who sees a worker's day, each as much of the customers as the role may."""
PAYING = frozenset({Role.WORKER, Role.PROVIDER, Role.ACCOUNTANT})
"""Who sees what a worker earns."""

PAGES: tuple[Page, ...] = (
    Page(
        path="/worker/{worker}/today",
        name="worker-today",
        title=msg("Today's jobs"),
        roles=LOOKING,
        read=read_today,
        template="worker_today.html",
        audited=True,
    ),
    Page(
        path="/worker/{worker}/availability",
        name="worker-availability",
        title=msg("When I work"),
        roles=LOOKING,
        read=free.read_availability,
        template="worker_availability.html",
        audited=True,
    ),
    Page(
        path="/worker/{worker}/earnings",
        name="worker-earnings",
        title=msg("What I earned"),
        roles=PAYING,
        read=read_earnings,
        template="worker_earnings.html",
        query=SlipQuery,
        audited=True,
    ),
    Page(
        path="/worker/{worker}/slip",
        name="worker-slip",
        title=TITLE,
        roles=PAYING,
        read=read_slip,
        template="worker_slip.html",
        query=SlipQuery,
        audited=True,
    ),
)


def _step(name: str, act: Acting, said: str, form: type[Form] = NoFields) -> Deed:
    return Deed(
        path=f"/worker/{{worker}}/jobs/{{ref}}/{name}",
        name=f"worker-{name}",
        roles=OWN,
        act=act,
        page="worker-today",
        said=said,
        form=form,
    )


def _change(name: str, act: Acting, said: str, form: type[Form]) -> Deed:
    return Deed(
        path=f"/worker/{{worker}}/availability/{name}",
        name=f"worker-{name}",
        roles=OWN,
        act=act,
        page="worker-availability",
        said=said,
        form=form,
        alters_catalog=True,
    )


DEEDS: tuple[Deed, ...] = (
    _step("depart", steps.depart, msg("Noted: you are on the way.")),
    _step("arrive", steps.arrive, msg("Noted: you are at the door. The customer has been sent an OTP.")),
    _step("start", steps.start, msg("The OTP is right. The work has begun."), steps.Otp),
    _step("complete", steps.complete, msg("Noted: the work is done.")),
    _step("extra", steps.ask_extra, msg("The customer has been asked."), steps.ExtraWork),
    _step("leave", steps.cannot_come, msg("Noted: you cannot come. Somebody else is being sent."), steps.CannotCome),
    _step("location", steps.tell_where, "", steps.Where),
    _change("switch", free.switch, msg("Noted."), free.Switch),
    _change("add-leave", free.add_leave, msg("Your leave is noted."), free.LeaveDays),
    _change("cancel-leave", free.cancel_leave, msg("The leave is taken back."), free.LeaveEnds),
    _change("engage", free.engage, msg("Your work elsewhere is noted."), free.ContractDays),
    _change("end-contract", free.end_contract, msg("Its end is noted."), free.ContractEnds),
    _change("share", free.share, msg("Noted."), free.Sharing),
)
ENTRIES: tuple[Entry, ...] = (
    Entry(page="worker-today", title=msg("Today's jobs"), roles=OWN, path=own_worker),
    Entry(page="worker-availability", title=msg("When I work"), roles=OWN, path=own_worker),
    Entry(page="worker-earnings", title=msg("What I earned"), roles=OWN, path=own_worker),
)
