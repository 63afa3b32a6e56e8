"""The repository's own files, for the tests that read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("bpp", "catalog", "beckn_schemas", "signing")

_NOT_OURS = {"__pycache__", "build", "dist", "var", "node_modules"}
_KEPT_HIDDEN = {".ci", ".gitignore", ".gitattributes", ".editorconfig"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file: `path` relative to the repository, with `/`."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The parsed module."""
        return ast.parse(self.text, self.path)

    def lies_in(self, places: tuple[str, ...]) -> bool:
        """Whether the file is one of `places` or below one; a place without suffix is a module or a package."""
        return any(self.path in {place, f"{place}.py"} or self.path.startswith(f"{place}/") for place in places)


def own_files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the repository, without what is installed, built or cached."""
    for path in sorted(folder.iterdir()):
        if path.name in _NOT_OURS or path.name.endswith(".egg-info"):
            continue
        if path.name.startswith(".") and path.name not in _KEPT_HIDDEN:
            continue
        if path.is_dir():
            yield from own_files(path)
        else:
            yield path


def python_sources(*packages: str) -> list[Source]:
    """The Python files below the named folders of the repository."""
    return [
        Source(path=path.relative_to(ROOT).as_posix(), text=path.read_text(encoding="utf-8"))
        for package in packages
        if (ROOT / package).is_dir()
        for path in own_files(ROOT / package)
        if path.suffix == ".py"
    ]


def docstrings(tree: ast.Module) -> set[int]:
    """Ids of the nodes that are docstrings, also those that stand below a module's or class's attribute."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
