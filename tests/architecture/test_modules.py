"""Modules stay short and say what they are for (decision 29)."""

from __future__ import annotations

import ast

import pytest

from tests.support.sources import PRODUCT, Source, python_sources

LONGEST = 300
EXEMPT = ("bpp/storage/migrations", "catalog/data")  # migrations and tables of data


def too_long(source: Source) -> list[str]:
    lines = len(source.text.splitlines())
    return [f"{source.path}: {lines} lines, {LONGEST} at most"] if lines > LONGEST else []


def undocumented(source: Source) -> list[str]:
    """The module, and each public function and class on its top level, that has no docstring."""
    missing = [] if ast.get_docstring(source.tree) else [f"{source.path}: the module"]
    for node in source.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        decorators = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
        if "overload" not in decorators and not ast.get_docstring(node):
            missing.append(f"{source.path}:{node.lineno}: {node.name}")
    return missing


def test_no_product_module_is_longer_than_its_ceiling():
    sources = [source for source in python_sources(*PRODUCT) if not source.lies_in(EXEMPT)]

    assert len(sources) > len(PRODUCT)
    assert [problem for source in sources for problem in too_long(source)] == []


def test_every_product_module_and_everything_public_in_it_says_what_it_is():
    sources = [source for source in python_sources(*PRODUCT) if not source.lies_in(EXEMPT)]

    assert [problem for source in sources for problem in undocumented(source)] == []


@pytest.mark.parametrize(("lines", "found"), [(LONGEST, 0), (LONGEST + 1, 1)])
def test_the_ceiling_is_counted_in_lines(lines, found):
    assert len(too_long(Source(path="bpp/long.py", text="x = 1\n" * lines))) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"""Module."""\n', []),
        ("x = 1\n", ["bpp/m.py: the module"]),
        ('"""M."""\ndef f(): ...\n', ["bpp/m.py:2: f"]),
        ('"""M."""\nasync def f(): ...\n', ["bpp/m.py:2: f"]),
        ('"""M."""\nclass C: ...\n', ["bpp/m.py:2: C"]),
        ('"""M."""\ndef _f(): ...\n', []),
        ('"""M."""\n@typing.overload\ndef f(): ...\n', []),
        ('"""M."""\ndef f():\n    """Says."""\n', []),
    ],
)
def test_whatever_lacks_a_docstring_is_found(text, found):
    assert undocumented(Source(path="bpp/m.py", text=text)) == found


def test_the_exemptions_are_places_and_not_beginnings_of_names():
    assert Source(path="catalog/data/codes.py", text="").lies_in(EXEMPT)
    assert not Source(path="catalog/database.py", text="").lies_in(EXEMPT)
    assert Source(path="bpp/app.py", text="").lies_in(("bpp/app",))
