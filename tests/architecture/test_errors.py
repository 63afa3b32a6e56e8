"""Every refusal that can be said is said somewhere, by a code that the network has published."""

from __future__ import annotations

import ast

import pytest

from beckn_schemas.ack import ERROR_CODES
from bpp.errors import BppError, BusinessError, ProtocolError
from bpp.issues.errors import BY_CODE
from bpp.settlement.errors import BY_CODE as OF_SETTLEMENT
from tests.support.sources import Source, python_sources

FAMILIES = (BppError, ProtocolError, BusinessError)


def subclasses(of: type[BppError]) -> set[type[BppError]]:
    """All below a class."""
    return {one for child in of.__subclasses__() for one in {child, *subclasses(child)}}


ERRORS = sorted(subclasses(BppError) - set(FAMILIES), key=lambda one: one.__name__)


def made(source: Source) -> set[str]:
    """The names of what a module calls, which for a class means that one is made."""
    calls = (node.func for node in ast.walk(source.tree) if isinstance(node, ast.Call))
    return {ast.unparse(one).rpartition(".")[2] for one in calls}


def test_every_error_class_is_made_somewhere():
    everywhere = {name for source in python_sources("bpp") for name in made(source)}
    everywhere |= {
        one.__name__ for one in (*BY_CODE.values(), *OF_SETTLEMENT.values())
    }  # which are made by their code (``error_of``)

    assert [one.__name__ for one in ERRORS if one.__name__ not in everywhere] == []


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: one.__name__)
def test_every_error_class_has_a_published_code(error):
    assert error.code in ERROR_CODES


def test_a_family_is_no_error_of_its_own():
    assert all(not hasattr(one, "code") for one in FAMILIES)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("raise NotHere('x')", {"NotHere"}),
        ("raise errors.NotHere('x')", {"NotHere"}),
        ("try:\n    pass\nexcept NotHere:\n    pass", set()),
    ],
)
def test_naming_an_error_does_not_make_one(text, found):
    assert made(Source(path="bpp/m.py", text=text)) == found
