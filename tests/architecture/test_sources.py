"""Rules that no linter knows: where time, tasks, keys, domain codes and the database may occur, and what never may.

Each rule is a function from a source to its violations, so that it is itself tested on samples that break it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.support.sources import PRODUCT, ROOT, Source, docstrings, own_files, python_sources

CLOCK_PLACES = ("bpp/app", "bpp/cli", "bpp/sandbox")
TASK_PLACES = (
    "bpp/app",
    "bpp/console/doorway",
    "bpp/delivery",
    "bpp/inbound/health",
    "bpp/serve",
    "bpp/storage/door",
    "bpp/storage/notify_postgres",
    "bpp/supervisor",
)
DOMAIN_PLACES = ("bpp/domains", "bpp/sandbox", "beckn_schemas", "catalog/data", "catalog/codes", "catalog/demo")
KEY_PLACES = ("signing", "bpp/parties/vault", "bpp/people")  # signatures; data at rest; passwords and codes
DATABASE_PLACES = ("bpp/storage", "bpp/bench")  # what the benchmark compares with, and its own PostgreSQL
ORDER_PLACES = ("bpp/core/record", "bpp/core/book", "bpp/core/retention", "bpp/actions/events")
"""Where an order is stored: it is settled in the books there, or nothing of its money has changed."""

KEY_PACKAGES = {"cryptography", "nacl"}
DATABASE_PACKAGES = {"aiosqlite", "alembic", "asyncpg", "sqlalchemy", "sqlite3"}
WALL_CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
DOMAIN_CODE = re.compile(r"ONDC:[A-Z]{2,}[0-9]+")
MOCKING = {"setattr", "delattr", "setitem", "delitem", "syspath_prepend"}

# Folders of one machine: homes and work trees. What Debian puts under /usr, /etc or /var is the same on all.
MACHINE_PATH = re.compile(r"(?<![\w./:-])/(?:work|root|home|Users|mnt|opt)/[\w.]")
DOWNLOAD_HOSTS = [
    ".".join(labels)
    for labels in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("unpkg", "com"),
        ("jsdelivr", "net"),
        ("crates", "io"),
        ("golang", "org"),
        ("maven", "org"),
        ("deb", "debian", "org"),
        ("docker", "io"),
    )
]


def wall_clock(source: Source) -> Iterator[str]:
    """Calls that ask the machine for the time of day."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and ".".join(ast.unparse(node).split(".")[-2:]) in WALL_CLOCKS:
            yield f"{source.path}:{node.lineno}: {ast.unparse(node)}"


def loose_tasks(source: Source) -> Iterator[str]:
    """Tasks that nobody waits for: `create_task` and `ensure_future`, except on a TaskGroup of the same module."""
    groups = {
        item.optional_vars.id
        for node in ast.walk(source.tree)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name) and "TaskGroup(" in ast.unparse(item.context_expr)
    }
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        owner, _, name = ast.unparse(node.func).rpartition(".")
        if name in {"create_task", "ensure_future"} and owner not in groups:
            yield f"{source.path}:{node.lineno}: {ast.unparse(node.func)}"


def domain_codes(source: Source) -> Iterator[str]:
    """Codes of ONDC domains in string literals; docstrings may name them."""
    tree = source.tree
    prose = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield from (f"{source.path}:{node.lineno}: {code}" for code in DOMAIN_CODE.findall(node.value))


def imports_of(packages: set[str]) -> Callable[[Source], Iterator[str]]:
    """A rule: imports of `packages`, whole or in part."""

    def rule(source: Source) -> Iterator[str]:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            else:
                continue
            if any(name == package or name.startswith(f"{package}.") for name in names for package in packages):
                yield f"{source.path}:{node.lineno}: {names[0]}"

    return rule


def orders_stored(source: Source) -> Iterator[str]:
    """Orders stored in the database, new or changed."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith(("orders.save", "orders.add")):
            yield f"{source.path}:{node.lineno}: {ast.unparse(node)}"


def patched(source: Source) -> Iterator[str]:
    """Objects replaced behind the back of the code under test; the environment may be set."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in MOCKING and ast.unparse(node.value) == "monkeypatch":
            yield f"{source.path}:{node.lineno}: {ast.unparse(node)}"


def forbidden_waits(source: Source) -> Iterator[str]:
    """Waits of a browser for an expression: looked at a second time it is refused by our pages' own policy."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr == "wait_for_function":
            yield f"{source.path}:{node.lineno}: {ast.unparse(node)}"


def local_names(text: str) -> list[str]:
    """Paths of one machine and hosts of download sites in any text."""
    hosts = [host for host in DOWNLOAD_HOSTS if re.search(rf"(?<![\w-]){re.escape(host)}\b", text)]
    return [*(match.group() for match in MACHINE_PATH.finditer(text)), *hosts]


RULES = {
    "the time of day": (wall_clock, CLOCK_PLACES),
    "tasks": (loose_tasks, TASK_PLACES),
    "codes of domains": (domain_codes, DOMAIN_PLACES),
    "key packages": (imports_of(KEY_PACKAGES), KEY_PLACES),
    "the database": (imports_of(DATABASE_PACKAGES), DATABASE_PLACES),
    "storing an order": (orders_stored, ORDER_PLACES),
}


@pytest.mark.parametrize("name", RULES)
def test_occurs_only_where_it_belongs(name):
    rule, places = RULES[name]
    sources = [source for source in python_sources(*PRODUCT) if not source.lies_in(places)]

    assert [problem for source in sources for problem in rule(source)] == []


def test_no_test_replaces_parts_of_the_code_under_test():
    sources = python_sources("tests")
    mock = imports_of({"unittest.mock", "mock", "pytest_mock"})

    assert [problem for source in sources for rule in (patched, mock) for problem in rule(source)] == []


def test_no_test_waits_for_what_a_page_forbids_to_look_at_twice():
    assert [problem for source in python_sources("tests") for problem in forbidden_waits(source)] == []


def test_no_file_names_a_machine_or_a_download_site():
    found = {}
    for path in own_files():
        try:
            names = local_names(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # a picture, a font: nothing to read
        if names:
            found[path.relative_to(ROOT).as_posix()] = names

    assert found == {}


def test_the_locks_pin_every_package_with_hashes_and_name_no_index():
    for lock in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9][\w.-]*==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)
        requirements = re.findall(r"^[^\s#]", text, re.MULTILINE)

        assert len(pins) == len(requirements) > 10
        assert "://" not in text
        assert not re.search(r"^\s*--(?!hash=)", text, re.MULTILINE)


SAMPLES = [
    (wall_clock, "now = datetime.now(UTC)", True),
    (wall_clock, "now = datetime.datetime.now(tz=UTC)", True),
    (wall_clock, "clock = datetime.utcnow", True),
    (wall_clock, "stamp = time.time()", True),
    (wall_clock, "now = clock()", False),
    (wall_clock, "started = time.monotonic()", False),
    (loose_tasks, "asyncio.create_task(work())", True),
    (loose_tasks, "loop.create_task(work())", True),
    (loose_tasks, "asyncio.ensure_future(work())", True),
    (
        loose_tasks,
        "async def f():\n    async with asyncio.TaskGroup() as group:\n        group.create_task(work())",
        False,
    ),
    (domain_codes, "domain = 'ONDC:SRV11'", True),
    (domain_codes, "domain = f'ONDC:SRV11-{code}'", True),
    (domain_codes, '"""Home services, ONDC:SRV11."""', False),
    (domain_codes, "prefix = 'ONDC'", False),
    (imports_of(KEY_PACKAGES), "from nacl.signing import SigningKey", True),
    (imports_of(KEY_PACKAGES), "import cryptography.hazmat.primitives", True),
    (imports_of(KEY_PACKAGES), "from signing.keys import load", False),
    (imports_of({"unittest.mock"}), "from unittest import mock", True),
    (imports_of({"unittest.mock"}), "from unittest.mock import AsyncMock", True),
    (imports_of({"unittest.mock"}), "from unittest import TestCase", False),
    (imports_of(DATABASE_PACKAGES), "def f():\n    import sqlite3", True),
    (imports_of(DATABASE_PACKAGES), "from .sqlalchemy import x", False),
    (orders_stored, "await work.orders.save(order)", True),
    (orders_stored, "add = unit.work.orders.add", True),
    (orders_stored, "await work.orders.save_draft(draft, now)", False),
    (patched, "monkeypatch.setattr(app, 'clock', frozen)", True),
    (patched, "monkeypatch.setenv('BPP_PORT', '0')", False),
    (forbidden_waits, "await page.wait_for_function('ready')", True),
    (forbidden_waits, "await page.wait_for_selector('p')", False),
]


@pytest.mark.parametrize(("rule", "text", "broken"), SAMPLES, ids=[text for _, text, _ in SAMPLES])
def test_each_rule_finds_what_it_forbids_and_nothing_else(rule, text, broken):
    assert bool(list(rule(Source(path="bpp/sample.py", text=text)))) is broken


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("data = '/{}/main/data'".format("work"), True),
        ("see /{}/someone/notes".format("home"), True),
        ("index: https://{}/simple".format("pypi" + ".org"), True),
        ("https://files.{}/a.whl".format("pythonhosted" + ".org"), True),
        ("/usr/lib/postgresql/*/bin and /var/lib/bpp", False),
        ("https://example.com/home/x", False),
        ("https://www.apache.org/licenses/", False),
    ],
)
def test_paths_of_one_machine_and_download_sites_are_found(text, broken):
    assert bool(local_names(text)) is broken
