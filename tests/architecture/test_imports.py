"""The import rules hold, and each of them can fail: a small tree of the same shape is broken in every way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.sources import ROOT

PACKAGES = (
    "actions",
    "bench",
    "cli",
    "conformance",
    "console",
    "core",
    "delivery",
    "doctor",
    "domains",
    "inbound",
    "keys",
    "ledger",
    "network",
    "operator",
    "orders",
    "parties",
    "people",
    "projects",
    "sandbox",
    "settlement",
)
MODULES = (
    "bpp/app",
    "bpp/context",
    "bpp/errors",
    "bpp/logs",
    "bpp/settings",
    "signing/keys",
    "beckn_schemas/base",
    "catalog/model",
)
PORTS = tuple(f"bpp/storage/{one.stem}" for one in sorted((ROOT / "bpp/storage").glob("ports*.py")))
STORAGE = (*PORTS, "bpp/storage/tables", "bpp/storage/engine")
PURE = tuple(
    f"bpp/observability/{one}" for one in ("types", "outcome", "words", "masking", "entries", "policy", "turn", "gaps")
)
"""The pure modules of a package that is an edge as a whole."""

FORBIDDEN = [
    ("bpp/orders/model", "from bpp.storage.ports import Storage", "Inside bpp each package"),
    ("bpp/core/model", "from bpp.inbound import model", "Inside bpp each package"),
    ("bpp/ledger/model", "from bpp.settlement import model", "Inside bpp each package"),
    ("bpp/inbound/model", "from bpp.delivery import model", "Inside bpp each package"),
    ("bpp/network/model", "from bpp.sandbox import model", "Inside bpp each package"),
    ("bpp/newcomer", "", "Inside bpp each package"),
    ("catalog/model", "from bpp.errors import BppError", "bpp stands on catalog"),
    ("beckn_schemas/base", "import catalog", "bpp stands on catalog"),
    ("signing/keys", "import beckn_schemas", "signing imports nobody"),
    ("bpp/core/model", "from signing import keys", "Only the edges sign"),
    ("bpp/orders/model", "import asyncio", "The pure packages"),
    ("catalog/model", "import aiohttp", "The pure packages"),
    ("bpp/observability/policy", "import asyncio", "The pure packages"),
    ("bpp/observability/masking", "from bpp.delivery import model", "Inside bpp each package"),
    ("bpp/core/model", "from sqlalchemy import select", "Only bpp.storage knows"),
    ("bpp/storage/ports", "from sqlalchemy import select", "The ports of storage"),
    ("bpp/core/model", "from bpp.storage.tables import orders", "Storage is seen through"),
    ("bpp/delivery/model", "from bpp.storage import engine", "Storage is seen through"),
    ("bpp/keys/model", "from bpp.network import model", "Inside bpp each package"),
    ("bpp/doctor/model", "from bpp.app import build", "Inside bpp each package"),
    ("bpp/sandbox/model", "from bpp.errors import BppError", "The sandbox knows"),
    ("bpp/sandbox/model", "import catalog", "The sandbox knows"),
    ("bpp/conformance/model", "from bpp.orders.model import Order", "Conformance knows"),
    ("bpp/conformance/model", "import catalog", "Conformance knows"),
    ("bpp/network/model", "from bpp.conformance import model", "Inside bpp each package"),
    ("bpp/app", "from bpp.bench import model", "Inside bpp each package"),
]

ALLOWED = [
    ("bpp/app", "import signing\nfrom bpp.inbound import model\nfrom bpp.storage import engine"),
    ("bpp/cli/model", "from bpp.app import build\nfrom bpp.storage import engine\nfrom signing import keys"),
    ("bpp/settings", "from signing import keys"),
    ("bpp/keys/model", "from bpp.settings import Settings\nfrom signing import keys"),
    (
        "bpp/doctor/model",
        "from bpp.storage import engine\nfrom bpp.keys import model\nfrom bpp.sandbox import model as m",
    ),
    (
        "bpp/inbound/model",
        "from bpp.domains import model\nfrom signing.keys import load\nfrom beckn_schemas import base",
    ),
    ("bpp/core/model", "from bpp.storage.ports import Storage\nfrom bpp.storage import ports"),
    (
        "bpp/conformance/model",
        "from bpp.sandbox import model\nfrom signing import keys\nfrom beckn_schemas import base",
    ),
    ("bpp/sandbox/model", "import aiohttp\nimport asyncio\nfrom signing import keys\nfrom beckn_schemas import base"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The planned packages, each with one module, under the repository's own rules."""
    modules = [*MODULES, *STORAGE, *PURE, *(f"bpp/{package}/model" for package in PACKAGES)]
    for module in modules:
        path = tmp_path / f"{module}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.touch()
    (tmp_path / "bpp/storage/tables.py").write_text("import sqlalchemy\n")
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    return tmp_path


def lint(folder: Path) -> tuple[bool, list[str]]:
    """Whether all rules were kept, and the lines of the answer that name a broken one."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert "Contracts:" in ran.stdout, ran.stdout + ran.stderr
    return ran.returncode == 0, [line for line in ran.stdout.splitlines() if line.endswith("BROKEN")]


def test_the_repository_keeps_its_import_rules():
    assert lint(ROOT) == (True, [])


def test_what_the_rules_allow_passes(tree):
    for module, lines in ALLOWED:
        (tree / f"{module}.py").write_text(lines, encoding="utf-8")

    assert lint(tree) == (True, [])


@pytest.mark.parametrize(("module", "line", "rule"), FORBIDDEN, ids=[f"{m}: {line}" for m, line, _ in FORBIDDEN])
def test_a_forbidden_import_is_found(tree, module, line, rule):
    (tree / f"{module}.py").write_text(line, encoding="utf-8")
    kept, broken = lint(tree)

    assert not kept
    assert len(broken) == 1
    assert broken[0].startswith(rule)
