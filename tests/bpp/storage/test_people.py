"""Who signs in, in the database: they come back, nobody is counted past another, and what has ended is forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bpp.core.people import add_person, disable, give_place, reseal_second_factors
from bpp.core.sign_in import TOTP_OWNER
from bpp.parties.vault import SealBroken, Sealed, Vault
from bpp.people.accounts import AccountRefused, Place
from bpp.people.door import failed, new_code, new_session
from bpp.people.model import Code, Person, Role, SignInEvent, Step, token_digest
from bpp.setting_types import DataKey
from bpp.storage.ports_people import EventFilter, PersonFilter
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import after


def a_person(login="asha", **more):
    values = {
        "id": f"person:{login}",
        "login": login,
        "name": login.title(),
        "role": Role.OPERATOR,
        "created_at": NOW,
        **more,
    }
    return Person(**values)


async def put(storage, *people):
    return [await storage.run(lambda work, one=one: work.people.add(one)) for one in people]


ROUNDS = 20
"""So often two processes race: each time both have their connections, and whoever is not held up may win."""


async def race(*units):
    """Run units at the same moment, each of another process; connections are there."""
    await asyncio.gather(*(storage.run(lambda work: work.people.known([])) for storage, _ in units))
    return await asyncio.gather(*(storage.run(unit) for storage, unit in units), return_exceptions=True)


async def stored(storage, login="asha"):
    return await storage.read(lambda work: work.people.by_login(login))


async def test_somebody_comes_back_as_he_or_she_was_put_and_changed(storage):
    whole = a_person(
        provider_id="P1", worker_id="W1", district="162", language="hi", password="$argon2id$x", given=True,
        totp=b"\x00\xff", totp_key="k1", totp_step=59_000_000, failures=7, locked_until=after(minutes=1), disabled=True,
    )  # fmt: skip
    await put(storage, whole)
    first = await stored(storage)
    plain = replace(whole, totp=None, locked_until=None, disabled=False, name="आशा")
    await storage.run(lambda work: work.people.save(plain))
    await storage.run(lambda work: work.people.set_language("person:asha", "en"))

    assert first == whole
    assert await stored(storage) == replace(plain, language="en")
    assert await storage.read(lambda work: work.people.get("person:nobody")) is None


async def test_a_login_and_an_id_are_somebodys_once(storage):
    assert await put(storage, a_person(), a_person(id="another"), a_person("ravi", id="person:asha")) == [
        *(True, False, False)
    ]


async def test_people_are_listed_by_login_role_provider_and_a_part_of_their_names(storage):
    await put(
        storage,
        a_person("b", name="Asha 100%"),
        a_person("a", name="Ravi", role=Role.PROVIDER, provider_id="P1"),
        a_person("c", name="रवि_", role=Role.PROVIDER, provider_id="P2"),
    )

    async def listed(**which):
        return [one.login for one in await storage.read(lambda work: work.people.listed(PersonFilter(**which)))]

    assert await listed() == ["a", "b", "c"]
    assert await listed(after="a", limit=1) == ["b"]
    assert await listed(role=Role.PROVIDER) == ["a", "c"]
    assert await listed(provider_id="P2") == ["c"]
    assert await listed(text="RAV") == ["a"]
    assert await listed(text="%") == ["b"], "a sign for others is a letter like all"
    assert await listed(text="रवि_") == ["c"]


async def test_a_session_is_found_by_its_token_alone_and_ends(storage):
    person = a_person()
    await put(storage, person)
    session = new_session("token", person, Step.OPEN, NOW)
    other = new_session("other", person, Step.TOTP, NOW)
    for one in (session, other):
        await storage.run(lambda work, one=one: work.people.open_session(one))
    await storage.run(lambda work: work.people.seen(session.digest, after(minutes=6)))
    found = await storage.read(lambda work: work.people.session(token_digest("token")))
    both = await storage.read(lambda work: work.people.sessions(person.id))

    assert found == (replace(session, seen_at=after(minutes=6)), person)
    assert [one.digest for one in both] == [session.digest, other.digest]
    assert await storage.read(lambda work: work.people.session("token")) is None, "what is stored opens nothing"
    assert await storage.run(lambda work: work.people.end_sessions(person.id, but=session.digest)) == 1
    await storage.run(lambda work: work.people.end_session(session.digest))
    assert await storage.read(lambda work: work.people.sessions(person.id)) == []


async def test_of_wrong_passwords_at_the_same_moment_each_is_counted(storages):
    here, there = storages(), storages()
    await put(here, a_person())

    async def wrong(work):
        person = await work.people.by_login("asha")
        await work.people.known([person.id])  # time for others
        await work.people.save(failed(person, NOW))

    for _ in range(ROUNDS):
        await race((here, wrong), (there, wrong), (here, wrong))
    person = await stored(here)

    assert person.failures == 3 * ROUNDS
    assert person.locked_until is not None


async def test_of_codes_asked_for_at_the_same_moment_each_is_counted(storages):
    here, there = storages(), storages()
    for phone in map(str, range(ROUNDS)):

        async def ask(work, phone=phone):
            made = new_code(phone, await work.people.code(phone), NOW)
            await work.people.known([])  # time for others
            if made is not None:
                await work.people.put_code(made[0])
            return made is not None

        sent = [*await race((here, ask), (there, ask)), *await race((here, ask), (there, ask))]

        assert sent.count(True) == 3
        assert (await here.read(lambda work, phone=phone: work.people.code(phone))).sent == 3


async def test_of_tries_of_a_code_at_the_same_moment_each_is_counted(storages):
    here, there = storages(), storages()
    code = Code(phone="1", digest="x", sent_at=NOW, valid_until=after(minutes=5))
    await here.run(lambda work: work.people.put_code(code))

    async def wrong(work):
        known = await work.people.code("1")
        await work.people.known([])  # time for others
        await work.people.put_code(replace(known, tries=known.tries + 1))

    for _ in range(ROUNDS):
        assert await race((here, wrong), (there, wrong)) == [None, None]

    assert (await here.read(lambda work: work.people.code("1"))).tries == 2 * ROUNDS
    await here.run(lambda work: work.people.drop_code("1"))
    assert await here.read(lambda work: work.people.code("1")) is None


async def test_administrators_who_go_at_the_same_moment_leave_one(storages):
    here, there = storages(), storages()
    first, second = a_person("first", role=Role.ADMIN), a_person("second", role=Role.ADMIN)
    await put(here, first, second)
    for _ in range(ROUNDS):
        for one in (first, second):
            await here.run(lambda work, one=one: work.people.save(one))
        came = await race(
            (here, lambda work: disable(first.id, "x", work, NOW)),
            (there, lambda work: give_place(second.id, Place(role=Role.OPERATOR), "x", work, NOW)),
        )

        assert [one.code for one in came if isinstance(one, AccountRefused)] == ["last_administrator"]
        assert len(await here.read(lambda work: work.people.administrators())) == 1


async def test_what_happened_is_found_newest_first_by_person_kind_and_time(storage):
    events = [
        SignInEvent(at=after(hours=n), person_id=person, event=event, by=person, detail=str(n))
        for n, (person, event) in enumerate([("a", "signed_in"), ("b", "signed_in"), ("a", "wrong_code"), ("a", "x")])
    ]
    for one in events:
        await storage.run(lambda work, one=one: work.people.record(one))

    async def found(**which):
        rows = await storage.read(lambda work: work.people.events(EventFilter(**which)))
        return [int(one.detail) for _, one in rows]

    (first, _), *_ = await storage.read(lambda work: work.people.events(EventFilter(limit=1)))
    assert await found() == [3, 2, 1, 0]
    assert await found(before=first, limit=2) == [2, 1]
    assert await found(person_id="a", event="signed_in") == [0]
    assert await found(since=after(hours=1), until=after(hours=3)) == [2, 1]
    assert await storage.read(lambda work: work.people.signed_in(["a", "b", "c"])) == {"a": NOW, "b": after(hours=1)}
    assert await storage.run(lambda work: work.people.drop_events(after(hours=2), after(hours=2))) == 2
    assert await found() == [3, 2]


async def test_sessions_and_codes_are_forgotten_when_their_time_is_over(storage):
    person = a_person(role=Role.WORKER)
    await put(storage, person)
    await storage.run(lambda work: work.people.open_session(new_session("t", person, Step.OPEN, NOW)))
    await storage.run(
        lambda work: work.people.put_code(Code(phone="1", digest="x", sent_at=NOW, valid_until=after(minutes=5)))
    )

    async def dropped(**later):
        return await storage.run(lambda work: work.people.drop_ended(after(**later)))

    assert await dropped(minutes=19) == 0, "it still counts how many were sent"
    assert await dropped(minutes=20) == 1
    assert await dropped(days=29) == 0
    assert await dropped(days=30) == 1


async def test_second_factors_are_sealed_anew_when_the_key_changes_and_not_twice(storage):
    old, new = DataKey(b"1" * 32), DataKey(b"2" * 32)
    before, changing, later = Vault((old,)), Vault((new, old)), Vault((new,))
    for login in ("asha", "ravi"):
        sealed = before.seal((TOTP_OWNER, f"person:{login}"), login.encode())
        await put(storage, a_person(login, totp=sealed.data, totp_key=sealed.key_id))
    await put(storage, a_person("none"))

    with pytest.raises(SealBroken):
        await storage.run(lambda work: reseal_second_factors(work, later))
    assert await storage.run(lambda work: reseal_second_factors(work, changing)) == 2
    assert await storage.run(lambda work: reseal_second_factors(work, changing)) == 0
    for login in ("asha", "ravi"):
        person = await stored(storage, login)
        assert later.open((TOTP_OWNER, person.id), Sealed(person.totp_key, person.totp)) == login.encode()


async def test_somebody_who_is_added_leaves_an_event_and_nobody_is_added_twice(storage):
    await storage.run(lambda work: add_person(a_person(), "chief", work))
    with pytest.raises(AccountRefused) as refused:
        await storage.run(lambda work: add_person(a_person(id="another"), "chief", work))
    events = await storage.read(lambda work: work.people.events(EventFilter()))

    assert refused.value.code == "login_taken"
    assert [(one.at, one.event, one.by, one.detail) for _, one in events] == [(NOW, "added", "chief", "operator")]
