"""The whole message of an on_search as bytes: the found providers' parts joined, with the state of its digest.

``message`` stands first in the body and ``context`` last: a catalog that is asked for again differs in its last few
hundred bytes alone, and only those are hashed again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

import structlog

from bpp.actions.catalog_rules import wire_faults
from bpp.actions.contract import Reply
from bpp.actions.fragments import KEPT, Draft, Sheet, Timetable, Voice, draft, opening, sheet_key, voice
from bpp.actions.on_search import catalog
from bpp.core.find import Found
from bpp.core.world import World
from bpp.domains.dialect import Dialect

AROUND = 4_000
"""Bytes of an on_search beside its providers: who we are, and the context."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A message in bytes, checked, as a reply bears it (``contract.Wire``): true of any moment before ``until``.

    ``pieces`` are its bytes up to the context, ``state`` is what BLAKE2b knows behind them. What is kept of a message
    is that state: the pieces belong to the parts.
    """

    pieces: Sequence[bytes]
    state: hashlib.blake2b
    until: datetime
    size: ClassVar[int] = 2_000

    def body(self, context: bytes) -> bytes:
        """The whole callback with a context in JSON: each byte is copied once."""
        return b"".join((*self.pieces, context, b"}"))

    def digest(self, context: bytes) -> str:
        """The network's digest of that body: base64 of its BLAKE2b."""
        state = self.state.copy()
        state.update(context)
        state.update(b"}")
        return base64.b64encode(state.digest()).decode()


def catalog_reply(found: Sequence[Found], domain: str, dialect: Dialect, world: World) -> Reply:
    """The answer to a search that found something.

    A provider that breaks a rule of the wire is left out, and whoever reads the log is told. So is, untold, whoever
    does not fit into the bytes that a buyer takes, from the first one on. Where everybody is at fault, or parts that
    are sound by themselves do not go together, it is the plain catalog, which is judged as a whole.
    """
    spoken = voice(world.identity, domain, dialect)
    shown = list(_shown(found, spoken, Timetable(), world))
    sheets = [sheet for _, sheet in shown]
    if not sheets or not _together(sheets) or min([one.until for one in sheets]) <= _moment(world):
        return Reply(message=catalog([one for one, _ in shown] or found, domain, world.identity, dialect))
    key = ("message", spoken, *sheets)
    return Reply(wire=KEPT.once(key, lambda: _message(sheets, spoken)))


def _shown(found: Sequence[Found], spoken: Voice, times: Timetable, world: World) -> Iterator[tuple[Found, Sheet]]:
    """Whoever is sound, up to the first who does not fit; of one who does not fit alone, the cheapest items that do."""
    left, first = world.rules.catalog_bytes - AROUND, True
    for one in found:
        listed, sheet = one, _sheet(one, spoken, times, world)
        while first and sheet and len(sheet.wire) > left and len(listed.items) > 1:
            listed = replace(listed, items=listed.items[: len(listed.items) // 2])
            sheet = _sheet(listed, spoken, times, world)
        if sheet is None:
            continue
        left -= len(sheet.wire) + 1
        if left < 0 and not first:
            return
        first = False
        yield listed, sheet


def _sheet(one: Found, spoken: Voice, times: Timetable, world: World) -> Sheet | None:
    """A provider's bytes, checked as far as they are new; None for one at fault."""
    shelf = world.catalog.index.shelves[one.provider.id]
    key = sheet_key(one, shelf, spoken, times)
    known = KEPT.get(key)
    if isinstance(known, Sheet):
        return known
    made = draft(one, shelf, spoken, times)
    return KEPT.put(key, made.sheet()) if _sound(made, spoken, world) else None


def _sound(made: Draft, spoken: Voice, world: World) -> bool:
    fresh = made.fresh
    if fresh is None:
        return True
    message = catalog((fresh,), spoken.domain, spoken.identity, spoken.dialect)
    if faults := wire_faults(message, spoken.domain, spoken.identity, _moment(world)):
        reason = "; ".join(f"{one.rule} at {one.path}: {one.expected}" for one in faults[:5])
        log.error("providers_left_out", provider=fresh.provider.id, reason=reason[:500])
        return False
    made.approve()
    return True


def _moment(world: World) -> datetime:
    """The timestamp of the callback to come: no slot shown begins before it."""
    return max(world.now, world.said_at or world.now)


def _together(sheets: Sequence[Sheet]) -> bool:
    """Whether every item has an id of its own. Offerings have; only a choice may bear that of another."""
    if not any(one.choices for one in sheets):
        return True
    ids = [item for one in sheets for item in one.ids]
    return len(set(ids)) == len(ids)


def pieces_of(sheets: Sequence[Sheet], spoken: Voice) -> Sequence[bytes]:
    """A body up to its context, in few large pieces."""
    pieces = [opening(spoken, frozenset().union(*[one.payment_types for one in sheets]))]
    for one in sheets:
        pieces += (one.wire, b",")
    pieces[-1] = b']}},"context":'
    return pieces


def _message(sheets: Sequence[Sheet], spoken: Voice) -> Rendered:
    pieces = pieces_of(sheets, spoken)
    state = hashlib.blake2b(digest_size=64)
    for piece in pieces:
        state.update(piece)
    return Rendered(pieces, state, min([one.until for one in sheets]))
