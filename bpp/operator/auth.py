"""Who calls: bearer tokens and their roles, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from bpp.core.privacy import PersonalData, Reader
from bpp.operator.problems import ApiProblem
from bpp.settings import Settings

SUPERVISOR = "supervisor"
OPERATOR = "operator"
ACCOUNTANT = "accountant"
OFFICER = "officer"
"""Roles: a ``supervisor`` may do everything, and alone override a missing OTP (decision 14). What is kept for an
``accountant`` (money) or an ``officer`` (of a district: providers and workers), each route says."""
OFFICERS = frozenset({OFFICER})
STAFF = frozenset({OFFICER, "operator"})
"""Who looks after providers and workers."""
DESK = frozenset({"operator"})
"""Who speaks for customers; portal, app and service centre call with such a token."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of a token: the role, and a name for the audit trail that does not reveal the token."""

    role: str
    name: str

    @property
    def reader(self) -> Reader:
        """The caller as the rules on personal data know him or her."""
        return Reader(self.name, self.role)

    @property
    def may_override(self) -> bool:
        """Whether the role may start a job without the customer's OTP."""
        return self.role == SUPERVISOR


def may(role: str, roles: frozenset[str]) -> bool:
    """Whether something that is for some roles, or for all where there are none, is for this one."""
    return not roles or role in {SUPERVISOR, *roles}


def identify(authorization: str, settings: Settings) -> Caller:
    """The caller of an ``Authorization`` header; raises ApiProblem 401 for none and for an unknown token.

    Digests are compared, all of them, so that the time taken tells neither how long nor how right a guess was.
    """
    scheme, _, token = authorization.partition(" ")
    given = _digest(token.strip())
    role = ""
    for known, its_role in _tokens(settings).items():
        if hmac.compare_digest(_digest(known), given):
            role = its_role
    if scheme.lower() != "bearer" or not role:
        problem = "a bearer token is needed" if not authorization else "this token is not known"
        raise ApiProblem(401, "unauthorized", problem, headers={"WWW-Authenticate": 'Bearer realm="operator"'})
    return Caller(role, f"{role}:{given.hex()[:8]}")


def check_look_up(phone: str | None, caller: Caller) -> None:
    """Raise ApiProblem 403 where somebody asks whose a telephone number is who need not know consumers."""
    if phone is not None and not caller.reader.sees(PersonalData.CONSUMER):
        raise ApiProblem(403, "forbidden", f"nobody is looked up by telephone for the role {caller.role}", path="phone")


def _tokens(settings: Settings) -> dict[str, str]:
    tokens = {token: role for token, role in settings.operator_tokens.items() if token}
    if settings.operator_token:
        tokens[settings.operator_token] = SUPERVISOR
    return tokens


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
