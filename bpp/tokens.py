"""Where the operator API and the sandbox's own token for it are found. Light: the client's commands start with this."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

OPERATOR_PATH = "/api/v1"


def operator_token_file(database_url: str) -> Path:
    """Where the sandbox keeps its operator token: beside an SQLite database, else under ``var``."""
    scheme, _, rest = database_url.partition("://")
    database = rest.partition("/")[2].partition("?")[0]
    beside = scheme.partition("+")[0] == "sqlite" and database not in ("", ":memory:")
    return (Path(database).parent if beside else Path("var")) / "operator-token"


def kept_token(path: Path) -> tuple[str, bool]:
    """The token that a file keeps, and whether it was made now."""
    return kept_text(path, lambda: secrets.token_urlsafe(24))


def kept_text(path: Path, make: Callable[[], str]) -> tuple[str, bool]:
    """The secret that a file keeps, and whether it was made now. Of several programs that make it the first decides."""
    made = not path.exists()
    if made:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent) as draft:  # which nobody else may read
            draft.write(make())
            draft.flush()
            with suppress(FileExistsError):
                path.hardlink_to(draft.name)
    return path.read_text().strip(), made
