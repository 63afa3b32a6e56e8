"""Our style and scripts: read once, addressed by their digest, and so kept by browsers for a year."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}
DIGITS = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served, and the name under which it is: ``console.0123abcd.css``."""

    name: str
    body: bytes
    media_type: str

    def answer(self, headers: Mapping[str, str]) -> web.Response:
        """The file, packed for browsers that unpack it: nothing in it is secret."""
        response = web.Response(body=self.body, content_type=self.media_type, charset="utf-8", headers=headers)
        response.enable_compression()
        return response


def read_assets() -> Mapping[str, Asset]:
    """Every file of ours by its plain name."""
    return {path.name: _asset(path) for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


def add_static_routes(app: web.Application, base: str, assets: Mapping[str, Asset]) -> Mapping[str, str]:
    """Serve the files; their addresses by their plain names."""
    by_name = {asset.name: asset for asset in assets.values()}

    async def serve(request: web.Request) -> web.Response:
        asset = by_name.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return asset.answer(KEPT)

    app.router.add_get("/static/{name}", serve, name="static")
    return {plain: f"{base}/static/{asset.name}" for plain, asset in assets.items()}


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:DIGITS]
    return Asset(f"{path.stem}.{digest}{path.suffix}", body, TYPES[path.suffix])
