"""Signing in, step by step: each function is what one unit of work decides and stores.

A password is checked before the unit, since that takes its time; the unit counts what came of it on the person as he or
she is then, who is locked until it ends. Who is not known is written down like who is wrong, and a number that is
nobody's gets a code that nobody is sent: what is done, and so the time it takes, does not tell who is known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from bpp.core.world import World
from bpp.orders.phones import normalised
from bpp.parties.vault import Sealed
from bpp.people import second_factor
from bpp.people.accounts import worker_login
from bpp.people.door import (
    CODE_TRIES,
    after_totp,
    alive,
    failed,
    is_code,
    locked,
    new_code,
    new_session,
    next_step,
    succeeded,
)
from bpp.people.model import SANDBOX_MARK, SIGNED_IN, Person, Role, Session, SignInEvent, Step, token_digest
from bpp.storage.ports import Work
from catalog.model import Worker

TOTP_OWNER = "person"
LONGEST_NUMBER = 15
"""Digits (ITU-T E.164, 6)."""
NUMBERS = 100_000
"""Telephones of workers whose one form is kept, since all of them are looked through for each that asks."""


async def try_password(
    login: str, token: str, work: Work, world: World, *, checked: str, right: bool, totp_required: bool
) -> Session | None:
    """What a password came to: a session for the token, or None. ``checked`` is the hash that it was compared with.

    A person who is locked, disabled or unknown, or whose password was changed since, is refused like a wrong one.
    """
    person = await work.people.by_login(login)
    if person is None or not person.password:
        await work.people.record(SignInEvent(at=world.now, person_id="", event="unknown_login"))
        return None
    if locked(person, world.now):
        await _note(person, "refused_locked", work, world)
        return None
    if not right or person.password != checked:
        await work.people.save(failed(person, world.now))
        await _note(person, "wrong_password", work, world)
        return None
    step = next_step(person, totp_required=totp_required)
    return await _enter(person, token, step, work, world)


async def try_totp(
    session: Session, code: str, token: str, work: Work, world: World, *, totp_required: bool
) -> Session | None:
    """What a code of the second factor came to: a session that has come further, or None."""
    person = await standing(session, work, world)
    if person is None or person.totp is None or locked(person, world.now):
        return None
    step = second_factor.step_of(code, _secret(person, world), world.now, person.totp_step)
    if step is None:
        await work.people.save(failed(person, world.now))
        await _note(person, "wrong_code", work, world)
        return None
    await work.people.end_session(session.digest)
    known = replace(person, totp_step=step)
    return await _enter(known, token, after_totp(known, totp_required=totp_required), work, world)


async def set_totp(session: Session, secret: bytes, code: str, token: str, work: Work, world: World) -> Session | None:
    """Set up a second factor whose app shows ``code`` now, and end every other session of the person.

    None for a wrong code, where nobody gets in now, and where there is a second factor already: that only an
    administrator takes away.
    """
    person = await standing(session, work, world)
    step = second_factor.step_of(code, secret, world.now, 0)
    if person is None or person.has_totp or locked(person, world.now) or step is None:
        return None
    sealed = world.vault.seal((TOTP_OWNER, person.id), secret)
    known = replace(person, totp=sealed.data, totp_key=sealed.key_id, totp_step=step)
    await _note(known, "second_factor_set", work, world)
    await work.people.end_sessions(person.id)
    return await _enter(known, token, after_totp(known, totp_required=False), work, world)


async def set_password(
    session: Session, password: str, token: str, work: Work, world: World, *, checked: str, totp_required: bool
) -> Session | None:
    """Store the hash of a new password, and end every other session of the person.

    None where the present one is not ``checked`` any more, or nobody gets in now.
    """
    person = await standing(session, work, world)
    if person is None or person.password != checked or locked(person, world.now):
        return None
    known = replace(person, password=password, given=False)
    await _note(known, "password_changed", work, world)
    await work.people.end_sessions(person.id)
    return await _enter(known, token, after_totp(known, totp_required=totp_required), work, world)


async def wrong_present(session: Session, work: Work, world: World) -> None:
    """Count a wrong present password of somebody who wants another: whoever found a browser open may not guess on."""
    person = await standing(session, work, world)
    if person is not None:
        await work.people.save(failed(person, world.now))
        await _note(person, "wrong_password", work, world)


async def send_code(phone: str, work: Work, world: World) -> str | None:
    """A code to be sent to a worker's telephone; None where it is nobody's, or too many were asked for of late."""
    number = normalised(phone)
    if not 0 < len(number) <= LONGEST_NUMBER:
        return None
    made = new_code(number, await work.people.code(number), world.now)
    if made is None:
        return None
    code, text = made
    await work.people.put_code(code)
    worker = worker_of(phone, world)
    person = await _worker(worker, work, world) if worker is not None else None
    if person is None or person.disabled:
        return None
    await _note(person, "code_sent", work, world)
    return text


async def try_code(phone: str, text: str, token: str, work: Work, world: World) -> Session | None:
    """What a code from a worker's telephone came to: a session for the token, or None.

    A wrong one counts for its code, of which there may be another, and for the worker, as a wrong password does.
    """
    number = normalised(phone)
    worker = worker_of(phone, world)
    code = await work.people.code(number)
    if code is None:
        return None
    person = await _worker(worker, work, world) if worker is not None else None
    if person is None or locked(person, world.now) or not is_code(text, code, world.now):
        await work.people.put_code(replace(code, tries=min(code.tries + 1, CODE_TRIES)))
        if person is not None and locked(person, world.now):
            await _note(person, "refused_locked", work, world)
        elif person is not None:
            await work.people.save(failed(person, world.now))
            await _note(person, "wrong_code", work, world)
        return None
    await work.people.drop_code(number)
    return await _enter(person, token, Step.OPEN, work, world)


def worker_of(phone: str, world: World) -> Worker | None:
    """The worker whose telephone this is; None where it is nobody's, or more than one's."""
    found = workers_of(phone, world)
    return found[0] if len(found) == 1 else None


def workers_of(phone: str, world: World) -> list[Worker]:
    """All workers who take orders and whose telephone this is."""
    number = normalised(phone)
    if not number:
        return []
    return [one for one in world.catalog.workers.values() if one.active and _number(one.phone) == number]


def shared_numbers(workers: Iterable[Worker]) -> Iterator[tuple[Worker, ...]]:
    """Workers who take orders and have one telephone between them, so that none of them signs in."""
    found: defaultdict[str, list[Worker]] = defaultdict(list)
    for one in workers:
        if one.active:
            found[_number(one.phone)].append(one)
    return (tuple(several) for several in found.values() if len(several) > 1)


def admitted(session: Session, person: Person, world: World, *, sandbox: bool) -> bool:
    """Whether a session lets its person see anything now: it is alive, and a worker still one who takes orders.

    People of the sandbox are nobody anywhere else, whatever database they came with.
    """
    if person.role is Role.WORKER:
        worker = world.catalog.workers.get(person.worker_id)
        if worker is None or not worker.active:
            return False
    return alive(session, person, world.now) and (sandbox or not person.id.startswith(SANDBOX_MARK))


async def leave(token: str, work: Work, world: World) -> None:
    """End the session of a token, if there is one; whose it was is written down."""
    digest = token_digest(token)
    found = await work.people.session(digest)
    if found is None:
        return
    await work.people.end_session(digest)
    await _note(found[1], "signed_out", work, world)


async def standing(session: Session, work: Work, world: World) -> Person | None:
    """The person of a session as both are now, locked until the unit ends; None where either has ended since."""
    person = await work.people.get(session.person_id)
    found = await work.people.session(session.digest)
    return person if person is not None and found is not None and alive(found[0], person, world.now) else None


@lru_cache(maxsize=NUMBERS)
def _number(phone: str) -> str:
    return normalised(phone)


async def _worker(worker: Worker, work: Work, world: World) -> Person:
    """The worker as somebody who signs in; known from the first time on."""
    person_id = worker_login(worker.id)
    known = await work.people.get(person_id)
    if known is not None:  # under the name of now
        return replace(known, name=worker.name, provider_id=worker.provider_id)
    person = Person(
        id=person_id,
        login=person_id,
        name=worker.name,
        role=Role.WORKER,
        created_at=world.now,
        provider_id=worker.provider_id,
        worker_id=worker.id,
    )
    await work.people.add(person)
    return person


async def _enter(person: Person, token: str, step: Step, work: Work, world: World) -> Session:
    """A session for a token, as far as ``step``; who is all the way in has no failures any more."""
    known = succeeded(person) if step is Step.OPEN else person
    await work.people.save(known)
    session = new_session(token, known, step, world.now)
    await work.people.open_session(session)
    await _note(known, SIGNED_IN if step is Step.OPEN else f"asked_for_{step.value}", work, world)
    return session


def _secret(person: Person, world: World) -> bytes:
    assert person.totp is not None  # noqa: S101  the caller has looked
    return world.vault.open((TOTP_OWNER, person.id), Sealed(person.totp_key, person.totp))


async def _note(person: Person, event: str, work: Work, world: World) -> None:
    await work.people.record(SignInEvent(at=world.now, person_id=person.id, event=event, by=person.login))
