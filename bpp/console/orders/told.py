"""How people, moments and amounts are told on the pages of an order; and one step of its life as it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from bpp.console.language import gettext, spoken
from bpp.console.orders.words import ACTORS, UNNAMED
from bpp.console.render import ROLES
from bpp.core.naming import hindi_names
from bpp.core.privacy import PersonalData, Reader
from bpp.core.world import World
from bpp.operator.auth import SUPERVISOR
from bpp.orders.model import Order
from bpp.people.model import Role

CONSOLE = "/console"
Kind = Literal["message", "event", "choice", "money"]
ROLE_WORDS = {**{role.value: words for role, words in ROLES.items()}, SUPERVISOR: ROLES[Role.ADMIN]}


@dataclass(frozen=True, slots=True)
class Fact:
    """A line below a step: what it is about, and the text; ``official``: the text came in English from the network."""

    label: str
    text: str
    official: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step in an order's life. ``look`` is the class of its mark; ``number`` that of the message in the log.

    ``callback`` is the number of an answer of ours that is still to be sent.
    """

    at: datetime
    kind: Kind
    title: str
    tag: str = ""
    look: str = ""
    facts: Sequence[Fact] = ()
    points: Sequence[str] = ()
    number: int = 0
    callback: int = 0


@dataclass(frozen=True, slots=True)
class Names:
    """Workers by name, for whoever may know them, else by number."""

    reader: Reader
    world: World

    def worker(self, worker_id: str) -> str:
        """Who it is."""
        worker = self.world.catalog.worker(worker_id)
        if worker is None or not self.reader.sees(PersonalData.WORKER):
            return worker_id
        return worker.name

    def workers(self, ids: Sequence[str]) -> str:
        """Who they are, or that it is nobody."""
        return ", ".join(map(self.worker, ids)) or gettext("nobody")


def called(order: Order, world: World) -> Callable[[str], str]:
    """What the services and the provider of an order are called in the language spoken, by the names that it keeps."""
    hindi = hindi_names(order, world.catalog) if spoken() == "hi" else {}
    return lambda name: hindi.get(name, name)


def who(by: str, actor: str) -> str:
    """Who did something: ``operator:asha`` as the role in words with the name; nobody where nobody is named."""
    role, _, name = by.partition(":")
    if role in ROLE_WORDS:
        return f"{gettext(ROLE_WORDS[role])} ({name})"
    return gettext(UNNAMED.get(by, ACTORS.get(actor, "")))


def ticket_path(ref: str) -> str:
    """The path of a complaint's page."""
    return f"{CONSOLE}/tickets/{quote(ref, safe='')}"


def order_path(ref: str) -> str:
    """The path of an order's page."""
    return f"{CONSOLE}/orders/{quote(ref, safe='')}"
