"""Words of rate lists: headings, units, payments and the like in both languages, and what is said of a row.

It stands in the tables ``rate_list_columns``, ``rate_list_words`` and ``rate_list_messages`` of ``catalog/data``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Literal

from catalog.load_tables import listed, read_table

Language = Literal["en", "hi"]

_NUKTA, _CHANDRABINDU, _ANUSVARA = "\u093c", "\u0901", "\u0902"
_DIGITS = {ord("०") + figure: str(figure) for figure in range(10)}
_FOLDS = {ord(_CHANDRABINDU): _ANUSVARA, ord(_NUKTA): None, **_DIGITS}
_DEVANAGARI = re.compile(r"[\u0900-\u097f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateColumn:
    """A column of a rate list: its name inside, and by language its heading, meaning and an example."""

    name: str
    heading: Mapping[str, str]
    about: Mapping[str, str]
    example: Mapping[str, str]
    spellings: tuple[str, ...]


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """A text for comparing: small letters, figures 0 to 9, single spaces, no nukta, no punctuation but per cent."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_FOLDS)
    kept = (letter if unicodedata.category(letter)[0] in "LMN" or letter == "%" else " " for letter in folded)
    return " ".join("".join(kept).split())


def in_figures(text: str) -> str:
    """A text with Devanagari figures written 0 to 9, without spaces at its ends and hard ones inside."""
    return unicodedata.normalize("NFKC", text).translate(_DIGITS).strip()


def language_of(text: str) -> Language:
    """Hindi where a text has a letter of Devanagari."""
    return "hi" if _DEVANAGARI.search(text) else "en"


@cache
def columns() -> Mapping[str, RateColumn]:
    """The columns by their names, in the order in which a list is written."""
    return MappingProxyType(
        {
            row["column"]: RateColumn(
                name=row["column"],
                heading=_both(row, "{}"),
                about=_both(row, "about_{}"),
                example=_both(row, "example_{}"),
                spellings=listed(row["spellings"]),
            )
            for row in read_table("rate_list_columns")
        }
    )


@cache
def column_by_heading() -> Mapping[str, str]:
    """The column that each heading means, by the heading's plain form."""
    found: dict[str, str] = {}
    for one in columns().values():
        for spelling in (one.name, *one.heading.values(), *one.spellings):
            found.setdefault(plain(spelling), one.name)
    return MappingProxyType(found)


@cache
def words(kind: str) -> Mapping[str, str]:
    """What each word of a kind (unit, payment, flag, month, ...) means, by its plain form."""
    found: dict[str, str] = {}
    for row in read_table("rate_list_words"):
        if row["kind"] == kind:
            for spelling in (row["value"], row["hi"], *listed(row["spellings"])):
                found.setdefault(plain(spelling), row["value"])
    return MappingProxyType(found)


def word_for(kind: str, value: str, language: Language) -> str:
    """How a value is written in a list: ``piece`` is नग in Hindi; what has no word there is written as it is."""
    for row in read_table("rate_list_words"):
        if row["kind"] == kind and row["value"] == value:
            return row["hi"] if language == "hi" else listed(row["spellings"])[0] if kind == "payment" else value
    return value


def say(kind: str, language: Language, values: Mapping[str, Any]) -> str:
    """What is told of a row, in the language of its list. Raises KeyError for a kind that has no words."""
    return _messages()[kind][language].format_map(values)


@cache
def _messages() -> Mapping[str, Mapping[str, str]]:
    return {row["kind"]: _both(row, "{}") for row in read_table("rate_list_messages")}


def _both(row: Mapping[str, str], name: str) -> Mapping[str, str]:
    return {language: row[name.format(language)] for language in ("en", "hi")}
