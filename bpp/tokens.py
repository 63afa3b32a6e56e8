"""Where the operator API and the sandbox's own token for it are found. Light: the client's commands start with this."""

from __future__ import annotations

from pathlib import Path

OPERATOR_PATH = "/api/v1"


def operator_token_file(database_url: str) -> Path:
    """Where the sandbox keeps its operator token: beside an SQLite database, else under ``var``."""
    scheme, _, rest = database_url.partition("://")
    database = rest.partition("/")[2].partition("?")[0]
    beside = scheme.partition("+")[0] == "sqlite" and database not in ("", ":memory:")
    return (Path(database).parent if beside else Path("var")) / "operator-token"
