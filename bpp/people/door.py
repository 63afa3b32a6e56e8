"""The rules at the door: how often one may try, how long a session lives, how one-time codes are sent."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from bpp.people.model import STAFF, Code, Person, Role, Session, Step, token_digest

TRIES = 5
"""Wrong passwords or codes in a row before nobody gets in for a while."""
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=4)
DOUBLED = 8
"""How often a lock doubles at most; it is the longest by then, and no number grows beyond what a moment can be."""
CODE_DIGITS = 6
CODE_VALID = timedelta(minutes=5)
CODE_TRIES = 5
CODES_A_WHILE = 3
CODE_WHILE = timedelta(minutes=15)
"""At most so many codes go to a telephone in such a time: they cost money, and annoy who has not asked."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when a session was seen last: not every page writes."""
STEP_LIVES = timedelta(minutes=10)
"""How long somebody has from the password to the second factor."""

IDLE = {Role.WORKER: timedelta(days=7), Role.PROVIDER: timedelta(hours=8)}
LIFE = {Role.WORKER: timedelta(days=30), Role.PROVIDER: timedelta(days=7)}
STAFF_IDLE = timedelta(hours=1)
STAFF_LIFE = timedelta(hours=12)


def locked(person: Person, now: datetime) -> bool:
    """Whether nobody gets in as this person now."""
    return person.disabled or (person.locked_until is not None and person.locked_until > now)


def failed(person: Person, now: datetime) -> Person:
    """The person after a wrong password or code. Every fifth in a row locks, for longer each time."""
    failures = person.failures + 1
    rounds, rest = divmod(failures, TRIES)
    if rest:
        return replace(person, failures=failures)
    lasts = FIRST_LOCK * 2 ** min(rounds - 1, DOUBLED)
    return replace(person, failures=failures, locked_until=now + min(lasts, LONGEST_LOCK))


def succeeded(person: Person) -> Person:
    """The person after the whole way in."""
    return replace(person, failures=0, locked_until=None)


def next_step(person: Person, *, totp_required: bool) -> Step:
    """What is asked for after the password: the second factor, setting one up, a password of one's own, or nothing."""
    if person.has_totp:
        return Step.TOTP
    return after_totp(person, totp_required=totp_required)


def after_totp(person: Person, *, totp_required: bool) -> Step:
    """What is asked for once the second factor was right, or there is none."""
    if person.given:
        return Step.PASSWORD
    if totp_required and person.role in STAFF and not person.has_totp:
        return Step.ENROL
    return Step.OPEN


def new_session(token: str, person: Person, step: Step, now: datetime) -> Session:
    """The session of a browser that has come as far as ``step``."""
    life = STEP_LIVES if step is not Step.OPEN else LIFE.get(person.role, STAFF_LIFE)
    return Session(
        digest=token_digest(token), person_id=person.id, step=step, created_at=now, seen_at=now, ends_at=now + life
    )


def alive(session: Session, person: Person, now: datetime) -> bool:
    """Whether a session still counts."""
    idle = IDLE.get(person.role, STAFF_IDLE)
    return not person.disabled and now < session.ends_at and now - session.seen_at < idle


def new_code(phone: str, before: Code | None, now: datetime) -> tuple[Code, str] | None:
    """A code for a telephone as it is stored, and as it is sent; None where too many were sent of late."""
    recent = before is not None and now - before.sent_at < CODE_WHILE
    sent = before.sent + 1 if before is not None and recent else 1
    if sent > CODES_A_WHILE:
        return None
    text = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    # Codes of one while count together, however late the last of them was: the first moment stays.
    first = before.sent_at if before is not None and recent else now
    code = Code(phone=phone, digest=code_digest(phone, text), sent_at=first, valid_until=now + CODE_VALID, sent=sent)
    return code, text


def code_digest(phone: str, text: str) -> str:
    """What of a code is stored."""
    return hashlib.sha256(f"{phone}\n{text}".encode()).hexdigest()


def is_code(text: str, code: Code, now: datetime) -> bool:
    """Whether this is the code that was sent, in time and before too many tries."""
    right = hmac.compare_digest(code_digest(code.phone, text), code.digest)
    return right and now < code.valid_until and code.tries < CODE_TRIES
