"""A page and a deed as values.

The theory. A page reads in one unit of work and says what its template is given. A deed is what a form does: it runs in
one unit, and answers with where to go next. What either may see of the path, the query or the form is checked before it
is called: the role, whether what is named lies within the person's reach (``reach``), the fields against a model. So a
page or a deed holds nothing of that, and says the rest in a few lines over the calls of the operator API.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from beckn_schemas.base import FIRST_YEAR, LAST_YEAR
from bpp.console.menu import Menu
from bpp.core.world import World
from bpp.operator.auth import SUPERVISOR, Caller
from bpp.operator.files import File
from bpp.operator.problems import ErrorObject
from bpp.operator.routes import Answer, Body, Call, Query
from bpp.people.model import Person, Role, Session
from bpp.storage.ports import Work

FAILED = 400
EVERYBODY = frozenset(Role)


def _reckoned(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise PydanticCustomError("date_parsing", "a day of this century is expected")
    return day


Day = Annotated[date, AfterValidator(_reckoned)]
"""A day that somebody names, of years in which every day has one before and one after it."""


class Form(BaseModel):
    """Fields of a form; one that is empty counts as not given, one that is not named is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoFields(Form):
    """A form that is only a button."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came with a form."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why something was not done, in words of the reader's language; ``field`` is the field of the form, if one."""

    code: str
    words: str
    field: str = ""
    allowed: Sequence[str] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request to a page or a deed, checked.

    ``query`` and ``form`` are of the models that the page or deed names, ``prepared`` is what a deed made before its
    unit. ``typed`` is what somebody had typed into a
    form that was refused for the ``problems``, so that the page shows it again. ``did`` names the deed after which the
    page is shown.
    """

    person: Person
    session: Session
    language: str
    path: Mapping[str, str]
    query: Any = None
    form: Any = None
    prepared: Any = None
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    did: str = ""

    @property
    def caller(self) -> Caller:
        """The person as the operator API's functions know a caller."""
        role = SUPERVISOR if self.person.role is Role.ADMIN else self.person.role.value
        return Caller(role, f"{role}:{self.person.login}")

    def call(self, *, query: Query | None = None, body: Body | None = None, prepared: Any = None, **path: str) -> Call:
        """A call of the operator API by this person; ``path`` are the parts of its path, else those of ours."""
        return Call(caller=self.caller, path=path or self.path, query=query, body=body, prepared=prepared)


class InALanguage(Query):
    """The query of a page that may be asked for in a language, whatever the reader's own is."""

    language: Literal["", "hi", "en"] = ""


Shown = Mapping[str, Any] | File
Reading = Callable[[Visit, Work, World], Awaitable[Shown]]
Beside = Callable[[Visit, web.Application], Awaitable[Mapping[str, Any]]]
Turning = Callable[[Mapping[str, Any], str], File]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: ``template`` is given what ``read`` found. ``title`` is a text of the catalogs of both languages.

    ``audited``: it shows personal data in full, which leaves a row, so that its unit writes. ``part``: a piece of a
    page that the script fetches, without the frame around it. ``beside`` adds what no database tells: of this process,
    the machine, the network. It is asked when the unit has ended, so that nobody waits for it in a transaction.
    ``turned`` makes a file of what was read and the page in HTML: in a thread, once the unit has ended, since a PDF
    takes its time; it may raise ApiProblem.
    """

    path: str
    name: str
    title: str
    roles: frozenset[Role]
    read: Reading
    template: str
    query: type[Query] = Query
    audited: bool = False
    part: bool = False
    beside: Beside | None = None
    turned: Turning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A deed that was done: where to go (a path of the console), and the callbacks that may go out now.

    ``texts`` are text messages to be sent now, each with its telephone.
    With a ``refused`` the deed was not done, but something changed all the same, as a wrong OTP does that counts.
    """

    to: str = ""
    released: tuple[int, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    refused: ErrorObject | None = None


Acting = Callable[[Visit, Work, World], Awaitable[Done]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a form does: ``act`` with the fields of ``form``. It is done once for each showing of its form.

    ``page`` is the page with the form, by name: it is shown again, with what was typed, when the deed is refused.
    ``said`` is a text of the catalogs that tells that it was done. ``most`` bounds the whole form in bytes.
    ``alters_catalog`` and ``prepare``: as a ``Route`` of the operator API has them. What ``fetch`` reads for
    ``prepare``, in the unit before, is its ``visit.prepared``.
    """

    path: str
    name: str
    roles: frozenset[Role]
    act: Acting
    page: str
    said: str
    form: type[Form] = NoFields
    most: int = 64 * 1024
    alters_catalog: bool = False
    prepare: Callable[[Visit, World], Any] | None = None
    fetch: Callable[[Visit, Work, World], Awaitable[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """All pages and deeds by their names, and the menu of everybody."""

    pages: Mapping[str, Page]
    deeds: Mapping[str, Deed]
    menu: Menu


BOOK = web.AppKey("BOOK", Book)


def outcome(answer: Answer, to: str) -> Done:
    """What a call of the operator API came to, as a deed says it."""
    if answer.status >= FAILED:
        content = answer.content
        assert isinstance(content, BaseModel)  # noqa: S101  every refusal is an ErrorAnswer
        return Done(released=answer.released, refused=ErrorObject.model_validate(content.model_dump()["error"]))
    return Done(to=to, released=answer.released)
