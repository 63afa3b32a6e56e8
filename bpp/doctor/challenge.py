"""The registry's challenge to /on_subscribe: whether we could answer it.

The registry's private key is nobody's but its own, so the real round trip is made in the sandbox alone. Elsewhere a
challenge that nobody can open must get the uniform refusal, and our keys prove themselves here, against a key pair made
for the purpose.

Source: security.md 4.1-4.4.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from http import HTTPStatus
from uuid import uuid4

import orjson

from beckn_schemas.ack import nack
from bpp.doctor.finding import Finding, failure, ok, warning
from bpp.doctor.ground import Ground, Page, fetch
from bpp.keys.model import KeySet
from signing.challenge import answer_challenge, make_challenge
from signing.errors import ChallengeError
from signing.keys import generate_encryption_key, load_encryption_public_key
from signing.sandbox_keys import sandbox_encryption_key

NAME = "on_subscribe"
KEYS = "the registry's encryption keys"
REFUSED = ("131", "132")

CURRENT = {
    "preprod": "MCowBQYDK2VuAyEARa/WcMCzNQp4DWjvTI4DK7vHL6EdaHqN4GjFIu9wxxM=",
    "prod": "MCowBQYDK2VuAyEAwASk2D4O3p/tuD8f9sNQAQlwOU2w3DAumcOK9qHCFwI=",
}
"""The registry's public encryption keys since 2026-07-28. Source: ONDC-Official/developer-docs, pull request 95."""


async def look(ground: Ground) -> list[Finding]:
    """The offline proof, the registry's keys, and a challenge to the running server."""
    keys, settings = ground.keys.current(), ground.settings
    plain = str(uuid4())
    challenge = (
        make_challenge(plain, sandbox_encryption_key("registry"), keys.signing.encryption_key.public_key)
        if settings.sandbox
        else base64.b64encode(secrets.token_bytes(48)).decode()
    )
    body = orjson.dumps({"subscriber_id": settings.subscriber_id, "challenge": challenge})
    page = await fetch(ground, "POST", f"{ground.registered_at}/on_subscribe", body)
    served = judge_answer(page, plain) if settings.sandbox else judge_refusal(page)
    return [*prove(keys), *judge_registry_keys(settings.env, keys), *served]


def prove(keys: KeySet) -> Iterator[Finding]:
    """That each encryption key of ours opens a challenge made for it; no server takes part."""
    registry = generate_encryption_key()
    for number, own in enumerate(keys.encryption_keys, 1):
        plain = str(uuid4())
        made = make_challenge(plain, registry, own.public_key)
        try:
            answer = answer_challenge(made, keys.encryption_keys, (registry.public_key,))
        except ChallengeError as problem:
            answer = str(problem)
        name = f"encryption key {number}"
        if answer == plain:
            yield ok(name, "opens a challenge that is made for it")
        else:
            yield failure(name, f"does not: {answer}", REFUSED, do="bpp keys rotate --new")


def judge_registry_keys(env: str, keys: KeySet) -> Iterator[Finding]:
    """Whether the registry's key of the day is among those that are tried."""
    current = CURRENT.get(env)
    if current is None:
        yield ok(KEYS, f"{len(keys.registry_encryption_keys)} tried in order")
    elif load_encryption_public_key(current) in keys.registry_encryption_keys:
        yield ok(KEYS, f"{len(keys.registry_encryption_keys)} tried in order, that of July 2026 among them")
    else:
        yield warning(
            KEYS,
            f"the key of {env} since July 2026 is not among them",
            REFUSED,
            do=f"bpp keys registry {current}, if ONDC's onboarding page still prints it",
        )


def judge_answer(page: Page, plain: str) -> Iterator[Finding]:
    """Of the answer to a challenge of the sandbox's registry."""
    if page.problem or page.status != HTTPStatus.OK or page.body != orjson.dumps({"answer": plain}):
        yield failure(
            NAME,
            f"{page.url}: a challenge of the sandbox's registry was not answered: {_said(page)}",
            REFUSED,
            do="let the server have the encryption key of the record, and the sandbox registry's public key",
        )
    else:
        yield ok(NAME, f"{page.url}: a challenge was opened and answered")


def judge_refusal(page: Page) -> Iterator[Finding]:
    """Of the answer to a challenge that nobody can open: 400, uniform, without a word of why (security.md 4.4)."""
    usual = orjson.dumps(nack("30000", "the challenge cannot be answered"))
    if page.status == HTTPStatus.BAD_REQUEST and page.body == usual:
        yield ok(NAME, f"{page.url}: is there, and refuses what it cannot open")
    else:
        yield failure(
            NAME,
            f"{page.url}: the uniform refusal of a wrong challenge is expected; {_said(page)}",
            REFUSED,
            do="let <subscriber_id>/on_subscribe lead to this server, POST, unchanged",
        )


def _said(page: Page) -> str:
    return page.problem or f"HTTP {page.status} {page.body[:200].decode(errors='replace')}"
