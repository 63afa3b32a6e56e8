"""From messages that lie about in files to flows: which belong together, in which order they were said.

A flow is what one folder holds of one transaction. Order is by ``context.timestamp``, since a folder has no other
clock; a callback comes after its request whatever it says. Source of the order of actions: protocol 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from beckn_schemas.base import parse_timestamp
from bpp.conformance.evidence.unwrap import Found, written
from bpp.conformance.record import Flow, Record
from bpp.sandbox.exchange import parsed, part
from bpp.sandbox.identities import RECON_DOMAIN

CORE = ("search", "select", "init", "confirm", "status", "track", "cancel", "update", "rating", "support")
"""The requests of the core flows, in the order of a booking; each has its callback."""
FAMILIES = ("issue", "issue_status", "recon")
"""Those of grievances and of reconciliation."""
_RANK = {
    action: 2 * place + step
    for place, name in enumerate((*CORE, *FAMILIES))
    for step, action in enumerate((name, f"on_{name}"))
}
SERVICES = "ONDC:SRV"
"""How the domains of services begin."""

BY_TIME = "by context.timestamp"
BY_NUMBER = "by the numbers in the names of the files, since not every context has a timestamp"
BY_ACTION = "by the usual order of the actions, since not every context has a timestamp"

_NUMBERS = re.compile(r"\d+")
_FLOW = re.compile(r"[ _-]*flow$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A message and the file it was found in; ``place`` is under the folder that was read."""

    place: PurePosixPath
    found: Found

    @property
    def source(self) -> str:
        """The file, and where in it."""
        where = self.found.where
        return f"{self.place.name}{f' {where}' if where else ''}"

    @property
    def action(self) -> str:
        """What the context says, else the file's name or the name it stands under."""
        return self.found.action or action_of(self.found.name)

    @property
    def answers(self) -> bool:
        """Whether it is a callback."""
        return self.action.startswith("on_")

    @property
    def sent(self) -> bool:
        """Whether the buyer app says it: the requests, but in a complaint of the seller app's what it is told."""
        return self.answers == _is_sellers(self.found.document)

    @property
    def timestamp(self) -> datetime | None:
        """When its sender says it was made."""
        try:
            return parse_timestamp(str(part(self.found.document, "context").get("timestamp", "")))
        except ValueError:
            return None

    def of_context(self, key: str) -> str:
        """A text of the context."""
        return str(part(self.found.document, "context").get(key) or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """Flows, by what their order was found (by flow's title), and how many messages were set aside for what reason."""

    flows: tuple[Flow, ...]
    orders: Mapping[str, str]
    aside: Mapping[str, int]


def action_of(name: str) -> str:
    """The action that a file is named for: ``on_select`` of ``03_On_Select (confirmed)``; an empty text for none."""
    words = re.sub(r"[^a-z]+", "_", name.lower())
    fitting = [one for one in _RANK if f"_{one}_" in f"_{words}_"]
    return max(fitting, key=len) if fitting else ""


def _is_sellers(document: Mapping[str, Any]) -> bool:
    """Whether a message is of an issue that the seller app raised: the complainant's organization tells."""
    issue = part(part(document, "message"), "issue")
    actors = issue.get("actors")
    people = [one for one in actors if isinstance(one, dict)] if isinstance(actors, list) else []
    complainant = next((one for one in people if one.get("id") == issue.get("complainant_id")), {})
    organization = str(part(part(complainant, "info"), "org").get("name", ""))
    return organization.partition("::")[0] == str(part(document, "context").get("bpp_id") or None)


def arrange(pieces: Sequence[Piece]) -> Arranged:
    """Sort messages into flows; those that are of no flow of services are set aside."""
    aside: dict[str, int] = {}
    groups: dict[tuple[PurePosixPath, str], list[Piece]] = {}
    for one in pieces:
        if one.action in _RANK:
            groups.setdefault((one.place.parent, one.of_context("transaction_id")), []).append(one)
        else:
            _count(aside, f"{one.action or 'a message without an action'}: not of a flow with buyer apps")
    kept: list[tuple[PurePosixPath, list[Piece], str]] = []
    seen: set[frozenset[bytes]] = set()
    for (folder, _), group in sorted(groups.items(), key=lambda one: _is_buyers(one[0][0])):
        domains = [one.of_context("domain") for one in group if one.of_context("domain")]
        domain = next((one for one in domains if one.startswith(SERVICES)), domains[0] if domains else "")
        said = frozenset(written(one.found.document) for one in group)
        if domain and not domain.startswith((SERVICES, RECON_DOMAIN)):
            _count(aside, f"{domain}: not services", len(group))
        elif said in seen:
            _count(aside, f"{folder}: says what another folder says", len(group))
        else:
            seen.add(said)
            kept.append((folder, group, domain))
    kept = [(folder, some, domain) for folder, group, domain in kept for some in _conversations(group)]
    names = _names([folder for folder, _, _ in kept])
    flows, orders = [], {}
    for name, (_, group, domain) in zip(names, kept, strict=True):
        ordered, how = _ordered(group)
        flow = Flow(name=name, domain=domain, records=tuple(_records(ordered)))
        flows.append(flow)
        orders[flow.title] = how
    return Arranged(flows=tuple(flows), orders=orders, aside=aside)


def _conversations(group: list[Piece]) -> list[list[Piece]]:
    """Different messages of one action under one message_id are no conversation, but samples: each is one by itself."""
    said = {written(one.found.document) for one in group}
    samples = len({one.action for one in group}) == 1 and len({one.of_context("message_id") for one in group}) < len(
        said
    )
    return [[one] for one in group] if samples else [group]


def _is_buyers(folder: PurePosixPath) -> bool:
    """Whether the buyer app recorded it: the same messages are looked for at the seller's first."""
    return any(one.lower() in ("buyer", "bap") for one in folder.parts)


def _count(aside: dict[str, int], reason: str, more: int = 1) -> None:
    aside[reason] = aside.get(reason, 0) + more


def _names(folders: Sequence[PurePosixPath]) -> list[str]:
    """Names that tell flows apart: the folder's own where that does, else its path; counted in one folder."""
    own = [_FLOW.sub("", one.name) or "messages" for one in folders]
    names = []
    for place, (folder, name) in enumerate(zip(folders, own, strict=True)):
        shared = any(other == name and folders[at] != folder for at, other in enumerate(own))
        nth = folders[:place].count(folder) + 1
        names.append((str(folder) if shared else name) + (f" #{nth}" if folders.count(folder) > 1 else ""))
    return names


def _ordered(group: Sequence[Piece]) -> tuple[list[Piece], str]:
    if all(one.timestamp for one in group):
        return sorted(group, key=lambda one: (_moment(one, group), one.answers, _numbers(one))), BY_TIME
    if all(_numbers(one) for one in group):
        return sorted(group, key=_numbers), BY_NUMBER
    return sorted(group, key=lambda one: (_RANK[one.action], _numbers(one))), BY_ACTION


def _moment(one: Piece, group: Sequence[Piece]) -> datetime:
    """Its timestamp, but for a callback not before that of its request: two clocks may differ."""
    asked = [
        other.timestamp
        for other in group
        if one.action == f"on_{other.action}" and one.of_context("message_id") == other.of_context("message_id")
    ]
    return max(when or datetime.min.replace(tzinfo=UTC) for when in (one.timestamp, *asked))


def _numbers(one: Piece) -> list[int]:
    """The numbers in its file's name and in its place there: ``[2, 10]`` of ``2.log [10]``."""
    return [int(found) for found in _NUMBERS.findall(f"{one.place.stem} {one.found.where}")]


def _records(pieces: Sequence[Piece]) -> Iterator[Record]:
    for number, one in enumerate(pieces, 1):
        found = one.found
        yield Record(
            number=number,
            sent=one.sent,
            action=one.action,
            document=found.document,
            body=found.body if found.body is not None and parsed(found.body) else written(found.document),
            headers=found.headers,
            at=found.at,
            reply=found.reply,
            source=one.source,
        )
