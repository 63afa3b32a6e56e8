"""Hindi and English: the texts of pages by gettext catalogs, in the language of whoever is served.

English is what the sources and templates say; ``locale/hi`` has the Hindi of each text, and a test compares the two.
A text in a table is marked by ``msg`` and translated where it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES: Mapping[str, str] = {"hi": "हिन्दी", "en": "English"}
"""Each by its own name."""
DEFAULT = "hi"
"""Whoever has chosen none and whose browser wants neither is most likely to read Hindi."""
LOCALES = Path(__file__).parent / "locale"
_SPOKEN: ContextVar[str] = ContextVar("console_language", default="en")


def msg(text: str) -> str:
    """Mark a text to be translated where it is shown."""
    return text


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Have texts in a language within the context."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def spoken() -> str:
    """The language of whoever is served."""
    return _SPOKEN.get()


def gettext(text: str) -> str:
    """A text in the language spoken."""
    return catalog(spoken()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """A text for a count in the language spoken."""
    return catalog(spoken()).ngettext(one, many, count)


@cache
def catalog(language: str) -> NullTranslations:
    """The texts of a language, read once in a process; English is what the sources say."""
    sources = sorted((LOCALES / language).glob("*.po"))
    if not sources:
        return NullTranslations()
    whole = Catalog(locale=language)
    for source in sources:
        with source.open("rb") as file:
            for text in read_po(file, locale=language):
                if text.id:
                    whole[text.id] = text
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return GNUTranslations(compiled)


def wanted(chosen: str, accepts: str) -> str:
    """The language that was ``chosen`` before, else the first of ours in a header ``Accept-Language``.

    Weights are not looked at: browsers send languages in the order of preference (RFC 9110, 12.5.4).
    """
    if chosen in LANGUAGES:
        return chosen
    for part in accepts.split(","):
        tag = part.partition(";")[0].strip().lower().partition("-")[0]
        if tag in LANGUAGES:
            return tag
    return DEFAULT
