"""What changes about a worker, and why a worker can no longer do a job that is booked. Pure.

Sources: rules R11 (verification and certificates), R27 and R28 (engagements), R31; the worker's and officer's jobs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from bpp.orders.assignment import (
    Candidate,
    Job,
    active,
    available,
    certified,
    not_engaged,
    not_on_leave,
    serves_district,
    verified,
)
from bpp.parties.states import NotPossible
from catalog.model import Credential, Engagement, Worker
from catalog.services import SERVICES

POLICE = "Police verification"
Ender = Literal["worker", "employer", "provider"]

HINDRANCES: tuple[tuple[str, Callable[[Worker, Job], bool]], ...] = (
    ("suspended", lambda worker, job: not active(_alone(worker), job)),
    ("unverified", lambda worker, job: not verified(_alone(worker), job)),
    ("uncertified", lambda worker, job: not certified(_alone(worker), job)),
    ("other_district", lambda worker, job: not serves_district(_alone(worker), job)),
    ("on_leave", lambda worker, job: not not_on_leave(_alone(worker), job)),
    ("engaged", lambda worker, job: not not_engaged(_alone(worker), job)),
    ("not_available", lambda worker, job: not available(_alone(worker), job)),
)


def hindrances(worker: Worker, job: Job) -> tuple[str, ...]:
    """Why a worker cannot do a job that was given to him or her; empty where nothing stands against it."""
    return tuple(name for name, holds in HINDRANCES if holds(worker, job))


def _alone(worker: Worker) -> Candidate:
    return Candidate(worker=worker, free=True)


def police_verified(worker: Worker, paper: Credential, until: date) -> Worker:
    """With a police verification until its last day; its paper takes the place of the one before."""
    paper = replace(paper, type=POLICE)
    return replace(worker, verification=paper.id, verified_until=until, creds=_with(worker, paper))


def skilled(worker: Worker, service_id: str, paper: Credential, until: date) -> Worker:
    """With a certificate in a service until its last day; its paper takes the place of the one before."""
    if service_id not in SERVICES:
        raise NotPossible(f"no such service: {service_id}", path="service_id")
    paper = replace(paper, type=f"Certificate: {SERVICES[service_id].name_en}")
    return replace(worker, skills={**worker.skills, service_id: until}, creds=_with(worker, paper))


def _with(worker: Worker, paper: Credential) -> tuple[Credential, ...]:
    return (*(one for one in worker.creds if one.type != paper.type and one.id != paper.id), paper)


def on_leave_from(worker: Worker, first: date, last: date) -> Worker:
    """With a leave, both days included; raises NotPossible where it ends before it begins or is known already."""
    if last < first:
        raise NotPossible("the leave ends before it begins", path="last")
    if any(first <= end and begin <= last for begin, end in worker.leaves):
        raise NotPossible("there is a leave on some of these days already", path="first")
    return replace(worker, leaves=tuple(sorted((*worker.leaves, (first, last)))))


def back_from_leave(worker: Worker, first: date) -> Worker:
    """Without the leave that begins on a day; raises NotPossible where there is none."""
    left = tuple(one for one in worker.leaves if one[0] != first)
    if len(left) == len(worker.leaves):
        known = [str(begin) for begin, _ in worker.leaves]
        raise NotPossible(f"no leave begins on {first}", path="first", allowed=known)
    return replace(worker, leaves=left)


def engaged_by(worker: Worker, contract: Engagement) -> Worker:
    """With an engagement; raises NotPossible where it ends before it begins or the worker is engaged then already."""
    if contract.last < contract.first:
        raise NotPossible("the engagement ends before it begins", path="last")
    for one in worker.engagements:
        if one.id == contract.id:
            raise NotPossible(f"there is an engagement {contract.id!r} already", path="id")
        if contract.first <= one.until and one.first <= contract.last:
            raise NotPossible(f"the worker is engaged by {one.id!r} from {one.first} to {one.until}", path="first")
    return replace(worker, engagements=(*worker.engagements, contract))


def engagement_ended(worker: Worker, contract_id: str, last: date, by: Ender) -> Worker:
    """With an engagement that either side ends early, ``last`` being its last day; before its first day it never was.

    Raises NotPossible for an unknown one, and for one that is over by then anyway.
    """
    found = next((one for one in worker.engagements if one.id == contract_id), None)
    if found is None:
        known = [one.id for one in worker.engagements]
        raise NotPossible(f"no engagement {contract_id!r}", path="id", allowed=known)
    if last >= found.until:
        raise NotPossible(f"it ends on {found.until} anyway", path="last")
    ended = replace(found, ended=max(last, found.first - timedelta(days=1)), ended_by=by)
    return replace(worker, engagements=tuple(ended if one is found else one for one in worker.engagements))
