"""Static files: which are served, and how, over a real folder."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from webapp import assets

SCRIPT = "export const greeting = 'Grüße';\n" * 40
SECRET = "the secret beside the folder"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "css").mkdir(parents=True)
    (folder / "css" / "base.css").write_bytes(b"body { color: black }\n" * 50)
    (folder / "css" / "small.css").write_bytes(b"p { margin: 0 }\n")
    (folder / "app.js").write_text(SCRIPT, encoding="utf-8", newline="\n")
    (folder / "icon.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 20)
    (folder / "photo.png").write_bytes(b"\x89PNG" + b"\0" * 2000)
    (folder / "app.js.swp").write_text(SECRET)
    (tmp_path / "secret.txt").write_text(SECRET)
    return folder


@pytest.fixture
def app(folder: Path) -> Flask:
    app = Flask("bare", static_folder=None)
    assets.init_app(app, folder)
    return app


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


def url_of(app: Flask, name: str) -> str:
    with app.test_request_context():
        return render_template_string("{{ static_url(name) }}", name=name)


def test_an_address_holds_a_hash_and_the_name(app: Flask) -> None:
    assert re.fullmatch(r"/static/[0-9a-f]{16}/css/base\.css", url_of(app, "css/base.css"))


def test_all_files_share_one_hash_so_that_relative_imports_work(app: Flask) -> None:
    assert url_of(app, "app.js").split("/")[2] == url_of(app, "css/base.css").split("/")[2]


def test_an_address_keeps_the_prefix_that_the_app_is_mounted_under(app: Flask) -> None:
    with app.test_request_context(base_url="http://host/intray"):
        address = render_template_string("{{ static_url('app.js') }}")
    assert address.startswith("/intray/static/")


def test_a_template_that_names_a_missing_file_fails(app: Flask) -> None:
    with pytest.raises(KeyError, match=r"css/none\.css"):
        url_of(app, "css/none.css")


@pytest.mark.parametrize("change", ["content", "name", "new file"])
def test_the_hash_changes_with_any_file(app: Flask, folder: Path, change: str) -> None:
    before = url_of(app, "app.js")
    match change:
        case "content":
            (folder / "css" / "small.css").write_bytes(b"p { margin: 1px }\n")
        case "name":
            (folder / "css" / "small.css").rename(folder / "css" / "tiny.css")
        case "new file":
            (folder / "new.js").write_bytes(b"")
    later = Flask("later", static_folder=None)
    assets.init_app(later, folder)
    assert url_of(later, "app.js") != before


def test_the_hash_is_the_same_at_every_start(app: Flask, folder: Path) -> None:
    later = Flask("later", static_folder=None)
    assets.init_app(later, folder)
    assert url_of(later, "app.js") == url_of(app, "app.js")


def test_a_file_may_be_kept_for_ever(app: Flask, client: FlaskClient) -> None:
    response = client.get(url_of(app, "css/base.css"))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("css/base.css", "text/css; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml; charset=utf-8"),
        ("photo.png", "image/png"),
    ],
)
def test_it_says_what_a_file_is(
    app: Flask, client: FlaskClient, name: str, media_type: str
) -> None:
    assert client.get(url_of(app, name)).headers["Content-Type"] == media_type


def test_the_registry_of_windows_has_no_say(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mimetypes.guess_type", lambda *_, **__: ("text/plain", None))
    response = client.get(url_of(app, "app.js"))
    assert response.mimetype == "text/javascript"


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "*", "GZIP"])
def test_a_client_that_reads_gzip_gets_it(app: Flask, client: FlaskClient, accepted: str) -> None:
    response = client.get(url_of(app, "app.js"), headers={"Accept-Encoding": accepted})
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.content_length == len(response.data) < len(SCRIPT)
    assert gzip.decompress(response.data).decode() == SCRIPT


@pytest.mark.parametrize("accepted", ["", "br", "identity", "gzip;q=0", "gzip;q=0, *"])
def test_a_client_that_reads_no_gzip_gets_the_file_as_it_is(
    app: Flask, client: FlaskClient, accepted: str
) -> None:
    response = client.get(url_of(app, "app.js"), headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in response.headers
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.data.decode() == SCRIPT


@pytest.mark.parametrize("name", ["css/small.css", "photo.png"])
def test_what_gzip_would_not_shorten_by_much_has_one_form(
    app: Flask, client: FlaskClient, name: str
) -> None:
    response = client.get(url_of(app, name), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers
    assert "Vary" not in response.headers


def test_each_encoding_has_its_own_strong_etag(app: Flask, client: FlaskClient) -> None:
    url = url_of(app, "app.js")
    plain = client.get(url).headers["ETag"]
    packed = client.get(url, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert plain != packed
    assert not plain.startswith("W/")
    assert not packed.startswith("W/")


@pytest.mark.parametrize("accepted", ["", "gzip"])
def test_a_client_that_has_the_file_gets_304(
    app: Flask, client: FlaskClient, accepted: str
) -> None:
    url, headers = url_of(app, "app.js"), {"Accept-Encoding": accepted}
    etag = client.get(url, headers=headers).headers["ETag"]
    response = client.get(url, headers={**headers, "If-None-Match": f'"other", {etag}'})
    assert response.status_code == 304
    assert response.data == b""
    assert response.headers["ETag"] == etag
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["Cache-Control"] == assets.FOR_EVER


def test_a_client_that_has_another_file_gets_this_one(app: Flask, client: FlaskClient) -> None:
    response = client.get(url_of(app, "app.js"), headers={"If-None-Match": '"other"'})
    assert response.status_code == 200
    assert response.data.decode() == SCRIPT


def test_head_gives_the_headers_alone(app: Flask, client: FlaskClient) -> None:
    url = url_of(app, "app.js")
    head, get = client.head(url), client.get(url)
    assert head.data == b""
    assert head.content_length == get.content_length == len(SCRIPT.encode())
    assert head.headers["ETag"] == get.headers["ETag"]


def test_it_takes_no_post(app: Flask, client: FlaskClient) -> None:
    assert client.post(url_of(app, "app.js")).status_code == 405


def test_an_older_address_leads_to_the_present_one(app: Flask, client: FlaskClient) -> None:
    response = client.get("/static/0123456789abcdef/css/base.css")
    assert response.status_code == 302
    assert response.headers["Location"] == url_of(app, "css/base.css")
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "css/none.css",
        "css",
        "css/",
        "CSS/base.css",
        "app.js.swp",  # left behind by an editor
        "../secret.txt",
        "css/../../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "..\\secret.txt",
        "..%5csecret.txt",
        "css\\base.css",
        "/etc/passwd",
        "C:/Windows/win.ini",
        "app.js%00",
        "app.js::$DATA",
    ],
)
@pytest.mark.parametrize("version", ["current", "0123456789abcdef"])
def test_nothing_but_the_folders_own_files_is_served(
    app: Flask, client: FlaskClient, version: str, path: str
) -> None:
    if version == "current":
        version = url_of(app, "app.js").split("/")[2]
    response = client.get(f"/static/{version}/{path}", follow_redirects=True)
    assert response.status_code == 404
    assert SECRET not in response.text


def test_a_file_that_came_after_the_start_is_not_served(
    app: Flask, client: FlaskClient, folder: Path
) -> None:
    version = url_of(app, "app.js").split("/")[2]
    (folder / "late.js").write_bytes(b"")
    assert client.get(f"/static/{version}/late.js").status_code == 404


def test_a_change_on_disk_waits_for_the_next_start(
    app: Flask, client: FlaskClient, folder: Path
) -> None:
    url = url_of(app, "app.js")
    (folder / "app.js").unlink()
    assert client.get(url).data.decode() == SCRIPT


def test_in_debugging_a_change_shows_at_once(app: Flask, client: FlaskClient, folder: Path) -> None:
    app.debug = True
    before = url_of(app, "app.js")
    (folder / "app.js").write_bytes(b"let changed;")
    os.utime(folder / "app.js", ns=(1, 1))
    after = url_of(app, "app.js")
    assert after != before
    assert client.get(before, follow_redirects=True).data == b"let changed;"
    assert client.get(after).data == b"let changed;"


def test_in_debugging_a_new_file_shows_at_once(
    app: Flask, client: FlaskClient, folder: Path
) -> None:
    app.debug = True
    (folder / "new.js").write_bytes(b"let fresh;")
    assert client.get(url_of(app, "new.js")).data == b"let fresh;"


# The files that Intray itself has.

SHEETS = ("tokens", "base", "components", "pages")
TEMPLATES = sorted(Path(assets.__file__).parent.rglob("templates/**/*.html"))


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6});", block))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_colours_have_the_contrast_that_wcag_asks_for(theme: str) -> None:
    sheet = (assets.FOLDER / "css" / "tokens.css").read_text(encoding="utf-8")
    light, dark, paper = (colours(block) for block in re.split(r"@media", sheet))
    palette = light | {"light": {}, "dark": dark, "print": paper}[theme]
    assert set(light) == set(light | dark | paper)
    assert theme != "dark" or set(dark) == set(light)
    texts = [("on-accent", "accent"), ("on-accent", "accent-strong")] if theme != "print" else []
    for ground in ("paper", "surface", "tint"):
        texts += [(text, ground) for text in ("ink", "ink-soft", "accent", "accent-strong")]
        texts += [("danger", ground)]
        assert contrast(palette["border"], palette[ground]) >= 3, ("border", ground)
    for text, ground in texts:
        assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_nothing_that_the_content_policy_forbids(template: Path) -> None:
    found = re.findall(
        r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|(?:src|href)=\"(?:https?:)?//",
        template.read_text(encoding="utf-8"),
    )
    assert not found


def test_style_sheets_load_nothing_from_elsewhere() -> None:
    for path in assets.FOLDER.rglob("*.css"):
        assert not re.search(r"@import|url\(", path.read_text(encoding="utf-8")), path.name


def test_the_modules_that_a_script_needs_are_told_to_the_last() -> None:
    """A page that names them has the browser fetch all of them at once."""
    app = Flask("bare", static_folder=None)
    assets.init_app(app)
    with app.test_request_context():
        told = render_template_string(
            "{{ static_imports('js/uploads/page.js')|join(' ') }}"
        ).split()
    uploads = {f"js/uploads/{path.name}" for path in (assets.FOLDER / "js/uploads").iterdir()}
    assert {*told, "js/uploads/page.js"} == {*uploads, "js/keeping.js"}
    assert len(told) == len(set(told))


def test_the_style_sheets_and_the_icon_are_served() -> None:
    app = Flask("bare", static_folder=None)
    assets.init_app(app)
    client = app.test_client()
    for name in ["icon.svg", *(f"css/{sheet}.css" for sheet in SHEETS)]:
        assert client.get(url_of(app, name)).status_code == 200
