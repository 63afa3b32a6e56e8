"""Search by words: English, Hindi in Devanagari or Roman letters, misspelt; and nothing for what is not sold.

A query's words are read through a table of synonyms (nal, नल, faucet: tap) and, failing that, by the nearest known
spelling. An entry matches when it carries nearly all that the query says, so that "fan repair" finds no repair of
anything else. Offerings are found through their sub-services: some 200 entries stand for all of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Generic, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from catalog.load_words import Lexicon, WordKind, fold, lexicon, tokens

__all__ = ["WordIndex", "considered", "tokens"]

Key = TypeVar("Key", bound=Hashable)

_WEIGHTS: Mapping[WordKind, float] = MappingProxyType({"thing": 1.0, "action": 0.5, "weak": 0.3, "stop": 0.0})
_COVERAGE = 0.7  # the share of the query's weight that an entry must carry
_OF_BEST = 0.81  # the share of the best score that a lesser match must reach
_LEAST = 0.6  # below it the nearest phrase is about something else
_FOLDED = 0.97  # same word, another way of writing it
_SHORTEST_SPLIT = 6  # "acservice" is split, "carpet" is not
_SAME_INITIAL = 7  # shorter misspellings must at least begin alike
_MOST_TOKENS = 12  # of a query; its cost grows with them, what it asks for does not
_LONGEST_TOKEN = 30  # no word of ours is half as long, and parting one takes time with its square
_REMEMBERED = 4_096  # queries, and spellings that are no word: each of those is held against every word there is


@dataclass(frozen=True, slots=True)
class _Term:
    """One word of a query: the words it may mean, each with how surely, and how much it says."""

    words: Mapping[str, float]
    kind: WordKind

    @property
    def weight(self) -> float:
        return _WEIGHTS[self.kind]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What an entry is called: all its words, its actions, and its phrases as sets of words."""

    bag: frozenset[str]
    actions: frozenset[str]
    phrases: frozenset[frozenset[str]]


def considered(query: str) -> list[str]:
    """The tokens of a query that are looked at: the first dozen of those that can be words."""
    return [token for token in tokens(query) if len(token) <= _LONGEST_TOKEN][:_MOST_TOKENS]


class WordIndex(Generic[Key]):
    """Entries found by words. Immutable: built once from the phrases of each entry, rebuilt when they change."""

    def __init__(self, keys: tuple[Key, ...], entries: tuple[_Entry, ...], known: Lexicon) -> None:
        self._keys = keys
        self._entries = entries
        self._words = known.words
        self._kinds = known.kinds
        postings: dict[str, list[int]] = {}
        for number, entry in enumerate(entries):
            for word in entry.bag:
                postings.setdefault(word, []).append(number)
        self._postings = postings
        self._folded: dict[str, set[str]] = {}
        for spelling, word in known.words.items():
            self._folded.setdefault(fold(spelling), set()).add(word)
        self._spellings = sorted(self._folded)
        self._known = lru_cache(maxsize=_REMEMBERED)(self._match)
        self._near = lru_cache(maxsize=_REMEMBERED)(self._nearest)

    @classmethod
    def build(cls, entries: Iterable[tuple[Key, Iterable[str]]]) -> WordIndex[Key]:
        """An index over entries, each a key and the phrases it is known by: names, synonyms, its trade.

        Phrases may be in any mixture of English, Hindi and Roman Hindi. A key given twice gets both lots.
        """
        base = lexicon()
        words = dict(base.words)
        gathered: dict[Key, set[frozenset[str]]] = {}
        for key, phrases in entries:
            found = gathered.setdefault(key, set())
            for phrase in phrases:
                read = (words.setdefault(token, token) for token in tokens(phrase))
                found.add(frozenset(word for word in read if base.kinds.get(word) != "stop"))
        built = tuple(_entry(phrases, base.kinds) for phrases in gathered.values())
        return cls(tuple(gathered), built, Lexicon(MappingProxyType(words), base.kinds))

    def match(self, query: str) -> Mapping[Key, float]:
        """The entries a query means, best first, each with a score in (0, 1]; 1 is a phrase of the entry itself.

        Empty where the query says nothing or something that no entry is. A general word (``plumber``) finds all of
        its trade, a particular one only what it names. What was asked lately is not worked out again, be it nothing.
        """
        return self._known(tuple(considered(query)))

    def _match(self, query: tuple[str, ...]) -> Mapping[Key, float]:
        terms = self._terms(query)
        whole = sum(term.weight for term in terms)
        if not whole:
            return MappingProxyType({})
        asked = frozenset(word for term in terms if term.kind == "action" for word in term.words)
        scores: dict[int, float] = {}
        for number in self._candidates(terms):
            entry = self._entries[number]
            if asked and entry.actions and not asked & entry.actions:
                continue
            score = self._score(terms, entry, whole)
            if score:
                scores[number] = score
        floor = _OF_BEST * max(scores.values(), default=0.0)
        ranked = sorted(((score, -number) for number, score in scores.items() if score >= floor), reverse=True)
        return MappingProxyType({self._keys[-number]: round(score, 4) for score, number in ranked})

    def _candidates(self, terms: list[_Term]) -> set[int]:
        """Entries that share a word with the query: a thing if it names any, else whatever it has."""
        things = [term for term in terms if term.kind == "thing"]
        return {number for term in things or terms for word in term.words for number in self._postings.get(word, ())}

    def _score(self, terms: list[_Term], entry: _Entry, whole: float) -> float:
        """How well an entry answers: the share of the query it carries, lowered by what its nearest phrase adds."""
        carried, missing = 0.0, 0.0
        said: set[str] = set()
        for term in terms:
            sure, word = max(((term.words[word], word) for word in term.words if word in entry.bag), default=(0.0, ""))
            carried += term.weight * sure
            if word:
                said.add(word)
            else:
                missing += term.weight
        coverage = carried / whole
        if coverage < _COVERAGE:
            return 0.0
        nearest = max(self._likeness(said, phrase, missing) for phrase in entry.phrases)
        if nearest < 1 and all(term.kind == "weak" for term in terms):
            return 0.0  # "service" or "wala" alone asks for nothing, unless it is somebody's whole name
        score = coverage * (0.5 + 0.5 * nearest)
        return score if score >= _LEAST else 0.0

    def _likeness(self, said: set[str], phrase: frozenset[str], missing: float) -> float:
        union = self._mass(said | phrase) + missing
        return self._mass(said & phrase) / union if union else 0.0

    def _mass(self, words: Iterable[str]) -> float:
        return sum(_WEIGHTS[self._kinds.get(word, "thing")] for word in words)

    def _terms(self, query: Iterable[str]) -> list[_Term]:
        terms = (self._term(token) for token in self._respaced(query))
        return [term for term in terms if term.weight]

    def _respaced(self, query: Iterable[str]) -> list[str]:
        """The query's tokens, with unknown neighbours joined and unknown compounds parted where that makes words."""
        result: list[str] = []
        for token in query:
            joined = result[-1] + token if result else ""
            if joined in self._words and not (token in self._words and result[-1] in self._words):
                result[-1] = joined
            else:
                result.extend(self._parted(token))
        return result

    def _parted(self, token: str) -> tuple[str, ...]:
        if token in self._words or len(token) < _SHORTEST_SPLIT or not token.isascii():
            return (token,)
        for at in range(2, len(token) - 1):
            parts = token[:at], token[at:]
            if all(
                self._kinds.get(self._words.get(part, ""), "stop" if part not in self._words else "thing") != "stop"
                for part in parts
            ):
                return parts
        return (token,)

    def _term(self, token: str) -> _Term:
        """What a token means: its own spelling, the same in another writing, or the nearest known spelling."""
        if token in self._words:
            meanings = {self._words[token]: 1.0}
        else:
            folded = fold(token)
            meanings = dict.fromkeys(self._folded.get(folded, ()), _FOLDED) or self._near(folded)
        kinds = {self._kinds.get(word, "thing") for word in meanings} or {"thing" if len(token) > 1 else "stop"}
        return _Term(meanings, max(kinds, key=_WEIGHTS.__getitem__))

    def _nearest(self, folded: str) -> dict[str, float]:
        """The words whose spelling is fewest edits away, within what the length allows; none for short tokens."""
        allowed = _edits_allowed(len(folded))
        if not allowed:
            return {}
        choices = self._spellings
        if len(folded) < _SAME_INITIAL:
            choices = [spelling for spelling in choices if spelling[:1] == folded[0]]
        found = process.extract(folded, choices, scorer=OSA.distance, score_cutoff=allowed, limit=8)
        # a long word may not come down to a short one: "tapes" is not "tap"
        near = [(spelling, edits) for spelling, edits, _ in found if edits <= _edits_allowed(len(spelling))]
        fewest = min((edits for _, edits in near), default=0)
        return {
            word: 1 - 0.5 * fewest / len(folded)
            for spelling, edits in near
            if edits == fewest
            for word in self._folded[spelling]
        }


def _entry(phrases: set[frozenset[str]], kinds: Mapping[str, WordKind]) -> _Entry:
    said = frozenset(phrase for phrase in phrases if phrase)
    bag = frozenset(word for phrase in said for word in phrase)
    return _Entry(bag, frozenset(word for word in bag if kinds.get(word) == "action"), said)


def _edits_allowed(length: int) -> int:
    """How many slips a word of that many letters may have: none up to 3, one up to 5, two up to 8, then three."""
    return 0 if length <= 3 else 1 if length <= 5 else 2 if length <= 8 else 3  # noqa: PLR2004 - the docstring says them
