"""Which callbacks are claimed: a few of each peer that waits, whatever lies there for peers that rest.

The theory. A peer that is dead for a day leaves a hundred thousand callbacks, all past their moment. To look at what is
due in its order would be to step over all of them at every claim. So the peers come first: from one to the next along
the index of what is pending, by peer and moment, as many steps as there are peers; who rests or is busy is left out
there; and of each other peer a few are taken. What waits behind a callback that is to be tried again is put off with it
(``LANE_WAITS``), or a peer that answers nothing but errors would be a heap of the same kind.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from bpp.storage.statement import DatabaseName, Statement, among
from bpp.storage.tables import outbox, peers
from bpp.storage.types import UtcMicros

_one, _earlier = outbox.alias("one"), outbox.alias("earlier")
_NOW, _LIMIT = bindparam("now", type_=UtcMicros), bindparam("limit", type_=Integer)
PENDING: ColumnElement[str] = literal_column("'pending'")  # as the indexes of what is pending say it


def _claim_released(database: DatabaseName) -> ReturningUpdate[*tuple[Any, ...]]:
    released = among(outbox.c.seq, "released", database)
    busy, mine = among(_one.c.peer, "busy", database), among(_one.c.seq, "mine", database)
    ours = (among(_one.c.seq, "released", database), _one.c.state == PENDING, _free(_one), ~_blocked(), ~busy, ~mine)
    resting = exists().where(peers.c.subscriber_id == _one.c.peer, peers.c.not_before > _NOW)
    chosen = select(_one.c.seq).where(*ours, ~resting).order_by(_one.c.due_at, _one.c.seq).limit(_LIMIT)
    return _lease(chosen, released, database)


def _claim_due(database: DatabaseName) -> ReturningUpdate[*tuple[Any, ...]]:
    waiting = _waiting()
    resting = exists().where(peers.c.subscriber_id == waiting.c.peer, peers.c.not_before > _NOW)
    who = (waiting.c.peer.is_not(None), ~resting, ~among(waiting.c.peer, "busy", database))
    few = (
        select(_one.c.seq, _one.c.due_at)
        .where(_one.c.state == PENDING, _one.c.peer == waiting.c.peer, _one.c.due_at <= _NOW, _free(_one), ~_blocked())
        .where(~among(_one.c.seq, "mine", database))
        .order_by(_one.c.due_at, _one.c.seq)
        .limit(_LIMIT)
        .correlate(waiting)
    )
    chosen: Select[tuple[int]]
    if database == "postgresql":
        theirs = few.lateral("theirs")
        chosen = select(theirs.c.seq).select_from(waiting.join(theirs, true())).where(*who)
        chosen = chosen.order_by(theirs.c.due_at, theirs.c.seq)
    else:  # which has no LATERAL, but looks rows up by the numbers that a subquery names
        row = outbox.alias("theirs")
        numbers = few.with_only_columns(_one.c.seq).scalar_subquery()
        chosen = select(row.c.seq).select_from(waiting.join(row, row.c.seq.in_(numbers))).where(*who)
        chosen = chosen.order_by(row.c.due_at, row.c.seq)
    return _lease(chosen.limit(_LIMIT), outbox.c.due_at <= _NOW, database)


def _lease(
    chosen: Select[tuple[int]], due: ColumnElement[bool], database: DatabaseName
) -> ReturningUpdate[*tuple[Any, ...]]:
    """Lease what was chosen.

    The outer conditions repeat the inner ones: under READ COMMITTED a blocked UPDATE re-checks only its own. On SQLite
    nobody else writes meanwhile, and with them it would look at all that is pending instead of at what was chosen.
    """
    still = (outbox.c.state == PENDING, due, _free(outbox)) if database == "postgresql" else ()
    return (
        update(outbox)
        .where(outbox.c.seq.in_(chosen.scalar_subquery()), *still)
        .values(leased_until=bindparam("until"), attempts=outbox.c.attempts + 1)
        .returning(*outbox.c)
    )


def _waiting() -> CTE:
    """Each peer for which something is pending, and in the end NULL: one step along the index for each."""
    first = select(func.min(outbox.c.peer).label("peer")).where(outbox.c.state == PENDING)
    found = first.cte("waiting", recursive=True)
    following = select(func.min(_one.c.peer)).where(_one.c.state == PENDING, _one.c.peer > found.c.peer)
    return found.union_all(select(following.correlate(found).scalar_subquery()).where(found.c.peer.is_not(None)))


def _next_due(_database: DatabaseName) -> Select[tuple[Any]]:
    waiting = _waiting()
    first = (
        select(_one.c.due_at)
        .where(_one.c.state == PENDING, _one.c.peer == waiting.c.peer, _free(_one))
        .order_by(_one.c.due_at)
        .limit(1)
        .correlate(waiting)
    )
    each = select(waiting.c.peer, first.scalar_subquery().label("due_at")).where(waiting.c.peer.is_not(None))
    one = each.subquery("each")
    moment = case((peers.c.not_before > one.c.due_at, peers.c.not_before), else_=one.c.due_at)
    return select(func.min(moment)).select_from(one.outerjoin(peers, peers.c.subscriber_id == one.c.peer))


def _lane_waits(_database: DatabaseName) -> Update:
    lane = select(_one.c.lane).where(_one.c.seq == bindparam("which")).scalar_subquery()
    behind = (outbox.c.lane == lane, outbox.c.state == PENDING, outbox.c.seq > bindparam("which"))
    until = bindparam("due", type_=UtcMicros)
    return update(outbox).where(*behind, outbox.c.due_at < until).values(due_at=until)


def _free(row: Any) -> ColumnElement[bool]:
    return or_(row.c.leased_until.is_(None), row.c.leased_until <= _NOW)


def _blocked() -> ColumnElement[bool]:
    return exists().where(
        and_(_earlier.c.lane == _one.c.lane, _earlier.c.seq < _one.c.seq, _earlier.c.state == PENDING)
    )


CLAIM_RELEASED = Statement(_claim_released)
"""Of the callbacks ``released``, at most ``limit``: first of their lane, their peer not resting nor among ``busy``."""
CLAIM_DUE = Statement(_claim_due)
"""The same of those whose moment has come."""
NEXT_DUE = Statement(_next_due)
"""When the first callback may be claimed that nobody has leased: its moment, or when its peer has rested."""
LANE_WAITS = Statement(_lane_waits)
"""Put off until ``due`` what is behind the callback ``which`` in its lane."""
