"""What ``/grievance`` answers: the page, and to its form a ticket number at once, where order and telephone fit.

Who sends too often is not looked up, whatever is sent: by address, by number of order and by telephone, whether there
are such or not. What does not fit together is always answered in the same words, after the same questions to the
database, so that nobody finds out which orders there are. Each process counts for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from bpp.bounded import Recent, TokenBucket
from bpp.context import APP_CONTEXT
from bpp.core.principal import number_of
from bpp.core.public_complaint import complain, fitting, numbers_meant
from bpp.core.tickets import LONGEST_WORDS, in_short
from bpp.errors import ProtocolError, Unavailable
from bpp.inbound.admission import ADMISSION
from bpp.inbound.grievance import LONGEST_NUMBER, LONGEST_PHONE, PATH, STYLE, filled, grievance_html
from bpp.inbound.grievance_words import ENGLISH, HINDI, FormWords
from bpp.inbound.layout import policy_of
from bpp.inbound.receive import NOBODY_LISTENS, HungUp, read_body, retry_after
from bpp.issues.categories import complaints_about
from bpp.issues.model import Complaint
from bpp.issues.ticket import Ticket
from bpp.storage.ports import Work

log = structlog.get_logger(__name__)
FORM = "application/x-www-form-urlencoded"
MOST_BYTES, MOST_FIELDS = 16 * 1024, 10
FORMS_AT_ONCE, FORMS_PER_SECOND = 30, 0.1
"""Forms from one address, behind which a whole village may be: so many at once, then one in ten seconds."""
TRIES, TRIES_PER_SECOND = 5, 1 / 3600
"""Forms about one order, and with one telephone number: so many at once, then one in an hour."""
FORMS_KEPT = 10_000
"""Addresses, orders and telephone numbers that are kept of each."""
BUSY = 2.0
"""Seconds after which a database that did not answer may do so again."""
CODES = frozenset(one.code for one in complaints_about("us"))


def _lines(text: str) -> str:
    """A text with its lines as a browser counts them, not as it sends them."""
    return text.replace("\r\n", "\n")


def _known(code: str) -> str:
    if code not in CODES:
        raise ValueError("one of the list is expected")
    return code


class Form(BaseModel):
    """The fields of the form; a browser may send more."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    language: Literal["hi", "en"] = "hi"
    order: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NUMBER)]
    phone: Annotated[str, StringConstraints(max_length=LONGEST_PHONE), AfterValidator(number_of)]
    code: Annotated[str, AfterValidator(_known)]
    text: Annotated[str, BeforeValidator(_lines), StringConstraints(min_length=1, max_length=LONGEST_WORDS)]


class Patience:
    """How often somebody may send the form."""

    def __init__(self) -> None:
        self._buckets: Mapping[str, Recent[str, TokenBucket]] = {
            kind: Recent(FORMS_KEPT) for kind in ("address", "order", "phone")
        }

    def wait(self, now: datetime, **keys: str) -> float:
        """Seconds until a form with this address, order and telephone is looked at; 0: now, which counts for each."""
        buckets = [self._bucket(kind, key) for kind, key in keys.items()]
        wait = max(one.wait(now) for one in buckets)
        if wait <= 0:
            for one in buckets:
                one.spend(now)
        return wait

    def _bucket(self, kind: str, key: str) -> TokenBucket:
        buckets = self._buckets[kind]
        rate = (FORMS_PER_SECOND, FORMS_AT_ONCE) if kind == "address" else (TRIES_PER_SECOND, TRIES)
        return buckets.get(key) or buckets.put(key, TokenBucket(*rate))


PATIENCE = web.AppKey("PATIENCE", Patience)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a form is answered with; ``again``: it may be sent again, so it is shown with what was typed.

    ``wait``: after so many seconds.
    """

    status: HTTPStatus
    lines: tuple[str, ...]
    again: bool = True
    wait: float = 0.0


async def grievance(request: web.Request) -> web.Response:
    """The page; nothing of it is looked up."""
    return _page(grievance_html(request.app[APP_CONTEXT].settings))


async def post_grievance(request: web.Request) -> web.Response:
    """A complaint: its ticket number, or why there is none."""
    settings = request.app[APP_CONTEXT].settings
    try:
        body = await read_body(request, settings, request.app[ADMISSION].bodies, limit=MOST_BYTES, media=FORM)
    except ProtocolError as refusal:
        return web.Response(text=str(refusal), status=refusal.http_status)
    except HungUp:
        return web.Response(status=NOBODY_LISTENS)
    typed = _typed(body)
    words = ENGLISH if typed.get("language") == ENGLISH.lang else HINDI
    said = await _answered(typed, words.form, request)
    told = [filled(one, settings) for one in said.lines]
    answer = _page(grievance_html(settings, told=told, to=words.lang, typed=typed if said.again else {}), said.status)
    if said.wait:
        answer.headers["Retry-After"] = retry_after(said.wait)
    return answer


async def _answered(typed: Mapping[str, str], words: FormWords, request: web.Request) -> _Said:
    context = request.app[APP_CONTEXT]
    try:
        form = Form.model_validate(typed)
    except ValidationError:
        return _Said(HTTPStatus.UNPROCESSABLE_ENTITY, (words.faulty,))
    address = request.app[ADMISSION].address(request)
    keys = {"address": address, "order": numbers_meant(form.order)[-1], "phone": form.phone}
    if (wait := request.app[PATIENCE].wait(context.clock(), **keys)) > 0:
        log.info("complaint_too_often")
        return _Said(HTTPStatus.TOO_MANY_REQUESTS, (words.too_many,), wait=wait)

    async def fits(work: Work) -> bool:
        return bool(await fitting(form.order, form.phone, work))

    async def unit(work: Work) -> Ticket | None:
        world = await context.worlds.current(work)
        complaint = Complaint(code=form.code, short_desc=in_short(form.text), long_desc=form.text)
        return await complain(form.order, form.phone, complaint, form.language, work, world)

    try:
        # Whoever guesses reads only: what writes is for those who know.
        ticket = await context.storage.run(unit) if await context.storage.read(fits) else None
    except Unavailable:
        return _Said(HTTPStatus.SERVICE_UNAVAILABLE, (words.busy,), wait=BUSY)
    if ticket is None:
        log.info("complaint_does_not_fit")
        return _Said(HTTPStatus.UNPROCESSABLE_ENTITY, (words.no_fit,))
    log.info("complaint_taken_down", ticket=ticket.ref)
    return _Said(HTTPStatus.OK, (words.number.format(ticket=ticket.ref), words.keep), again=False)


def _typed(body: bytes) -> dict[str, str]:
    """The fields that came, each once; none where they cannot be read."""
    try:
        typed = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:  # no UTF-8, or too many
        return {}
    return {} if any("\0" in one for one in typed.values()) else typed  # databases take none


def _page(text: str, status: int = HTTPStatus.OK) -> web.Response:
    policy = {"Content-Security-Policy": policy_of(STYLE)}
    return web.Response(text=text, content_type="text/html", status=status, headers=policy)


def add_grievance_routes(app: web.Application, base_path: str) -> None:
    """At the host's root and under the subscriber path."""
    app[PATIENCE] = Patience()
    for prefix in dict.fromkeys(("", base_path)):
        app.router.add_get(f"{prefix}{PATH}", grievance)
        app.router.add_post(f"{prefix}{PATH}", post_grievance)
