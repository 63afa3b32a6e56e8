"""Every page and deed of the console by its table: who may, what a path names, and requests to try it with."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

import aiohttp

from bpp.console.app import DEEDS, PAGES, console_app
from bpp.console.page import Deed, Page
from bpp.console.reach import BOUNDED, NAMED
from bpp.people.model import Role
from catalog.places import districts
from tests.support.console import LUCKNOW, Shown, Visitor, a_visitor, add_person
from tests.support.network import Network
from tests.support.tickets_console import complained

PART = re.compile(r"{(\w+)(?::[^{}]*)?}")
BYPASSED = frozenset({Role.ADMIN})
"""Who may open everything, whatever the table says (``carry``)."""

FREE: Mapping[str, str] = {
    "area": "the area of the provider of the same path, looked up among that one's own",
    "number": "a message, a callback or an event of the order of the same path, looked up among that one's own",
    "application": "an application, which must be for the district of the same path",
    "person": "administrators alone see people",
    "place": "a district of the map, of which the provider of the same path chooses its own services",
    "review": "a review, which must be of an order or project of the district of the same path",
    "sheet": "a list that the same person has sent for the provider of the same path, and nobody else",
}
"""Parts of paths that are not looked up by ``reach``, and why nobody sees through them what is another's.

Only what people with a bounded view may open is listed: the rest of the staff sees everything that its pages show.
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A page or a deed."""

    one: Page | Deed

    @property
    def name(self) -> str:
        return self.one.name

    @property
    def roles(self) -> frozenset[Role]:
        return self.one.roles | BYPASSED

    @property
    def parts(self) -> list[str]:
        """What its path names."""
        return PART.findall(self.one.path)

    @property
    def fields(self) -> list[str]:
        """What its query or form names that is looked up."""
        model = self.one.query if isinstance(self.one, Page) else self.one.form
        return [name for name in model.model_fields if name in NAMED]

    def path(self, values: Mapping[str, str]) -> str:
        """Where it is, for values; a part without one is 1."""
        return "/console" + PART.sub(lambda part: quote(values.get(part[1], "1"), safe=":"), self.one.path)


CASES = (*(Case(one=one) for one in PAGES), *(Case(one=one) for one in DEEDS))


def posted() -> list[str]:
    """Every path of the console that takes a form, at the door, too."""
    routes = console_app().router.routes()
    found = {one.resource.canonical for one in routes if one.method == "POST" and one.resource is not None}
    return sorted("/console" + PART.sub("1", path) for path in found)


@dataclass(frozen=True, kw_only=True)
class Side:
    """A provider, one of its workers, an order of theirs, a complaint about it, a district: as paths and fields name them."""

    provider: str
    worker: str
    offering: str
    ref: str
    ticket: str
    district: str

    @property
    def values(self) -> dict[str, str]:
        return {
            "provider": self.provider,
            "provider_id": self.provider,
            "worker": self.worker,
            "worker_id": self.worker,
            "offering": self.offering,
            "offering_id": self.offering,
            "ref": self.ref,
            "ticket": self.ticket,
            "district": self.district,
        }

    def bounds(self, role: Role) -> dict[str, str]:
        """What makes a person of a role one of this side."""
        return {
            Role.PROVIDER: {"provider_id": self.provider},
            Role.WORKER: {"provider_id": self.provider, "worker_id": self.worker},
            Role.OFFICER: {"district": self.district},
        }.get(role, {})


async def sides(network: Network) -> tuple[Side, Side]:
    """One side with an order, and another that has nothing in common with it, nor a district."""
    ref = await network.ref(await network.booked())
    _, order = await network.call("GET", f"/orders/{ref}")
    world = await network.context.storage.read(network.context.worlds.current)
    own = order["provider_id"]
    worker = order["worker_id"] or world.catalog.workers_of[own][0].id
    other = next(one for one in world.catalog.providers if one != own and world.catalog.workers_of.get(one))
    served = {*world.catalog.providers[own].districts, *world.catalog.workers[worker].districts, LUCKNOW}
    return (
        Side(
            provider=own,
            worker=worker,
            offering=world.catalog.offerings_of[own][0].id,
            ref=ref,
            ticket=await complained(network, ref),
            district=LUCKNOW,
        ),
        Side(
            provider=other,
            worker=world.catalog.workers_of[other][0].id,
            offering=world.catalog.offerings_of[other][0].id,
            ref="nobodys-order",
            ticket="nobodys-complaint",
            district=next(one for one in districts() if one not in served),
        ),
    )


@asynccontextmanager
async def everybody(network: Network, side: Side, mark: str = "") -> AsyncIterator[dict[Role, Visitor]]:
    """Somebody of each role, signed in; those who see only a part are of a side."""
    async with AsyncExitStack() as stack:
        found = {}
        for role in Role:
            login = f"{role.value}{mark}"
            await add_person(network, role, login, **side.bounds(role))
            found[role] = await stack.enter_async_context(a_visitor(network))
            assert "/sign-in" not in (await found[role].sign_in(login)).url.path
        yield found


async def csrf(visitor: Visitor) -> str:
    """What the forms of somebody carry."""
    return (await visitor.get("/console/account")).form("sign-out")[1]["csrf"]


@dataclass(kw_only=True)
class Found:
    """What a walk through the pages came by: pages by address, and files with their bytes."""

    pages: dict[str, Shown] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)


LINK = re.compile(r'(?:href|action|data-suggest|data-live)="(/console/[^"]*)"')
OF_A_KIND = 3
"""So many addresses of one page are opened: what differs is what they are about."""


async def walk(visitor: Visitor, side: Side, role: Role) -> Found:
    """Open the pages of a role and whatever they link to, as a reader could."""
    found, opened = Found(), dict[str, int]()
    waiting = [
        "/console/",
        *(case.path(side.values) for case in CASES if isinstance(case.one, Page) and role in case.roles),
    ]
    seen = set(waiting)
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(path)
        if kind is None or opened.get(kind, 0) >= OF_A_KIND:
            continue
        opened[kind] = opened.get(kind, 0) + 1
        headers, body = await _fetched(visitor, path, found)
        if "attachment" in headers.get("Content-Disposition", ""):
            found.files[path] = (headers["Content-Type"], body)
            continue
        for link in LINK.findall(body.decode(errors="replace")):
            address = html.unescape(link)
            if address not in seen:
                seen.add(address)
                waiting.append(address)
    return found


def kind_of(path: str) -> str | None:
    """The name of the page at an address, None where there is none."""
    bare = path.partition("?")[0].removeprefix("/console")
    if bare == "/":
        return "start"
    return next((one.name for one in PAGES if _pattern(one.path).fullmatch(bare)), None)


def _pattern(path: str) -> re.Pattern[str]:
    plain = re.escape(PART.sub("\0", path)).replace(re.escape("\0"), "[^/]+")
    return re.compile(plain)


async def _fetched(visitor: Visitor, path: str, found: Found) -> tuple[Mapping[str, str], bytes]:
    async with visitor.session.get(
        visitor.at(path), headers={"Accept-Language": visitor.language}, timeout=aiohttp.ClientTimeout(total=30)
    ) as answer:
        body = await answer.read()
        if "attachment" not in answer.headers.get("Content-Disposition", ""):
            found.pages[path] = Shown(
                status=answer.status, text=body.decode(errors="replace"), url=answer.url, headers=dict(answer.headers)
            )
        return answer.headers, body


def bounded(case: Case) -> list[Role]:
    """The roles of a page or deed that see only a part."""
    return sorted(case.one.roles & BOUNDED)
