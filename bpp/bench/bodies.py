"""The requests of the load: buyer apps of the benchmark, and distinct signed selects of about 3 KB."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from beckn_schemas.context import CORE_VERSION
from beckn_schemas.registry import Role
from bpp.bench.visits import Target, Visits
from bpp.sandbox.identities import BPP, Participant
from bpp.sandbox.messages import HOME_SERVICE, PREPAID
from bpp.sandbox.moments import utc_now, weekday, wire_time
from signing.keys import EncryptionKey, SigningKey
from signing.signature import sign

BUYERS = 8
"""The load comes from so many buyer apps: no limit that a server has for each of them is what is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A request ready to be sent: what came back is matched by ``message_id``."""

    message_id: str
    head: bytes
    body: bytes


def buyers(url: str) -> tuple[Participant, ...]:
    """The buyer apps of the load, all at one address, with keys that everybody can derive."""
    return tuple(
        Participant(
            subscriber_id=f"buyer-{number}.bench.example",
            unique_key_id=f"bench-{number}",
            role=Role.BAP,
            url=url,
            key=SigningKey(hashlib.sha256(f"bench buyer {number} signing".encode()).digest()),
            encryption_key=EncryptionKey(hashlib.sha256(f"bench buyer {number} encryption".encode()).digest()),
        )
        for number in range(1, BUYERS + 1)
    )


class Selects:
    """An endless supply of selects, each of another transaction, for each server under its own name.

    A server gets the starts in their order, so that it is asked for each as often as it can be booked. When they have
    all been asked for, they come again: by then their holds must have lapsed.
    """

    def __init__(self, visits: Visits, senders: tuple[Participant, ...]) -> None:
        """Nothing is made yet."""
        self._visits = visits
        self._senders = itertools.cycle(senders)
        self._asked: Counter[str] = Counter()

    def make(self, server: str, address: str, count: int) -> list[Signed]:
        """The next so many for a server that listens at ``address`` (host:port), signed now."""
        starts, first = self._visits.starts, self._asked[server]
        return [self._one(*starts[(first + number) % len(starts)], address) for number in range(count)]

    def sent(self, server: str, count: int) -> None:
        """So many of the last that were made were sent; the others' starts have not been asked for."""
        self._asked[server] += count

    def _one(self, number: int, start: str, address: str) -> Signed:
        sender, message_id, now = next(self._senders), str(uuid.uuid4()), utc_now()
        message = select(self._visits.targets[number], start, sender, message_id, now)
        body = orjson.dumps(message)
        header = sign(body, sender.key, sender.key_id, now)
        head = (
            f"POST /select HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
            f"Authorization: {header}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return Signed(message_id=message_id, head=head.encode(), body=body)


def select(target: Target, start: str, sender: Participant, message_id: str, now: datetime) -> dict[str, Any]:
    """A select as buyer apps send them: the keys of recorded traffic, with what they repeat of the catalog."""
    begins = datetime.fromisoformat(start)
    ids = [item_id for item_id, _ in target.items]
    return {
        "context": {
            "domain": target.domain,
            "location": {"city": {"code": target.city}, "country": {"code": "IND"}},
            "action": "select",
            "version": CORE_VERSION,
            "bap_id": sender.subscriber_id,
            "bap_uri": sender.url,
            "bpp_id": BPP.subscriber_id,
            "bpp_uri": BPP.url,
            "transaction_id": str(uuid.uuid4()),
            "message_id": message_id,
            "timestamp": wire_time(now),
            "ttl": "PT30S",
        },
        "message": {
            "order": {
                "provider": {"id": target.provider_id, "locations": [{"id": target.location_id}]},
                "items": [
                    {
                        "id": item_id,
                        "location_ids": [target.location_id],
                        "category_ids": [category],
                        "fulfillment_ids": ["F1"],
                        "quantity": {"selected": {"count": 1}},
                        "tags": [_tag("ATTRIBUTE", {"TYPE": "item", "PARENT": "none"})],
                    }
                    for item_id, category in target.items
                ],
                "fulfillments": [
                    {
                        "id": "F1",
                        "type": HOME_SERVICE,
                        "stops": [
                            {
                                "type": "end",
                                "location": {"gps": target.gps, "area_code": target.area_code},
                                "time": {
                                    "label": "selected",
                                    "range": {
                                        "start": start,
                                        "end": wire_time(begins + timedelta(minutes=target.minutes)),
                                    },
                                    "days": weekday(begins),
                                },
                            }
                        ],
                        "tags": [_tag("SELECTION", {"ITEM_IDS": ",".join(ids)})],
                    }
                ],
                "payments": [{"type": PREPAID}],
            }
        },
    }


def _tag(code: str, entries: dict[str, str]) -> dict[str, Any]:
    rows = [{"descriptor": {"code": name}, "value": value} for name, value in entries.items()]
    return {"descriptor": {"code": code}, "list": rows}
