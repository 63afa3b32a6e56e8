"""What a turn of pushing comes to: how far the cursor moves, what counts for which day, what was refused. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bpp.observability.entries import Entry, Page
from bpp.observability.gaps import day_of
from bpp.observability.policy import Refused, Taken, Trouble, Verdict
from bpp.storage.ports_observability import Cursor, Progress, Refusal, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The cursor as it was taken, what was read, and the verdicts by identity.

    ``again`` are refusals that somebody wants pushed once more, ``repeated`` the entries that they still are.
    """

    cursor: Cursor
    page: Page
    again: Sequence[Refusal]
    repeated: Sequence[Entry]
    verdicts: Mapping[str, Verdict]

    def settled(self, entry: Entry) -> bool:
        """Whether nothing more is to be done for an entry."""
        verdict = self.verdicts.get(entry.identity)
        return verdict is not None and not isinstance(verdict, Trouble)

    def behind(self, seq: int) -> Iterator[Entry]:
        """The entries of the page after a row that are settled all the same."""
        return (one for one in self.page.entries if one.seq > seq and self.settled(one))


def progress_of(turn: Turn, now: datetime) -> Progress:
    """How far everything is settled without a gap, with what counts of it."""
    open_rows = (one.seq - 1 for one in turn.page.entries if not turn.settled(one))
    after = min(open_rows, default=turn.page.end)
    counts: Counter[tuple[date, Told]] = Counter()
    refused: list[Refusal] = []
    for one in turn.page.entries:
        if one.seq <= after:
            _count(one, turn.verdicts[one.identity], counts, refused, now)
    still = {(one.seq, one.part) for one in turn.repeated}
    settled = [(one.seq, one.part) for one in turn.again if (one.seq, one.part) not in still]
    for one in turn.repeated:
        if turn.settled(one):
            settled.append((one.seq, one.part))
            counts[day_of(one.at), "refused"] -= 1
            _count(one, turn.verdicts[one.identity], counts, refused, now)
    return Progress(before=turn.cursor.seq, after=after, counts=counts, refused=refused, settled=settled)


def worst(verdicts: Iterable[Verdict]) -> Trouble | None:
    """The trouble to be told of, if there was any: what the endpoint asked time for, else the first."""
    troubles = [one for one in verdicts if isinstance(one, Trouble)]
    return next((one for one in troubles if one.wait is not None), troubles[0] if troubles else None)


def _count(
    entry: Entry, verdict: Verdict, counts: Counter[tuple[date, Told]], refused: list[Refusal], now: datetime
) -> None:
    day = day_of(entry.at)
    match verdict:
        case Taken(warnings=warnings):
            counts[day, "pushed"] += 1
            counts[day, "warned"] += bool(warnings)
        case Refused(words=words):
            counts[day, "refused"] += 1
            refused.append(
                Refusal(seq=entry.seq, part=entry.part, at=entry.at, type=entry.type, words=words, refused_at=now)
            )
        case Trouble():
            return
