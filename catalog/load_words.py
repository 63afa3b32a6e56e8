"""How people write words: tokens, a spelling-tolerant form, and the table of synonyms ``catalog/data/words.csv``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, cast

from indic_transliteration import sanscript

from catalog.load_tables import read_table
from catalog.places import districts

WordKind = Literal["thing", "action", "weak", "stop"]

_TOKEN = re.compile(r"[a-z0-9]+|[\u0900-\u0963\u0966-\u097f]+")
_ABBREVIATION = re.compile(r"\b([a-z])\.(?=[a-z]\b)")  # a.c. is ac, r.o. is ro
_CHANDRABINDU, _ANUSVARA, _NUKTA = "\u0901", "\u0902", "\u093c"
_FOLDS = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"sh", "s"),
        (r"ph", "f"),
        (r"ch+", "C"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"C", "c"),
        (r"q", "k"),
        (r"x", "ks"),
        (r"z", "j"),
        (r"w", "v"),
        (r"(?<=[bcdgjkprt])h", ""),
        (r"n(?=[pb])", "m"),
        (r"oa", "o"),
        (r"ai|ei|ay|ey", "e"),
        (r"au|ou", "o"),
        (r"ee|ii|y", "i"),
        (r"oo|uu", "u"),
        (r"(.)\1+", r"\1"),
        (r"(?<=...)a$", ""),  # the inherent vowel, written by the scheme and by nobody else
    )
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Spellings and what they mean: ``words`` maps a spelling to its word, ``kinds`` a word to its kind.

    A ``thing`` (tap) or an ``action`` (repair) says what is wanted; ``weak`` words (service, home, mistri) say
    little; ``stop`` words nothing. A word that is not listed is a thing.
    """

    words: Mapping[str, str]
    kinds: Mapping[str, WordKind]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The table of synonyms; the names of districts are added as stop words, since the place is asked apart."""
    words: dict[str, str] = {}
    kinds: dict[str, WordKind] = {}
    for place in districts().values():
        for name in (place.name_en, place.name_hi, *place.aliases):
            for token in tokens(name):
                words[token], kinds[token] = token, "stop"
    for row in read_table("words"):
        kind = cast("WordKind", row["kind"])
        spellings = [token for spelling in row["spellings"].split() for token in tokens(spelling)]
        for spelling in spellings if kind == "stop" else [row["word"], *spellings]:
            word = spelling if kind == "stop" else row["word"]
            words[spelling], kinds[word] = word, kind
    return Lexicon(MappingProxyType(words), MappingProxyType(kinds))


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, Latin or Devanagari; figures, dots, nukta and accents are left out."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in plain if letter != _NUKTA and not "\u0300" <= letter <= "\u036f")
    plain = _ABBREVIATION.sub(r"\1", plain.replace(_CHANDRABINDU, _ANUSVARA))
    return [token for token in _TOKEN.findall(plain) if not token.isdecimal()]


@lru_cache(maxsize=16384)
def fold(token: str) -> str:
    """A spelling-tolerant form: Devanagari romanised (OPTITRANS), long vowels, aspirates and doubles levelled."""
    if not token.isascii():
        romanised = sanscript.transliterate(token, sanscript.DEVANAGARI, sanscript.OPTITRANS)
        token = re.sub(r"[^a-z]", "", romanised.replace("M", "n").lower())
    for pattern, to in _FOLDS:
        token = pattern.sub(to, token)
    return token
