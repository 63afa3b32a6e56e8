"""Messages of the network without the people in them. Pure.

What is not known to point to nobody is masked, whatever it is called: senders send fields that nobody foresaw. Kept are
ids, codes, states, money, times, and of an address the city, the state and the pincode (network.md 3.1, masking table).
Names, telephones and e-mail addresses become tokens, the same within one transaction and of no use outside of it, so
that it can be seen that billing and visit name the same person. What is masked stays as it is when it is masked again.

The table is ``bpp.observability.words``; this is the walk: a value's name and where it stands decide.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from hashlib import blake2b
from typing import Any, Final

from bpp.observability import words
from bpp.orders.masking import HIDDEN

DEEPEST: Final = 64
"""Levels of a document; what lies deeper is masked as a whole."""
LONG_NUMBER: Final = 10**8
"""From nine digits on a number may be a telephone or an account."""
_DIGEST_BYTES: Final = 6
_TOKEN: Final = re.compile(r"~[a-z]+:[0-9a-f]{12}")
_WITHIN: Final = re.compile(rf"(?<!\d){words.PINCODE.pattern}(?!\d)", re.ASCII)
_ADDRESS: Final = re.compile(rf"{re.escape(HIDDEN)}, [1-9][0-9]{{5}}")


class Zone(Enum):
    """Where in a message a value stands."""

    OPEN = auto()
    """In the business of the message."""
    GOODS = auto()
    """At a thing of a catalog: its name is an offer to everybody."""
    PLACE = auto()
    """At a city, a state or a country."""
    PERSON = auto()
    """At somebody: what is not known to be harmless there is masked, even a number."""


class _Place:
    """A place in one document: a name, what it lies in, and what that means. Made once for each way that leads there.

    A catalog has thousands of values in a few dozen places, so that what a name means is asked seldom.
    """

    __slots__ = ("below", "catalog", "inside", "kind", "name", "zone")
    catalog: bool
    zone: Zone

    def __init__(self, name: str = "", above: _Place | None = None) -> None:
        self.name = name
        self.inside = above.name if above else ""
        self.catalog = name == "catalog" or (above is not None and above.catalog)
        self.zone = _zone(above.zone, name, catalog=self.catalog) if above else Zone.OPEN
        self.kind = words.kind(name)
        self.below: dict[tuple[str, str], tuple[str, _Place]] = {}
        """By a name and the code of the tag that it stands in: the name that is told, and the place."""


class Masker:
    """Masks messages; ``secret`` (ours, never told) makes tokens that nobody can work out from a telephone number."""

    def __init__(self, secret: bytes) -> None:
        """For as long as the secret is kept, a value has the same token in the same transaction."""
        self._secret = secret

    def message(self, document: Any, transaction_id: str) -> Any:
        """A JSON value without people; ``transaction_id`` is that of the order, within which tokens are the same."""
        key = hmac.digest(self._secret, transaction_id.encode(errors="surrogatepass"), "sha256")
        return _Walk(key).value(document, _Place())


class _Walk:
    """One walk through one document."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def value(self, value: Any, at: _Place, depth: int = 0) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if depth >= DEEPEST:
            return HIDDEN
        if isinstance(value, dict):
            return self._object(value, at, depth + 1)
        if isinstance(value, list):
            return [self.value(one, at, depth + 1) for one in value]
        text = str(value)
        return value if not text or _is_masked(text) else self._leaf(value, text, at)

    def _object(self, value: dict[str, Any], at: _Place, depth: int) -> dict[str, Any]:
        tag, found = _code_of_tag(value), {}
        for key, one in value.items():
            code = tag if key in words.VALUES_OF_TAGS else ""
            below = at.below.get((key, code))
            if below is None:
                below = at.below[key, code] = (self._key_of(key), _Place(words.plain(code or key), at))
            found[below[0]] = self.value(one, below[1], depth)
        return found

    def _key_of(self, key: str) -> str:
        """A name as it is, unless somebody put a person there."""
        return key if _is_masked(key) or key == words.scrubbed(key, HIDDEN) else self._token("key", key)

    def _leaf(self, value: Any, text: str, at: _Place) -> Any:
        kind = at.kind
        if kind in _WHEREVER:
            return _WHEREVER[kind](value, text)
        if kind in (words.Kind.PHONE, words.Kind.EMAIL):
            return self._token(kind.value, words.same(kind, text))
        if kind is words.Kind.NAME:
            return self._name(text, at)
        if kind is words.Kind.ID:
            return self._token(kind.value, text) if at.zone is Zone.PERSON else value
        if kind is words.Kind.CODE and isinstance(value, str) and _is_protocol(at):
            return words.scrubbed(text, HIDDEN)
        return _unknown(value, at)

    def _name(self, text: str, at: _Place) -> str:
        if words.ORGANISATION.fullmatch(text) or (at.inside == "descriptor" and text in words.CODES_AS_NAMES):
            return text
        if at.zone in (Zone.PLACE, Zone.GOODS):
            return words.scrubbed(text, HIDDEN)
        if at.inside == "descriptor" and at.zone is not Zone.PERSON:
            return HIDDEN
        return self._token("name", words.same(words.Kind.NAME, text))

    def _token(self, kind: str, text: str) -> str:
        made = blake2b(text.encode(errors="surrogatepass"), key=self._key, digest_size=_DIGEST_BYTES)
        return f"~{kind}:{made.hexdigest()}"


def _unknown(value: Any, at: _Place) -> Any:
    """A value under a name that the table does not have: its form decides."""
    if isinstance(value, str):
        harmless = words.MOMENT if at.zone is Zone.PERSON else words.HARMLESS
        return value if harmless.fullmatch(value) else HIDDEN
    return HIDDEN if at.zone is Zone.PERSON or abs(value) >= LONG_NUMBER else value


def _is_masked(text: str) -> bool:
    return text == HIDDEN or (text.startswith("~") and _TOKEN.fullmatch(text) is not None)


_WHEREVER: Mapping[words.Kind | None, Callable[[Any, str], Any]] = {
    words.Kind.POINT: lambda value, _: words.nearby(value),
    words.Kind.PINCODE: lambda value, text: value if words.PINCODE.fullmatch(text) else HIDDEN,
    words.Kind.AREA: lambda _, text: words.scrubbed(text, HIDDEN),
    words.Kind.ADDRESS: lambda _, text: _without_house(text),
    words.Kind.SECRET: lambda _, __: HIDDEN,
    words.Kind.WORDS: lambda _, __: HIDDEN,
}
"""What is done with values that are the same wherever they stand, of the value and its text."""


def _is_protocol(at: _Place) -> bool:
    return at.zone is not Zone.PERSON or at.name in words.PERSON_CODES


def _zone(above: Zone, name: str, *, catalog: bool) -> Zone:
    if name in words.AREAS:
        return Zone.PLACE
    if above is Zone.PERSON or name in words.PERSONS:
        return Zone.PERSON
    if catalog and name in words.GOODS:
        return Zone.GOODS
    if name in words.SELLERS or (above is Zone.PLACE and name == "descriptor"):
        return Zone.OPEN
    return above


def _code_of_tag(value: Mapping[str, Any]) -> str:
    """The code that says what a tag's value is, where an object is a tag; else empty."""
    if words.VALUES_OF_TAGS.isdisjoint(value):
        return ""
    descriptor = value.get("descriptor")
    code = descriptor.get("code") if isinstance(descriptor, Mapping) else value.get("code")
    return code if isinstance(code, str) else ""


def _without_house(text: str) -> str:
    """Of an address in one text its pincode, where it names one."""
    if _ADDRESS.fullmatch(text):
        return text
    found = _WITHIN.findall(text)
    return f"{HIDDEN}, {found[-1].replace(' ', '')}" if found else HIDDEN
