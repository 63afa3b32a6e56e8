"""ARCHITECTURE.md tells the truth: the functions it names exist, and one calls the other in that order."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<module>[\w/.]+)(?: \(`(?P<own>\w+)`\))? \|", re.MULTILINE)
Place = tuple[str, str]
DISPATCHED: dict[str, Place] = {"handler": ("bpp/actions/select.py", "select")}  # what the table ACTIONS decides


class Calls:
    """The functions of the modules named, and whom each calls, in the order of evaluation."""

    def __init__(self, modules: set[str], root: Path = ROOT) -> None:
        self._root = root
        self._modules = modules
        self._functions: dict[Place, ast.AST] = {}
        self._imports: dict[str, dict[str, Place]] = {}
        for module in modules:
            tree = ast.parse((root / module).read_text())
            self._imports[module] = dict(self._imported(tree))
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    self._functions[module, node.name] = node

    def defines(self, place: Place) -> bool:
        return place in self._functions

    def journey(self, start: Place) -> list[Place]:
        """Every function reached from ``start``, each once, in the order in which it is first entered."""
        seen: list[Place] = []
        self._walk(start, seen)
        return seen

    def _walk(self, place: Place, seen: list[Place]) -> None:
        if place in seen or place not in self._functions:
            return
        seen.append(place)
        for name in _called(self._functions[place]):
            target = DISPATCHED.get(name) or self._imports[place[0]].get(name) or (place[0], name.removeprefix("self."))
            self._walk(target, seen)

    def _imported(self, tree: ast.AST) -> Iterator[tuple[str, Place]]:
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = node.module.replace(".", "/") + ".py"
                for name in node.names:
                    yield name.asname or name.name, (module, name.name)


def _called(function: ast.AST) -> Iterator[str]:
    """Names called in a function, arguments before the call they belong to."""
    for child in ast.iter_child_nodes(function):
        yield from _called(child)
    if isinstance(function, ast.Call):
        yield ast.unparse(function.func)


def documented(text: str) -> list[list[tuple[str, Place]]]:
    """The rows of each table of functions: the name shown, and the module and name it stands for."""
    tables = text.split("Later, in the delivery loop")
    return [
        [(row["name"], (row["module"], row["own"] or row["name"])) for row in ROW.finditer(part)] for part in tables
    ]


def test_every_function_that_the_architecture_names_exists() -> None:
    request, delivery = documented((ROOT / "ARCHITECTURE.md").read_text())
    places = [place for _, place in (*request, *delivery)]
    calls = Calls({module for module, _ in places})

    assert len(request) >= 10
    assert len(delivery) >= 4
    assert [place for place in places if not calls.defines(place)] == []


def test_a_select_passes_the_functions_in_the_order_of_the_architecture() -> None:
    request, _ = documented((ROOT / "ARCHITECTURE.md").read_text())
    places = [place for _, place in request]
    journey = Calls({module for module, _ in places}).journey(places[0])

    assert [place for place in journey if place in places] == places


def test_a_delivery_passes_the_functions_in_the_order_of_the_architecture() -> None:
    _, delivery = documented((ROOT / "ARCHITECTURE.md").read_text())
    places = [place for _, place in delivery]
    calls = Calls({module for module, _ in places})
    journey = [name for _, name in calls.journey(places[0])]
    steps = [name for _, name in places if name != "post"]

    assert [name for name in journey if name in steps] == steps


def test_a_wrong_order_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        "def first():\n    third()\n    second()\n\ndef second(): ...\n\ndef third(): ...\n"
    )
    journey = Calls({"one.py"}, tmp_path).journey(("one.py", "first"))

    assert journey == [("one.py", "first"), ("one.py", "third"), ("one.py", "second")]


def test_the_architecture_is_short_enough_to_be_read() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= 100
