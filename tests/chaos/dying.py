"""A line of the program to die at: the process kills itself as soon as that statement is about to run.

The module is compiled with one statement more, so that nothing else of the program runs otherwise or slower.
"""

from __future__ import annotations

import ast
import importlib.abc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

DIE = "CHAOS_DIE"
"""Names ``path:line:times`` in the environment: the statement, and at the how-manieth time it strikes."""

_left = 0


def strike() -> None:
    """What stands before the statement."""
    global _left  # noqa: PLW0603  one process, one death
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def arm(place: str) -> None:
    """Before the module is imported."""
    global _left  # noqa: PLW0603
    path, line, times = place.rsplit(":", 2)
    _left = int(times)
    name = path.removesuffix(".py").replace("/", ".")
    sys.meta_path.insert(0, _Finder(name, int(line)))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, name: str, line: int) -> None:
        self._name, self._line = name, line

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self._name:
            return None
        spec = PathFinder.find_spec(name, path, target)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Loader(name, spec.origin, self._line)
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, line: int) -> None:
        super().__init__(name, path)
        self._line = line

    def get_code(self, fullname: str) -> CodeType:
        tree = ast.parse(self.get_data(self.path))
        for body, place in statements(tree):
            if body[place].lineno == self._line:
                body.insert(place, ast.parse(f"__import__({__name__!r}, fromlist=['strike']).strike()").body[0])
                ast.fix_missing_locations(tree)
                return compile(tree, self.path, "exec", dont_inherit=True)
        raise ValueError(f"no statement begins at line {self._line} of {self.path}")


def statements(tree: ast.AST, *, inside: bool = False) -> Iterator[tuple[list[ast.stmt], int]]:
    """Each statement inside a function, as the list that it stands in and its place there; but for docstrings."""
    for node in ast.iter_child_nodes(tree):
        within = inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if within:
            for name in ("body", "orelse", "finalbody"):
                body: Any = getattr(node, name, None)
                if isinstance(body, list):
                    yield from ((body, place) for place, one in enumerate(body) if _runs(one))
        yield from statements(node, inside=within)


def _runs(one: object) -> bool:
    docstring = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
    return isinstance(one, ast.stmt) and not docstring
