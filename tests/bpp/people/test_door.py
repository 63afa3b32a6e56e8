"""The laws of the door: when it locks and for how long, what a session is worth, how codes are sent and tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bpp.people.door import (
    CODE_TRIES,
    CODE_VALID,
    CODE_WHILE,
    CODES_A_WHILE,
    FIRST_LOCK,
    LONGEST_LOCK,
    TRIES,
    alive,
    failed,
    is_code,
    locked,
    new_code,
    new_session,
    next_step,
    succeeded,
)
from bpp.people.model import STAFF, Person, Role, Step, csrf_of, new_token, token_digest
from tests.support.clock import MONDAY_MORNING as NOW

ROLES = st.sampled_from(Role)
WAITS = st.timedeltas(min_value=timedelta(), max_value=timedelta(hours=6))


def lock_of(person):
    until = failed(person, NOW).locked_until
    assert until is not None
    return until - NOW


def first_code():
    made = new_code("9876543210", None, NOW)
    assert made is not None
    return made


def a_person(**more):
    return Person(id="person:asha", login="asha", name="Asha", created_at=NOW, **{"role": Role.OPERATOR, **more})


@given(waits=st.lists(WAITS, max_size=40))
def test_nobody_gets_more_than_five_guesses_between_two_locks(waits):
    person, now, looked_at, since_lock = a_person(), NOW, 0, 0
    for wait in waits:
        now += wait
        if locked(person, now):
            continue
        person, looked_at, since_lock = failed(person, now), looked_at + 1, since_lock + 1
        assert person.failures == looked_at
        if since_lock == TRIES:
            assert locked(person, now)
            since_lock = 0


@given(rounds=st.integers(min_value=1, max_value=60))
def test_each_lock_is_longer_than_the_one_before_until_the_longest(rounds):
    person = a_person(failures=TRIES * rounds - 1)
    lasts = lock_of(person)
    following = lock_of(replace(person, failures=TRIES * (rounds + 1) - 1))

    assert FIRST_LOCK <= lasts <= following <= LONGEST_LOCK
    assert lasts < following or following == LONGEST_LOCK


@given(failures=st.integers(min_value=0, max_value=500), passed=WAITS)
def test_a_lock_opens_by_time_and_whoever_got_in_begins_anew(failures, passed):
    person = failed(a_person(failures=failures), NOW)
    until = person.locked_until or NOW

    assert locked(person, NOW + passed) == (NOW + passed < until)
    assert not locked(succeeded(person), NOW)
    assert failed(succeeded(person), NOW).locked_until is None


@given(role=ROLES, passed=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=60)))
def test_somebody_who_is_disabled_is_locked_and_out_whatever_the_time(role, passed):
    person = a_person(role=role, disabled=True)

    assert locked(person, NOW + passed)
    assert not alive(new_session("t", person, Step.OPEN, NOW), person, NOW + passed)


@given(role=ROLES, step=st.sampled_from(Step), waits=st.lists(WAITS, max_size=30))
def test_a_session_ends_in_the_end_however_often_it_is_used(role, step, waits):
    person = a_person(role=role)
    session, now = new_session("t", person, step, NOW), NOW
    for wait in waits:
        now += wait
        if not alive(session, person, now):
            assert not alive(session, person, now + timedelta(days=1)), "what has ended stays so"
            return
        session = replace(session, seen_at=now)
    assert now < session.ends_at <= NOW + timedelta(days=30)


@given(role=ROLES)
def test_who_is_not_all_the_way_in_has_ten_minutes(role):
    person = a_person(role=role)
    for step in set(Step) - {Step.OPEN}:
        session = new_session("t", person, step, NOW)
        assert alive(session, person, NOW + timedelta(minutes=9))
        assert not alive(session, person, NOW + timedelta(minutes=10))


@given(role=ROLES, given_=st.booleans(), has=st.booleans(), required=st.booleans())
def test_nothing_opens_before_all_that_is_asked_for(role, given_, has, required):
    person = a_person(role=role, given=given_, totp=b"x" if has else None)
    step = next_step(person, totp_required=required)

    if has:
        assert step is Step.TOTP
    elif given_:
        assert step is Step.PASSWORD
    elif required and role in STAFF:
        assert step is Step.ENROL
    else:
        assert step is Step.OPEN


@given(waits=st.lists(st.timedeltas(min_value=timedelta(), max_value=timedelta(minutes=20)), max_size=40))
def test_no_quarter_of_an_hour_brings_a_telephone_more_than_six_codes_and_no_day_more_than_288(waits):
    now, before, sent = NOW, None, []
    for wait in waits:
        now += wait
        made = new_code("9876543210", before, now)
        if made is not None:
            before = made[0]
            sent.append(now)
    for first in sent:
        # Whiles begin with a code: what is sent at the end of one and the beginning of the next comes together.
        assert sum(first <= at < first + CODE_WHILE for at in sent) <= 2 * CODES_A_WHILE
        assert sum(first <= at < first + timedelta(days=1) for at in sent) <= 288


@given(wrong=st.lists(st.from_regex(r"\A[0-9]{6}\Z"), max_size=8), passed=st.timedeltas(timedelta(), CODE_VALID))
def test_a_code_is_right_in_time_and_before_too_many_tries_and_no_other_text_ever(wrong, passed):
    code, text = first_code()
    for one in wrong:
        assert is_code(one, code, NOW) == (one == text and code.tries < CODE_TRIES)
        code = replace(code, tries=code.tries + 1)

    assert is_code(text, code, NOW + passed) == (passed < CODE_VALID and len(wrong) < CODE_TRIES)
    assert not is_code(text, replace(code, phone="9876543211"), NOW), "it is that telephone's alone"
    assert text not in repr(code)


@given(text=st.text(max_size=20))
def test_no_text_of_another_form_is_a_code(text):
    code, right = first_code()

    assert is_code(text, code, NOW) == (text == right)


def test_what_is_stored_and_what_forms_carry_tell_nothing_of_a_token():
    token = new_token()

    assert len(token) >= 43
    assert token not in token_digest(token) + csrf_of(token)
    assert token_digest(token) != csrf_of(token)
    assert len({new_token() for _ in range(1000)}) == 1000
