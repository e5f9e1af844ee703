"""Static files: served from memory, at an address that changes with their content.

`/static/<version>/<name>`: the version is one hash of the whole folder, so browsers may keep a file
for ever, and relative imports between ES modules always meet files of one version. Nothing here
touches the database or the session.
"""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from flask import Flask, abort, redirect, request, url_for
from werkzeug.datastructures import Accept
from werkzeug.wrappers import Response

from .headers import vary_by

FOLDER = Path(__file__).parent / "static"
ENDPOINT = "static"
FOR_EVER = "public, max-age=31536000, immutable"
_IMPORT = re.compile(r"""^(?:import|\}) [^"']*["'](\.[^"']+)["'];$""", re.MULTILINE)
WORTH_PACKING = 500  # bytes; below that the headers weigh more than what gzip saves

# Our own table: `mimetypes` asks Windows' registry, where any program may have called .js text.
# What is not in it is not served: editors and file managers leave files of their own behind.
MEDIA_TYPES = {
    ".css": "text/css",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


class Encoded:
    """The bytes of a file as they travel, with the tag that names exactly these bytes."""

    def __init__(self, body: bytes, encoding: str | None = None) -> None:
        self.body = body
        self.encoding = encoding
        self.etag = hashlib.sha256(body).hexdigest()[:32]


class Asset:
    """One file: what it is, as it is, and packed where that is worth it."""

    def __init__(self, name: str, content: bytes) -> None:
        self.media_type = MEDIA_TYPES[Path(name).suffix]
        self.plain = Encoded(content)
        self.packed = self._pack(content)

    def for_client(self, accepted: Accept) -> Encoded:
        """The form that a client can read, given its Accept-Encoding."""
        if self.packed and accepted.quality("gzip") > 0:
            return self.packed
        return self.plain

    def _pack(self, content: bytes) -> Encoded | None:
        is_text = self.media_type.startswith("text/") or self.media_type.endswith(("json", "xml"))
        if not is_text or len(content) < WORTH_PACKING:
            return None
        # No time in the header: every process and every start gives the same bytes and tag.
        return Encoded(gzip.compress(content, mtime=0), "gzip")


class Edition:
    """All files of a folder as they were at one moment, and the version they make together."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.assets = {name: Asset(name, content) for name, content in files.items()}
        parts = (f"{name}\0{asset.plain.etag}\n" for name, asset in sorted(self.assets.items()))
        self.version = hashlib.sha256("".join(parts).encode()).hexdigest()[:16]

        self._imports: dict[str, Sequence[str]] = {}

    def imports(self, name: str) -> Sequence[str]:
        """The modules that the module of this name needs, and those that they need, each once."""
        if name not in self._imports:
            found = [name]
            for one in found:  # it grows
                found += [module for module in self._imported(one) if module not in found]
            self._imports[name] = found[1:]
        return self._imports[name]

    def _imported(self, name: str) -> Sequence[str]:
        text = self.assets[name].plain.body.decode()
        paths = _IMPORT.findall(text)
        return [posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) for path in paths]


class Shelf:
    """A folder and its edition: the one of the start, or in debugging always the newest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = self._look()
        self._edition = self._read()

    def edition(self, *, newest: bool = False) -> Edition:
        """The edition to serve; `newest` looks first whether a file has changed."""
        if newest and (now := self._look()) != self._seen:
            self._edition, self._seen = self._read(), now
        return self._edition

    def _names(self) -> dict[str, Path]:
        paths = (path for path in self._folder.rglob("*") if path.suffix in MEDIA_TYPES)
        return {p.relative_to(self._folder).as_posix(): p for p in paths if p.is_file()}

    def _look(self) -> dict[str, tuple[int, int]]:
        found = {name: path.stat() for name, path in self._names().items()}
        return {name: (stat.st_mtime_ns, stat.st_size) for name, stat in found.items()}

    def _read(self) -> Edition:
        return Edition({name: path.read_bytes() for name, path in self._names().items()})


def init_app(app: Flask, folder: Path = FOLDER) -> None:
    """Serves the folder's files under `/static/`; gives templates `static_url(name)`, `static_imports(name)`.

    The app must be made with `static_folder=None`.
    """
    shelf = Shelf(folder)

    def serve(version: str, name: str) -> Response:
        edition = shelf.edition(newest=app.debug)
        asset = edition.assets.get(name) or abort(404)  # a name on the shelf, never a path on disk
        if version != edition.version:
            return _moved(static_url(name))
        return _response(asset)

    def static_url(name: str) -> str:
        """The address of a file; a name that is not there is a mistake in a template: KeyError."""
        edition = shelf.edition(newest=app.debug)
        if name not in edition.assets:
            raise KeyError(f"there is no static file {name!r}")
        return url_for(ENDPOINT, version=edition.version, name=name)

    def static_imports(name: str) -> Sequence[str]:
        """The names of the modules that come with one. A browser that is told of them fetches them at
        once, in place of each when it has read the one before."""
        return shelf.edition(newest=app.debug).imports(name)

    app.add_url_rule("/static/<version>/<path:name>", ENDPOINT, serve)
    app.add_template_global(static_url)
    app.add_template_global(static_imports)


def _response(asset: Asset) -> Response:
    chosen = asset.for_client(request.accept_encodings)
    response = Response(chosen.body, mimetype=asset.media_type)
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["X-Content-Type-Options"] = "nosniff"
    if asset.packed:
        vary_by(response, "Accept-Encoding")
    if chosen.encoding:
        response.content_encoding = chosen.encoding
    response.set_etag(chosen.etag)
    return response.make_conditional(request)


def _moved(address: str) -> Response:
    """The way from an older version, in a page left open, to the present one."""
    response = redirect(address, 302)
    response.headers["Cache-Control"] = "no-store"
    return response
