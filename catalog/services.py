"""What Sewamitra sells: services and sub-services with their ONDC codes, and the code each is published under.

Sewamitra's own taxonomy is the truth; ONDC's codes are a mapping beside it, so that a new code is a change of data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, cast

from catalog.codes import wildcard_of
from catalog.load_tables import listed, read_table
from catalog.model import PublishPolicy, Service, SubService


def _services() -> Mapping[str, Service]:
    members: dict[str, list[SubService]] = {row["id"]: [] for row in read_table("services")}
    for row in read_table("sub_services"):
        members[row["service_id"]].append(_sub_service(row))
    return MappingProxyType(
        {
            row["id"]: Service(
                id=row["id"],
                name_en=row["name_en"],
                name_hi=row["name_hi"],
                policy=cast("PublishPolicy", row["policy"]),
                words=listed(row["words"]),
                sub_services=tuple(members[row["id"]]),
            )
            for row in read_table("services")
        },
    )


def published_category(sub_service: SubService, policy: PublishPolicy) -> str | None:
    """The category a sub-service is published under, or None where it stays off the network.

    An exact code is used under every policy but ``off``. Without one, ``wildcard`` gives ``SRV11-*`` and ``exact``
    nothing: a nearest code is never used, since who asks for disinfection must not get termite control.
    Source: decision 22; service map, "services without a code".
    """
    if policy == "off":
        return None
    if sub_service.match == "exact" and sub_service.code:
        return sub_service.code
    return wildcard_of(sub_service.domain) if policy == "wildcard" else None


def with_code(code: str) -> tuple[SubService, ...]:
    """The sub-services that a decimal ONDC code means exactly; none for an unknown one.

    Some codes have two: a television is installed by a television mechanic and by who installs appliances.
    """
    return tuple(sub for sub in SUB_SERVICES.values() if sub.code == code and sub.match == "exact")


def search_words(sub_service: SubService) -> tuple[str, ...]:
    """Every phrase that finds a sub-service: its names, its words, and the words of its trade (``plumber``)."""
    trade = SERVICES[sub_service.service_id].words
    return (sub_service.name_en, sub_service.name_hi, *sub_service.words, *trade)


def word_entries() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Sub-service ids with their phrases, as ``WordIndex.build`` takes them."""
    return ((sub.id, search_words(sub)) for sub in SUB_SERVICES.values())


def _sub_service(row: Mapping[str, str]) -> SubService:
    return SubService(
        id=row["id"],
        service_id=row["service_id"],
        domain=row["domain"],
        name_en=row["name_en"],
        name_hi=row["name_hi"],
        code=row["code"] or None,
        match=cast("Literal['exact', 'nearest', 'none']", row["match"]),
        words=listed(row["words"]),
    )


SERVICES: Mapping[str, Service] = _services()
"""All services by id (``SM-PLB``), each with its sub-services."""

SUB_SERVICES: Mapping[str, SubService] = MappingProxyType(
    {sub.id: sub for service in SERVICES.values() for sub in service.sub_services},
)
"""All sub-services by id (``SM-PLB-TAP``)."""
