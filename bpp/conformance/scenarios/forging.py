"""Forged and broken messages, each of which a seller must refuse; and signatures in odd but legal spellings.

Forged are cancellations of a booked order, so that one that is taken in has an effect that everybody sees. Source:
security 1.1 to 1.9; assertion 1; ``signing_vectors.json`` shows the kinds.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta

from beckn_schemas.registry import Role
from bpp.conformance.scenarios.booking import booked, cancel_order, search, search_for, status
from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Ask, Scenario, Wire
from bpp.conformance.scenarios.trying import Tries, says
from bpp.sandbox.buyer import HeaderValue
from bpp.sandbox.identities import FOREIGN_DOMAIN, GATEWAY, Participant
from signing.header import KeyId, SignatureHeader
from signing.keys import encode_public_key, generate_signing_key
from signing.signature import LIFETIME, sign

GATEWAY_HEADER, OLD_GATEWAY_HEADER = "X-Gateway-Authorization", "Proxy-Authorization"
_ZERO_SIGNATURE = base64.b64encode(b"\x01" + bytes(63)).decode()
"""R is the group's identity and S is zero: valid for every message in a lax verifier with a key of small order."""


def _header(value: Callable[[Play, bytes], HeaderValue]) -> Wire:
    """The same body under another Authorization."""
    return lambda play, body: (body, {"Authorization": value(play, body)})


def _edited(old: str, new: str) -> Wire:
    """Our own signature, its header changed in one place."""
    return _header(lambda play, body: play.stage.buyer.authorization(body).replace(old, new))


def _signed_at(shift: timedelta) -> Wire:
    def value(play: Play, body: bytes) -> str:
        who = play.stage.buyer.participant
        return sign(body, who.key, who.key_id, play.stage.buyer.clock() + shift)

    return _header(value)


def _signed_by(who: Callable[[Play], Participant]) -> Wire:
    """Another participant's own valid signature."""

    def value(play: Play, body: bytes) -> str:
        other = who(play)
        return sign(body, other.key, other.key_id, play.stage.buyer.clock())

    return _header(value)


def _unknown_key(play: Play, body: bytes) -> str:
    who = play.stage.buyer.participant
    return sign(body, who.key, KeyId(who.subscriber_id, "no-such-key"), play.stage.buyer.clock())


def _forged_key(play: Play, body: bytes) -> str:
    return sign(body, generate_signing_key(), play.stage.buyer.participant.key_id, play.stage.buyer.clock())


def _signature(value: str) -> Wire:
    def header(play: Play, body: bytes) -> str:
        text = play.stage.buyer.authorization(body)
        return text.replace(SignatureHeader.parse(text).signature, value)

    return _header(header)


def _after_signing(change: Callable[[bytes], bytes]) -> Wire:
    """The signature over the body as it was before the change."""
    return lambda play, body: (change(body), {"Authorization": play.stage.buyer.authorization(body)})


def _registered_gateway(play: Play) -> Participant:
    """The sandbox's gateway, whose key we have. Raises ``Impossible`` where the registry does not list it."""
    key = encode_public_key(GATEWAY.key)
    for one in play.stage.buyer.directory.records():
        if one.role is Role.BG and one.signing_public_key == key and one.subscriber_id == GATEWAY.subscriber_id:
            return GATEWAY
    raise Impossible("the registry does not list the sandbox's gateway")


def _gateway_header(name: str, who: Callable[[Play], Participant]) -> Wire:
    """A second signature beside ours, as a gateway adds it."""

    def wire(play: Play, body: bytes) -> tuple[bytes, dict[str, HeaderValue]]:
        other = who(play)
        return body, {name: sign(body, other.key, other.key_id, play.stage.buyer.clock())}

    return wire


def _beside(name: str, value: str) -> Wire:
    return lambda _, body: (body, {name: value})


def _forged(probe: str, wire: Wire) -> Ask:
    return Ask(probe=probe, action="cancel", build=cancel_order, wire=wire)


def _searched(probe: str, wire: Wire) -> Ask:
    return Ask(probe=probe, action="search", build=search_for, wire=wire, anew=True)


FORGED: tuple[Ask, ...] = (
    _forged("changed_value", _after_signing(lambda body: body.replace(b"PT30S", b"PT29S"))),
    _forged("added_newline", _after_signing(lambda body: body + b"\n")),
    _forged("expired", _signed_at(-LIFETIME - timedelta(minutes=1))),
    _forged("created_ahead", _signed_at(timedelta(hours=1))),
    _forged("unknown_key", _header(_unknown_key)),
    _forged("forged_key", _header(_forged_key)),
    _forged("other_subscriber", _signed_by(lambda play: play.other_buyer.participant)),
    _forged("no_signature", _header(lambda _, __: None)),
    _forged("two_signatures", _header(lambda play, body: [play.stage.buyer.authorization(body)] * 2)),
    _forged("other_algorithm", _edited('algorithm="ed25519"', 'algorithm="rsa-sha256"')),
    _forged("no_scheme", _edited("Signature ", "")),
    _forged("zero_signature", _signature(_ZERO_SIGNATURE)),
    _forged("junk_signature", _signature("not base64 at all")),
    Ask(
        probe="wrong_role",
        action="cancel",
        build=cancel_order,
        twist=says(bap_id=GATEWAY.subscriber_id),
        wire=_signed_by(_registered_gateway),
    ),
    Ask(probe="foreign_bpp", action="cancel", build=cancel_order, twist=says(bpp_id="another-seller.example")),
    Ask(probe="foreign_domain", action="cancel", build=cancel_order, twist=says(domain=FOREIGN_DOMAIN)),
)

BROKEN: tuple[Ask, ...] = (
    Ask(probe="broken_json", action="search", build=search_for, wire=lambda _, body: (body[:-7], {})),
    Ask(probe="no_action", action="search", build=search_for, twist=says(action=None)),
    Ask(probe="no_transaction_id", action="search", build=search_for, twist=says(transaction_id=None)),
    Ask(probe="no_bap_uri", action="search", build=search_for, twist=says(bap_uri=None)),
    Ask(probe="other_action", action="search", build=search_for, twist=says(action="select")),
    Ask(probe="foreign_domain_search", action="search", build=search_for, twist=says(domain=FOREIGN_DOMAIN)),
    _searched("forged_gateway", _gateway_header(GATEWAY_HEADER, lambda play: play.stage.buyer.participant)),
)

SPELT: tuple[Ask, ...] = (
    _searched("signature_spaces", _edited('",', '", ')),
    _searched("signature_order", lambda play, body: (body, {"Authorization": _turned(play, body)})),
    _searched("signature_unquoted", lambda play, body: (body, {"Authorization": _unquoted(play, body)})),
    _searched("signature_more", _edited("Signature ", 'Signature opaque="one",')),
    _searched("signature_misprint", _edited("(created) (expires) digest", "(created)(expires)digest")),
    _searched("other_digest", _beside("Digest", "BLAKE-512=AAAA")),
    _searched("by_gateway", _gateway_header(GATEWAY_HEADER, _registered_gateway)),
    _searched("by_old_gateway", _gateway_header(OLD_GATEWAY_HEADER, _registered_gateway)),
    _searched("by_proxy", _beside(OLD_GATEWAY_HEADER, "Basic Ym9iOnNlY3JldA==")),
)


def _turned(play: Play, body: bytes) -> str:
    """The parameters in the opposite order."""
    scheme, _, parameters = play.stage.buyer.authorization(body).partition(" ")
    return f"{scheme} {','.join(reversed(parameters.split(',')))}"


def _unquoted(play: Play, body: bytes) -> str:
    text = play.stage.buyer.authorization(body)
    header = SignatureHeader.parse(text)
    for number in (header.created, header.expires):
        text = text.replace(f'"{number}"', str(number))
    return text


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="forged_messages",
        title="Messages whose signature or addressee is wrong are refused and do nothing",
        steps=(*booked(), Tries(name="forged", tries=FORGED, answers=False, listens=True), status()),
        once=True,
    ),
    Scenario(
        name="broken_messages",
        title="Messages that cannot be read are refused",
        steps=(search(), Tries(name="broken", tries=BROKEN, answers=False, listens=True)),
        once=True,
    ),
    Scenario(
        name="spelt_signatures",
        title="Signatures in odd but legal spellings, and headers beside them, are accepted",
        steps=(Tries(name="spelt", tries=SPELT),),
        once=True,
    ),
)
