"""Column types and document codecs: moments in UTC, money in paise, frozen values as JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from msgspec.json import Decoder, Encoder
from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")


class UtcMicros(TypeDecorator[datetime]):
    """An aware moment, kept as whole microseconds since 1970 so that both databases order and return it exactly.

    SQLAlchemy's DateTime drops the offset on SQLite; a naive value is refused here.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse naive values; count microseconds."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive moment cannot be stored")
        delta = value - _EPOCH
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """An aware moment in UTC."""
        del dialect
        return None if value is None else moment(int(value))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(micros: int) -> datetime:
    """The moment so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=micros)


_ENCODER = Encoder()


def encode(value: Any) -> str:
    """A frozen value of ours as JSON text."""
    return _ENCODER.encode(value).decode()


def decode(kind: type[T], text: str) -> T:
    """The value that ``encode`` made the text from; raises msgspec's ValidationError for a foreign one."""
    key: Any = kind
    value: T = _decoder(key).decode(text)
    return value


@cache
def _decoder(kind: Any) -> Decoder[Any]:
    return Decoder(kind)
