"""What the pages of signing in share: who may try, the token and the cookies of whoever got further."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bpp.bounded import Recent, TokenBucket
from bpp.console.browser import BROWSER, checked_form, give_language, give_token
from bpp.console.language import LANGUAGES
from bpp.console.menu import home
from bpp.console.page import BOOK
from bpp.console.render import render
from bpp.context import APP_CONTEXT, AppContext
from bpp.inbound.admission import ADMISSION
from bpp.network.sms import Sender
from bpp.people.door import LIFE
from bpp.people.model import Person, Role, Session, Step
from bpp.people.passwords import hashed, is_right

AT_ONCE = 30
PER_SECOND = 0.1
"""Wrong tries from one address: so many at once, then one in ten seconds. A call centre sits behind one address.

So many codes may be asked for from one, too, whosever the numbers: each costs money, and the answer tells nothing.
"""
ADDRESSES = 10_000
SENT_WITHIN = 3.0
"""Seconds that a text has when the process is about to end."""
HASHERS = 2
"""Passwords that are checked at a time: each takes 64 MiB."""
STEP_PAGES: Mapping[Step | None, str] = {
    None: "signin",
    Step.TOTP: "signin-totp",
    Step.ENROL: "signin-enrol",
    Step.PASSWORD: "signin-password",
}
"""Where it goes on for somebody who is not all the way in."""


class Doorway:
    """What a process remembers of those who try, and how it sends codes."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self._hashing = asyncio.Semaphore(HASHERS)
        self._tries: Recent[str, TokenBucket] = Recent(ADDRESSES)
        self._codes: Recent[str, TokenBucket] = Recent(ADDRESSES)
        self._sending: set[asyncio.Task[bool]] = set()

    def wait(self, request: web.Request) -> float:
        """Seconds until somebody from this address may try again; 0: now."""
        return _bucket(self._tries, request).wait(request.app[APP_CONTEXT].clock())

    def failed(self, request: web.Request) -> None:
        """Count a wrong try."""
        _bucket(self._tries, request).spend(request.app[APP_CONTEXT].clock())

    def may_ask(self, request: web.Request) -> bool:
        """Whether somebody from this address may ask for a code now, which counts, whoever is asked for."""
        return _bucket(self._codes, request).spend(request.app[APP_CONTEXT].clock())

    async def is_right(self, request: web.Request, password: str, stored: str) -> bool | None:
        """Whether a password is that of a hash; None where its address must wait. A wrong one is counted at once.

        It is looked at in its turn, so that of a thousand tries that come together no more are looked at than of those
        that come one by one.
        """
        async with self._hashing:
            if self.wait(request) > 0:
                return None
            right = await asyncio.to_thread(is_right, password, stored)
            if not right:
                self.failed(request)
            return right

    async def hashed(self, password: str) -> str:
        """The hash of a password."""
        async with self._hashing:
            return await asyncio.to_thread(hashed, password)

    def send(self, phone: str, text: str) -> None:
        """Send a text without waiting for it: how long a gateway takes would tell that there was something to send."""
        task = asyncio.create_task(self.sender.send(phone, text), name="text")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def sent(self) -> None:
        """Wait for what is being sent, but not for long: the process is about to end."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=SENT_WITHIN)


DOORWAY = web.AppKey("DOORWAY", Doorway)


def _bucket(buckets: Recent[str, TokenBucket], request: web.Request) -> TokenBucket:
    address = request.config_dict[ADMISSION].address(request)
    return buckets.get(address) or buckets.put(address, TokenBucket(PER_SECOND, AT_ONCE))


async def fields_of(request: web.Request) -> dict[str, str]:
    """The fields of a form of ours; 403 for one of another site."""
    return checked_form(request, await request.post())[0]


def code_of(fields: Mapping[str, str]) -> str:
    """The code of a form in plain figures, as people type it: in any script, in groups or not."""
    typed = fields.get("code", "")
    return "".join(str(int(one)) if one.isdecimal() else one for one in typed if not one.isspace())


def totp_required(context: AppContext) -> bool:
    """Whether staff must have a second factor."""
    return context.settings.console_totp == "required"


def sign_in_page(template: str, request: web.Request, *, title: str, status: int = 200, **given: Any) -> web.Response:
    """A page before the menu."""
    return render(template, request, {"problem": "", **given}, title=title, status=status)


def onwards(request: web.Request, session: Session, person: Person, token: str) -> web.Response:
    """Give the browser its new token, and send it to what comes next."""
    sandbox = request.app[APP_CONTEXT].settings.sandbox
    if session.step is Step.OPEN:
        to = local(request.query.get("next", "")) or home_of(request, person)
    else:
        router = request.app.router
        to = str(router[STEP_PAGES[session.step]].url_for().with_query(request.rel_url.raw_query_string or None))
    answer = web.Response(status=web.HTTPSeeOther.status_code, headers={"Location": to})
    # A telephone closes its browser whenever it needs the room.
    lasting = LIFE[Role.WORKER] if person.role is Role.WORKER else None
    give_token(answer, token, sandbox=sandbox, lasting=lasting)
    if person.language in LANGUAGES:
        give_language(answer, person.language, sandbox=sandbox)
    return answer


def home_of(request: web.Request, person: Person) -> str:
    """Where a person begins."""
    entry = home(request.app[BOOK].menu, person.role)
    return str(request.app.router[entry.page].url_for(**entry.path(person)))


def local(address: str) -> str:
    """An address within the console; empty for anything else, so that nobody is sent elsewhere.

    Browsers read a backslash as a slash and leave out line breaks and tabs: whatever is not plain is not taken.
    """
    plain = address.isascii() and address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/console/") else ""


def token_of(request: web.Request) -> str:
    """The token by which the browser is known now."""
    return request[BROWSER].token
