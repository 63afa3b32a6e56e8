"""Our record in the registry, held against our keys and settings: what every peer decides by.

Source: security.md 3.2 (statuses, several records, Indian time with a "Z"), 4.1, pitfalls 7 and 12 of 5.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beckn_schemas.registry import SUBSCRIBED, Role, Subscriber
from bpp.doctor.finding import Finding, State, failure, ok, warning
from bpp.doctor.ground import Ground
from bpp.doctor.keys import SOON
from bpp.domains.profile import PROFILES
from bpp.keys.model import KeyPair
from bpp.network.registry import RegistryUnavailable, registry_at
from signing.errors import KeyFormatError
from signing.keys import load_encryption_public_key, load_signing_public_key

URL = "subscriber_url"
INDIAN_TIME = timedelta(hours=5, minutes=30)
REGISTER_ANEW = "bpp keys rotate --new, and register the new pair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the registry should say of one pair of ours."""

    subscriber_id: str
    url: str
    domains: Sequence[str]
    pair: KeyPair


def expected_of(ground: Ground, pair: KeyPair) -> Expected:
    """What the registry should say of a pair in this deployment."""
    return Expected(subscriber_id=ground.settings.subscriber_id, url=ground.uri, domains=tuple(PROFILES), pair=pair)


async def look(ground: Ground) -> list[Finding]:
    """Ask the registry for ourselves, signed as any other look-up, and judge the pair that signs."""
    signing = ground.keys.current().signing
    try:
        records = await records_of(ground, signing)
    except RegistryUnavailable as problem:
        return [_unanswered(problem)]
    return list(judge(expected_of(ground, signing), records, ground.clock()))


async def unready(ground: Ground, pair: KeyPair) -> list[Finding]:
    """What keeps a pair of ours from signing: whatever the registry shows of its key is not as it is.

    It must be in each domain where the registry has us with any key. Our address, and domains where we are not at all,
    are as wrong for the pair before it, so they keep nothing back. A registry that refuses the look-up is asked again
    by the pair itself: it may know that one alone.
    """
    refusals: list[RegistryUnavailable] = []
    for signer in (ground.keys.current().signing, pair):
        try:
            records = await records_of(ground, signer)
        except RegistryUnavailable as problem:
            refusals.append(problem)
        else:
            registered = {record.domain for record in records}
            domains = tuple(domain for domain in PROFILES if domain in registered)
            found = judge(replace(expected_of(ground, pair), domains=domains), records, ground.clock())
            return [one for one in found if one.state is State.FAILURE and one.name != URL]
    return [_unanswered(refusals[0])]


async def records_of(ground: Ground, signer: KeyPair) -> Sequence[Subscriber]:
    """All that the registry has of us, asked by a pair of ours. Raises ``RegistryUnavailable``."""
    registry = registry_at(
        ground.settings.registry,
        ground.session,
        lambda body: ground.keys.header_by(signer, body, ground.clock()),
    )
    return await registry.of_subscriber(ground.settings.subscriber_id)


def judge(expected: Expected, records: Sequence[Subscriber], now: datetime) -> Iterator[Finding]:
    """``records`` are all that the registry has of our subscriber_id."""
    pair = expected.pair
    own = [record for record in records if record.unique_key_id == pair.unique_key_id]
    if not records:
        yield failure(
            "registry record",
            f"the registry does not know {expected.subscriber_id}",
            ("1000", "132", "144"),
            do="have the subscriber_id whitelisted on ONDC's portal, then /subscribe",
        )
    elif not own:
        others = ", ".join(dict.fromkeys(record.unique_key_id for record in records))
        yield failure(
            "ukId",
            f"the registry has {others}, and not {pair.unique_key_id}",
            ("1010",),
            do=f"set BPP_UNIQUE_KEY_ID to the id of the key in use, or {REGISTER_ANEW}",
        )
    else:
        sellers = [record for record in own if record.role is Role.BPP] or own  # with ops_no 4 it is a buyer app, too
        wrong = [finding for finding in _differences(expected, sellers, now) if finding is not None]
        yield from wrong
        if all(finding.state is State.WARNING for finding in wrong):
            yield ok("registry record", f"{expected.subscriber_id} with {pair.unique_key_id} is as we are")


def _differences(expected: Expected, own: Sequence[Subscriber], now: datetime) -> Iterator[Finding | None]:
    yield _status(own)
    yield _signing_key(expected, own)
    yield _encryption_key(expected, own)
    yield _url(expected, own)
    yield _role(own)
    yield _domains(expected, own)
    yield _begin(own, now)
    yield _end(own, now)


def _status(own: Sequence[Subscriber]) -> Finding | None:
    statuses = {record.status for record in own}
    if statuses == {SUBSCRIBED}:
        return None
    said = ", ".join(sorted(statuses))
    if "INVALID_SSL" in statuses:
        return failure("status", said, ("132",), do="mend the certificate (see tls), then /subscribe again")
    return failure("status", f"{said}; SUBSCRIBED is expected", ("1000",), do="/subscribe, and answer the challenge")


def _signing_key(expected: Expected, own: Sequence[Subscriber]) -> Finding | None:
    mine = expected.pair.signing_key.public_key
    if all(_raw(record.signing_public_key, signing=True) == mine for record in own):
        return None
    return failure(
        "signing_public_key",
        "the registry has another key than the one that signs",
        ("1045", "130"),
        do=f"set the private key that belongs to the record, or {REGISTER_ANEW}",
    )


def _encryption_key(expected: Expected, own: Sequence[Subscriber]) -> Finding | None:
    mine = expected.pair.encryption_key.public_key
    if all(_raw(record.encr_public_key or "", signing=False) == mine for record in own):
        return None
    return failure(
        "encr_public_key",
        "the registry has another key, or none, for challenges",
        ("131", "132"),
        do=f"set the private key that belongs to the record, or {REGISTER_ANEW}",
    )


def _url(expected: Expected, own: Sequence[Subscriber]) -> Finding | None:
    urls = sorted({(record.subscriber_url or "nothing").rstrip("/") for record in own})
    if urls == [expected.url]:
        return None
    return failure(
        URL,
        f"the registry has {', '.join(urls)}, and BPP_SUBSCRIBER_URI is {expected.url}: requests go elsewhere",
        ("132",),
        do="register the URL that is served, or serve the URL that is registered",
    )


def _role(own: Sequence[Subscriber]) -> Finding | None:
    if all(record.role is Role.BPP for record in own):
        return None
    return failure("type", "no record is of type BPP", ("132",), do="register as sellerApp (ops_no 2)")


def _domains(expected: Expected, own: Sequence[Subscriber]) -> Finding | None:
    registered = {record.domain for record in own}
    lacking = [domain for domain in expected.domains if domain not in registered]
    if not lacking or registered & {None, "*"}:
        return None
    return failure(
        "domain",
        f"not registered for {', '.join(lacking)}: no gateway sends its searches",
        ("1065",),
        do="one network_participant for each domain in /subscribe",
    )


def _begin(own: Sequence[Subscriber], now: datetime) -> Finding | None:
    begin = max((record.valid_from for record in own if record.valid_from is not None), default=now)
    if begin <= now:
        return None
    hint = "; it may be Indian time written with a Z" if begin - now <= INDIAN_TIME else ""
    return failure(
        "valid_from",
        f"the key begins at {begin:%Y-%m-%d %H:%M} UTC{hint}",
        ("1045",),
        do="wait for it, or register with an earlier valid_from in UTC",
    )


def _end(own: Sequence[Subscriber], now: datetime) -> Finding | None:
    end = min((record.valid_until for record in own if record.valid_until is not None), default=None)
    if end is None or end > now + SOON:
        return None
    said = f"the key ends at {end:%Y-%m-%d %H:%M} UTC"
    if end > now:
        return warning("valid_until", said, ("1045",), do=REGISTER_ANEW)
    return failure("valid_until", said, ("1045",), do=REGISTER_ANEW)


def _unanswered(problem: RegistryUnavailable) -> Finding:
    known = (problem.code,) if problem.code in ("1000", "1010", "1015", "1020", "1035", "1045") else ()
    return failure(
        "registry",
        f"our signed look-up was not answered: {problem}",
        known or ("31001",),
        do="see the other lines: key, ukId and clock if it refused us; network and URL if it did not answer",
    )


def _raw(key: str, *, signing: bool) -> bytes | None:
    try:
        return load_signing_public_key(key) if signing else load_encryption_public_key(key)
    except KeyFormatError:
        return None
