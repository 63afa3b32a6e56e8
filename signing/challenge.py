"""Onboarding: the registry's challenge and the page that proves our domain.

The secret that X25519 yields is used directly as the key of AES-256 in ECB mode with PKCS#7 padding. That is weak as
encryption goes, and it is what the registry does (Java's ``Cipher.getInstance("AES")``).

Source: ONDC-Official/reference-implementations utilities/signing_and_verification/python/cryptkey.py, whose published
challenge of the live pre-production registry settles cipher, mode, padding and key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from itertools import product

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.padding import PKCS7

from signing.errors import ChallengeError, KeyFormatError
from signing.keys import EncryptionKey, SigningKey
from signing.signature import sign_text

MAX_CHALLENGE = 1024
"""Longest ciphertext, in bytes."""

MAX_ANSWER = 128
"""Longest answer, in characters; the registry's own are UUIDs."""

_BLOCK = 16
_BLOCK_BITS = _BLOCK * 8

_SITE_VERIFICATION = """\
<!-- Contents of ondc-site-verification.html -->
<html>
    <head>
        <meta name='ondc-site-verification' content='{signature}' />
    </head>
    <body>
        ONDC Site Verification Page
    </body>
</html>
"""


def answer_challenge(
    challenge: object, own_keys: Sequence[EncryptionKey], registry_public_keys: Sequence[bytes]
) -> str:
    """The plaintext of the challenge, neither trimmed nor changed in case.

    ``own_keys`` holds the current key and the previous ones (a key rotation is challenged with the old key),
    ``registry_public_keys`` the registry's keys as 32 raw bytes each. All pairs are tried in order. A wrong pair passes
    the padding check once in 256 times, so the first answer in printable ASCII wins, and a printable text in another
    script is taken only if no pair gives ASCII. Raises ``ChallengeError`` whatever is wrong: whoever asks learns
    nothing more, since this endpoint decrypts for strangers.
    """
    ciphertext = _ciphertext(challenge)
    candidates = [
        text
        for own, registry in product(own_keys, registry_public_keys)
        if (text := _decrypted(ciphertext, own, registry)) is not None
    ]
    for text in sorted(candidates, key=lambda text: not text.isascii()):
        return text
    raise ChallengeError("no pair of keys opens the challenge")


def make_challenge(answer: str, registry_key: EncryptionKey, subscriber_public_key: bytes) -> str:
    """The registry's side: base64 of ``answer`` encrypted for a subscriber. For sandbox registries and for tests."""
    padder = PKCS7(_BLOCK_BITS).padder()
    padded = padder.update(answer.encode()) + padder.finalize()
    encryptor = _cipher(registry_key.exchange(subscriber_public_key)).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def site_verification_html(request_id: str, signing_key: SigningKey) -> str:
    """The page ``ondc-site-verification.html``: the request id of the next /subscribe, signed without a hash."""
    return _SITE_VERIFICATION.format(signature=sign_text(request_id, signing_key))


def _ciphertext(challenge: object) -> bytes:
    if not isinstance(challenge, str) or len(challenge) > 2 * MAX_CHALLENGE:
        raise ChallengeError("not a text of reasonable length")
    try:
        data = base64.b64decode(challenge.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as problem:
        raise ChallengeError("not standard base64") from problem
    if not data or len(data) % _BLOCK or len(data) > MAX_CHALLENGE:
        raise ChallengeError("not whole blocks")
    return data


def _decrypted(ciphertext: bytes, own: EncryptionKey, registry_public_key: bytes) -> str | None:
    try:
        decryptor = _cipher(own.exchange(registry_public_key)).decryptor()
        unpadder = PKCS7(_BLOCK_BITS).unpadder()
        padded = decryptor.update(ciphertext) + decryptor.finalize()
        text = (unpadder.update(padded) + unpadder.finalize()).decode()
    except (KeyFormatError, ValueError):
        return None
    return text if 0 < len(text) <= MAX_ANSWER and text.isprintable() else None


def _cipher(shared: bytes) -> Cipher[ECB]:
    return Cipher(AES(shared), ECB())  # noqa: S305  # the registry's choice, see above
