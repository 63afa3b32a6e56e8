"""What was learned of how peers spell: one row for each peer and trait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select

from bpp.storage.connection import Connection
from bpp.storage.dialects import insert
from bpp.storage.ports_traits import LearnedTrait
from bpp.storage.statement import Statement
from bpp.storage.tables import peer_traits

_OF = Statement(
    lambda _: select(peer_traits.c.trait, peer_traits.c.value).where(peer_traits.c.peer == bindparam("peer"))
)


class SqlTraits:
    """See ``bpp.storage.ports_traits.PeerTraits``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def of(self, peer: str) -> Mapping[str, str]:
        """The values of a peer's traits; of those never shown there is none."""
        return dict(await self._connection.seen(_OF, {"peer": peer}, about=peer))

    async def learn(self, one: LearnedTrait) -> None:
        """Store a value in the place of another; one that is there already stays as it is, with what showed it."""
        fields = {"value": one.value, "at": one.at, "action": one.action, "transaction_id": one.transaction_id}
        statement = insert(self._connection, peer_traits).values(peer=one.peer, trait=one.trait, changes=0, **fields)
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["peer", "trait"],
                set_={**fields, "changes": peer_traits.c.changes + 1},
                where=peer_traits.c.value != one.value,
            )
        )

    async def all(self) -> Sequence[LearnedTrait]:
        """Everything that was learned of anybody; peers are as many as the network has buyer apps."""
        rows = await self._connection.execute(select(peer_traits))
        return [LearnedTrait(**row._mapping) for row in rows]  # noqa: SLF001  public API of Row
