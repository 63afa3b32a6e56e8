"""One's own account: who one is here, the password, the second factor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpp.console.language import msg
from bpp.console.menu import Entry
from bpp.console.page import EVERYBODY, Page, Visit
from bpp.core.world import World
from bpp.people.model import Role
from bpp.storage.ports import Work
from bpp.storage.ports_people import EventFilter
from catalog.places import district

SHOWN = 10


async def read_account(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The person, whose data he or she sees, and what happened at the door of late."""
    person = visit.person
    provider = world.catalog.providers.get(person.provider_id)
    return {
        "provider": provider,
        "district": district(person.district),
        "by_password": person.role is not Role.WORKER,
        "events": [event for _, event in await work.people.events(EventFilter(person_id=person.id, limit=SHOWN))],
        "event_words": EVENTS,
    }


EVENTS: Mapping[str, str] = {
    "signed_in": msg("Signed in"),
    "telephone_changed": msg("Another telephone number: signed out everywhere"),
    "signed_out": msg("Signed out"),
    "code_sent": msg("Code sent to the telephone"),
    "asked_for_totp": msg("Password right, second factor awaited"),
    "asked_for_enrol": msg("Password right, second factor to be set up"),
    "asked_for_password": msg("Signed in with a password that was given"),
    "wrong_password": msg("Wrong password"),
    "wrong_code": msg("Wrong code"),
    "refused_locked": msg("Refused while locked"),
    "second_factor_set": msg("Second factor set up"),
    "password_changed": msg("Password changed"),
    "unknown_login": msg("Tried with a login that nobody has"),
    "added": msg("Added"),
    "role_given": msg("Role given"),
    "password_given": msg("New password given"),
    "second_factor_taken": msg("Second factor taken away"),
    "unlocked": msg("Unlocked by hand"),
    "disabled": msg("Disabled"),
    "enabled": msg("Enabled again"),
    "sessions_ended": msg("Signed out everywhere by hand"),
}
"""What can have happened at the door, in words."""

PAGES = (
    Page(
        path="/account",
        name="account",
        title=msg("My account"),
        roles=EVERYBODY,
        read=read_account,
        template="account.html",
    ),
)

ENTRIES = (Entry(page="account", title=msg("My account"), roles=EVERYBODY),)
