"""Who may answer a search: lists of providers by what they sell and where, each in the order of results.

A list holds more than fits, never less; the shelves of those on it say what does (``catalog.shelf``). Nothing here
changes: a later index shares every list, and every shelf, that it has in common with the one before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.memo import Memo
from catalog.shelf import Entry, Kind, Shelf

MOST_KNOWN = 4_096
"""Districts of which is remembered what is sold there, and words that were understood, until what is sold changes."""
MOST_FITTING = 16_384
"""Things asked for in a district of which is remembered who sells them there: 75 districts by 128 codes are 9,600."""
Posting = tuple[Entry, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The shelves by the ids of their providers, the lists by their keys, and the kinds of offerings by words.

    ``kinds`` are those that exist, by each word of their own names, and by the sub-service that they are. ``memo`` and
    ``fitting`` are what searches worked out of them.
    """

    shelves: Mapping[str, Shelf] = field(default_factory=dict)
    postings: Mapping[Hashable, Posting] = field(default_factory=dict)
    kinds: Mapping[str, frozenset[Kind]] = field(default_factory=dict)
    memo: Memo = field(default_factory=lambda: Memo(MOST_KNOWN))
    fitting: Memo = field(default_factory=lambda: Memo(MOST_FITTING))

    def with_shelves(self, changed: Mapping[str, Shelf]) -> Index:
        """This index with some shelves in the place of those that their providers had, if any."""
        if not changed:
            return self
        gone: dict[Hashable, list[Entry]] = defaultdict(list)
        for key in changed.keys() & self.shelves.keys():
            for at, entry in self.shelves[key].entries():
                gone[at].append(entry)
        come: dict[Hashable, list[Entry]] = defaultdict(list)
        for shelf in changed.values():
            for at, entry in shelf.entries():
                come[at].append(entry)
        postings = dict(self.postings)
        for at in gone.keys() | come.keys():
            entries = _edited(postings.get(at, ()), gone.get(at, ()), come.get(at, ()))
            if entries:
                postings[at] = entries
            else:
                del postings[at]
        moved = {
            at for at in gone.keys() | come.keys() if isinstance(at, Kind) and (at in postings) != (at in self.postings)
        }
        return Index({**self.shelves, **changed}, postings, _with_kinds(self.kinds, moved))

    def named(self, words: list[str]) -> frozenset[Kind]:
        """The kinds whose own names have every word of some, one at least."""
        lists = sorted((self.kinds.get(word, frozenset()) for word in words), key=len)
        return lists[0].intersection(*lists[1:])


EMPTY = Index()
_FEW = 32  # changes of a list that are made one by one; more are sorted in


def _edited(entries: Posting, gone: Sequence[Entry], come: Sequence[Entry]) -> Posting:
    """A list without some of its entries, and with others, in its order; no two have the same place."""
    if len(gone) + len(come) > _FEW:
        out = {entry[2] for entry in gone}
        return tuple(sorted([*(entry for entry in entries if entry[2] not in out), *come]))
    found = list(entries)
    for entry in gone:
        del found[bisect_left(found, entry[:3])]
    for entry in come:
        found.insert(bisect_left(found, entry[:3]), entry)
    return tuple(found)


def place_in_list(entry: Entry) -> tuple[float, int, str]:
    """By what a list is sorted."""
    return entry[:3]


def _with_kinds(kinds: Mapping[str, frozenset[Kind]], moved: set[Kind]) -> Mapping[str, frozenset[Kind]]:
    """The kinds by words with some of them there that were not, or gone that were."""
    if not moved:
        return kinds
    by_word: dict[str, set[Kind]] = defaultdict(set)
    for kind in moved:
        for word in (kind.sub_service_id, *kind.words):
            by_word[word].add(kind)
    return {**kinds, **{word: kinds.get(word, frozenset()) ^ found for word, found in by_word.items()}}
