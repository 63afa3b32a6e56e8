"""What an administrator does to those who sign in: each function is one unit's decision, and leaves an event.

Whoever loses something, a password, a second factor, a role, the right to be here, is out at once in every browser.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import datetime

from bpp.core.sign_in import TOTP_OWNER
from bpp.parties.vault import Sealed, Vault
from bpp.people.accounts import AccountRefused, Place, is_administrator, needed, worker_login
from bpp.people.door import succeeded
from bpp.people.model import Person, Role, SignInEvent
from bpp.storage.ports import Work
from catalog.places import district

_AT_ONCE = 500


def known_place(place: Place, providers: Container[str]) -> Place:
    """A place with what its role needs, which is there. Raises AccountRefused."""
    found = needed(place)
    if found.provider_id and found.provider_id not in providers:
        raise AccountRefused("unknown_provider", "provider_id")
    if found.district and district(found.district) is None:
        raise AccountRefused("unknown_district", "district")
    return found


async def add_person(person: Person, by: str, work: Work) -> None:
    """Somebody new (``newcomer``). Raises AccountRefused where another has the login."""
    if not await work.people.add(person):
        raise AccountRefused("login_taken", "login")
    await _note(person, "added", by, work, person.created_at, _told(person))


async def give_place(person_id: str, place: Place, by: str, work: Work, now: datetime) -> Person:
    """Another role, provider or district. Raises AccountRefused, too where no administrator would be left."""
    person = await _person(person_id, work)
    if person.role is Role.WORKER:
        raise AccountRefused("role_by_telephone", "role")
    if place.role is not Role.ADMIN:
        await _check_others(person, work)
    changed = replace(person, role=place.role, provider_id=place.provider_id, district=place.district)
    return await _changed(changed, "role_given", by, work, now, _told(changed), out=True)


async def give_password(person_id: str, stored: str, by: str, work: Work, now: datetime) -> Person:
    """The hash of another password, told once and changed at the next sign-in; it lets in who had locked the door."""
    person = await _person(person_id, work)
    if person.role is Role.WORKER:
        raise AccountRefused("no_password")
    changed = succeeded(replace(person, password=stored, given=True))
    return await _changed(changed, "password_given", by, work, now, out=True)


async def take_second_factor(person_id: str, by: str, work: Work, now: datetime) -> Person:
    """Away with the second factor, for whoever lost the telephone; staff set up another at the next sign-in."""
    person = await _person(person_id, work)
    changed = replace(person, totp=None, totp_key="", totp_step=0)
    return await _changed(changed, "second_factor_taken", by, work, now, out=True)


async def unlock(person_id: str, by: str, work: Work, now: datetime) -> Person:
    """Let somebody try again at once."""
    return await _changed(succeeded(await _person(person_id, work)), "unlocked", by, work, now)


async def disable(person_id: str, by: str, work: Work, now: datetime) -> Person:
    """Let somebody in no more, and out at once. Raises AccountRefused where no administrator would be left."""
    person = await _person(person_id, work)
    await _check_others(person, work)
    return await _changed(replace(person, disabled=True), "disabled", by, work, now, out=True)


async def enable(person_id: str, by: str, work: Work, now: datetime) -> Person:
    """Let somebody in again."""
    return await _changed(replace(await _person(person_id, work), disabled=False), "enabled", by, work, now)


async def end_sessions(person_id: str, by: str, work: Work, now: datetime) -> Person:
    """Out in every browser; whoever still knows how may sign in again."""
    return await _changed(await _person(person_id, work), "sessions_ended", by, work, now, out=True)


async def telephone_changed(worker_id: str, by: str, work: Work, now: datetime) -> None:
    """A worker signs in by another telephone now: whoever has the old one is out, and who changed it is on record."""
    person_id = worker_login(worker_id)
    await work.people.end_sessions(person_id)
    await work.people.record(SignInEvent(at=now, person_id=person_id, event="telephone_changed", by=by))


async def reseal_second_factors(work: Work, vault: Vault) -> int:
    """Seal with the first key what an earlier one sealed; how many there were. Raises SealBroken as ``open`` does."""
    done = 0
    while found := await work.people.sealed_otherwise(vault.key_id, _AT_ONCE):
        for person in found:
            owner = (TOTP_OWNER, person.id)
            sealed = vault.seal(owner, vault.open(owner, Sealed(person.totp_key, person.totp or b"")))
            await work.people.save(replace(person, totp=sealed.data, totp_key=sealed.key_id))
        done += len(found)
    return done


async def _person(person_id: str, work: Work) -> Person:
    """Somebody, locked. Who is an administrator is settled first, so that two of them cannot wait for each other."""
    await work.people.administrators()
    person = await work.people.get(person_id)
    if person is None:
        raise AccountRefused("unknown_person")
    return person


async def _check_others(person: Person, work: Work) -> None:
    """Raise AccountRefused where this is the only administrator who is left."""
    if is_administrator(person) and {one.id for one in await work.people.administrators()} <= {person.id}:
        raise AccountRefused("last_administrator")


async def _changed(
    person: Person, event: str, by: str, work: Work, now: datetime, detail: str = "", *, out: bool = False
) -> Person:
    await work.people.save(person)
    if out:
        await work.people.end_sessions(person.id)
    await _note(person, event, by, work, now, detail)
    return person


def _told(person: Person) -> str:
    return " ".join(one for one in (person.role.value, person.provider_id, person.district) if one)


async def _note(person: Person, event: str, by: str, work: Work, now: datetime, detail: str = "") -> None:
    await work.people.record(SignInEvent(at=now, person_id=person.id, event=event, by=by, detail=detail))
