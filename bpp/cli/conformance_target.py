"""Whom ``bpp conformance`` proves and as whom: the seller app and our buyer apps, as the registry file has them."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from beckn_schemas.registry import RegistryFileError, Role, Subscriber, parse_registry_file
from bpp.cli.conformance_options import BuyerOptions, Complaint
from bpp.conformance.plan import Plan, PlanError, read_plan, wishes
from bpp.sandbox.identities import AGENCY, BUYER, DOMAINS, SECOND_BUYER, Participant
from signing.errors import KeyFormatError
from signing.keys import SigningKey, encode_public_key, load_signing_key

SANDBOX_BUYERS = (BUYER, SECOND_BUYER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A buyer app that takes part: who it is, where it listens, and what it calls itself."""

    participant: Participant
    host: str
    port: int
    url: str


def is_of_sandbox(buyer: Participant) -> bool:
    """Whether it signs with a key of the sandbox, which everybody has."""
    return any(encode_public_key(one.key) == encode_public_key(buyer.key) for one in SANDBOX_BUYERS)


def registry_of(path: Path) -> tuple[Subscriber, ...]:
    """The records of a registry file. Raises ``Complaint``."""
    try:
        return parse_registry_file(path.read_bytes())
    except (OSError, RegistryFileError) as problem:
        raise Complaint(f"the registry {path} cannot be read: {problem}") from problem


def seller_of(records: Sequence[Subscriber], target: str, bpp_id: str) -> str:
    """The subscriber_id of the seller app at ``target``, or the one named: it must be registered. Raises Complaint."""
    sellers = {(one.subscriber_id, (one.subscriber_url or "").rstrip("/")) for one in records if one.role is Role.BPP}
    known = ", ".join(sorted(f"{one} at {url or 'no address'}" for one, url in sellers)) or "none"
    fitting = {one for one, url in sellers if (one == bpp_id if bpp_id else url == target.rstrip("/"))}
    if not fitting:
        wanted = f"with the id {bpp_id}" if bpp_id else f"at {target}"
        raise Complaint(f"the registry has no seller app {wanted}; it has: {known}")
    if len(fitting) > 1:
        raise Complaint(f"the registry has several seller apps at {target}: say which with --bpp-id; it has: {known}")
    return fitting.pop()


def seat_of(options: BuyerOptions, default: Participant, records: Sequence[Subscriber]) -> Seat:
    """Our buyer app: its key must be the one that the registry has. Raises ``Complaint``."""
    subscriber_id = options.subscriber_id or default.subscriber_id
    sandbox = next((one for one in SANDBOX_BUYERS if one.subscriber_id == subscriber_id), None)
    key = _key(options, sandbox)
    ours = [one for one in records if one.subscriber_id == subscriber_id and one.role is Role.BAP]
    if not ours:
        raise Complaint(f"our buyer app {subscriber_id} is not in the registry as a BAP")
    public = encode_public_key(key)
    wanted = options.key_id or next((one.unique_key_id for one in ours if one.signing_public_key == public), "")
    named = [one for one in ours if one.unique_key_id == wanted]
    if options.key_id and not named:
        has = ", ".join(sorted({one.unique_key_id for one in ours}))
        raise Complaint(f"the registry knows no key {options.key_id} of our buyer app {subscriber_id}; it has: {has}")
    if not named or named[0].signing_public_key != public:
        raise Complaint(
            f"the registry has another key of our buyer app {subscriber_id} than --{options.name}-key gives: "
            f"{(named or ours)[0].signing_public_key}, where ours is {public}"
        )
    registered = next((one.subscriber_url.rstrip("/") for one in named if one.subscriber_url), "")
    participant = replace(default, subscriber_id=subscriber_id, unique_key_id=wanted, key=key, url=registered)
    host, port = _listening(options, registered, subscriber_id)
    # Told to listen elsewhere on this machine than the registry says, it calls itself by where it listens.
    behind = "" if options.listen and _place(registered) else registered
    return Seat(participant=participant, host=host, port=port, url=(options.bap_uri or behind).rstrip("/"))


def seat_of_agency(records: Sequence[Subscriber]) -> Seat:
    """The sandbox's settlement agency, where the registry has it and its key on this machine. Raises ``Complaint``."""
    public = encode_public_key(AGENCY.key)
    known = [one for one in records if one.subscriber_id == AGENCY.subscriber_id and one.signing_public_key == public]
    url = next((one.subscriber_url.rstrip("/") for one in known if one.subscriber_url), "")
    place = _place(url)
    if place is None:
        raise Complaint(f"the registry has no {AGENCY.subscriber_id} with the sandbox's key at a port of this machine")
    host, port = place
    return Seat(participant=AGENCY.at(url), host=host, port=port, url=url)


def _key(options: BuyerOptions, sandbox: Participant | None) -> SigningKey:
    if not options.key and sandbox is not None:
        return sandbox.key
    if not options.key:
        raise Complaint(f"--{options.name}-key is needed: {options.subscriber_id} is no buyer app of the sandbox")
    try:
        named = options.key.startswith("file:")
        return load_signing_key(Path(options.key.removeprefix("file:")).read_text() if named else options.key)
    except (KeyFormatError, OSError, UnicodeDecodeError) as problem:
        raise Complaint(f"--{options.name}-key cannot be read: {problem}") from problem


def _listening(options: BuyerOptions, registered: str, subscriber_id: str) -> tuple[str, int]:
    """Where it listens: as told, else where the registry says, if that is on this machine."""
    option = f"--{'second-' if options.name != 'buyer' else ''}listen"
    if options.listen:
        host, _, port = options.listen.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004  # the highest port
            raise Complaint(f"{option}: HOST:PORT is expected, as in 127.0.0.1:8081")
        return host.strip("[]"), int(port)
    place = _place(registered)
    if place is None:
        raise Complaint(
            f"the registry says that our buyer app {subscriber_id} is at {registered or 'no address'}: "
            f"say with {option} HOST:PORT where it is to listen behind that address"
        )
    return place


def _place(url: str) -> tuple[str, int] | None:
    """Host and port of an address on this machine that a buyer app of ours can have; None for any other."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return None
    return (host, parts.port) if here and parts.scheme == "http" and parts.port and not parts.path.strip("/") else None


def plan_of(path: Path | None, names: str) -> Plan:
    """The plan of a file, or one that takes what is there; only the domains named, where any are. Raises Complaint."""
    try:
        plan = Plan() if path is None else read_plan(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, PlanError) as problem:
        raise Complaint(f"the plan {path} cannot be read: {problem}") from problem
    wanted = [f"ONDC:{name.strip().upper().removeprefix('ONDC:')}" for name in names.split(",") if name.strip()]
    if unknown := [one for one in wanted if one not in DOMAINS]:
        raise Complaint(f"no such domain: {', '.join(unknown)}; there are {', '.join(DOMAINS)}")
    if not wanted:
        return plan
    return replace(plan, domains={one: plan.domains.get(one) or wishes({}, one) for one in dict.fromkeys(wanted)})
