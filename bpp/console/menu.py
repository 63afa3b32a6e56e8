"""What stands in whose menu, and where each role begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bpp.people.model import Person, Role


def nothing(_person: Person) -> Mapping[str, str]:
    """The path of a page that is the same for everybody."""
    return {}


def own_provider(person: Person) -> Mapping[str, str]:
    """The path of a page about the person's own provider."""
    return {"provider": person.provider_id}


def own_worker(person: Person) -> Mapping[str, str]:
    """The path of a page about the person as a worker."""
    return {"worker": person.worker_id}


def own_district(person: Person) -> Mapping[str, str]:
    """The path of a page about the officer's district."""
    return {"district": person.district}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of the menu of some roles: the page, by name, and the parts of its path. The first of a role is home."""

    page: str
    title: str
    roles: frozenset[Role]
    path: Callable[[Person], Mapping[str, str]] = nothing


Menu = tuple[Entry, ...]


def entries(menu: Menu, role: Role) -> Menu:
    """The entries of a role, in order."""
    return tuple(one for one in menu if role in one.roles)


def home(menu: Menu, role: Role) -> Entry:
    """Where a role begins."""
    return entries(menu, role)[0]
