"""The boot settings: where they come from, which values they take, and what is said of bad ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from webapp.config import TABLE, SettingError, load, said_at_start
from webapp.setting_kinds import default_data_folder


def write_file(data: Path, content: str) -> dict[str, str]:
    """Makes a data folder with this `intray.toml`; gives the command line that names it."""
    data.mkdir()
    (data / "intray.toml").write_text(content, encoding="utf-8")
    return {"data": str(data)}


def test_without_anything_said_there_are_defaults_that_serve() -> None:
    settings = load({}, {})
    assert (settings.host, settings.port, settings.threads) == ("127.0.0.1", 8080, 8)
    assert settings.data == Path(__file__).parent.parent / "data" == default_data_folder()
    assert (settings.app, settings.dev, settings.public_url) == ("", False, "")


def test_the_command_line_wins_over_the_environment_over_the_file(tmp_path: Path) -> None:
    named = write_file(tmp_path / "data", 'port = 1\nthreads = 2\nhost = "::1"')
    environ = {"INTRAY_PORT": "3", "INTRAY_THREADS": "4"}
    settings = load({**named, "port": "5"}, environ)
    assert (settings.port, settings.threads, settings.host) == (5, 4, "::1")


def test_the_file_is_that_of_the_data_folder_that_the_environment_names(tmp_path: Path) -> None:
    named = write_file(tmp_path / "data", 'port = "81"')
    assert load({}, {"INTRAY_DATA": named["data"]}).port == 81


def test_a_file_saved_by_notepad_is_read(tmp_path: Path) -> None:
    named = write_file(tmp_path / "data", "\ufeffport = 81\r\n")
    assert load(named, {}).port == 81


@pytest.mark.parametrize("row", [row.name for row in TABLE])
def test_each_setting_has_a_default_that_it_accepts(row: str) -> None:
    field = next(one for one in TABLE if one.name == row)
    assert load({row: field.metadata["default"]}, {}) == load({}, {})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "0"),
        ("port", "65536"),
        ("port", "-1"),
        ("port", "80.5"),
        ("port", "8o"),
        ("port", "٨٠"),
        ("port", ""),
        ("port", "9" * 5000),
        ("threads", "0"),
        ("threads", "many"),
        ("host", ""),
        ("host", "my host"),
        ("host", "[::1]"),
        ("data", "a\0b"),
        pytest.param(
            "data",
            "~no-such-user-here/data",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows guesses the folder"),
        ),
        ("dev", "maybe"),
        ("app", "shop"),
        ("app", "shop.wsgi:"),
        ("app", "shop wsgi:app"),
        ("public_url", "forms.example.org"),
        ("public_url", "ftp://forms.example.org"),
        ("public_url", "https://"),
        ("public_url", "https://me:secret@forms.example.org"),
        ("public_url", "https://forms.example.org/?a=b"),
        ("public_url", "https://forms.example.org/intray"),
        ("public_url", "https://forms.example.org:0"),
        ("public_url", "https://forms.example.org:99999"),
        ("public_url", "https://forms.exa mple.org"),
        ("public_url", "https://forms.example\n.org"),
        ("public_url", "https://[::1"),
        ("database_url", "mysql://localhost/intray"),
    ],
)
def test_a_bad_value_is_refused_by_a_sentence_that_names_the_setting(name: str, text: str) -> None:
    option, variable = "--" + name.replace("_", "-"), "INTRAY_" + name.upper()
    with pytest.raises(SettingError, match=rf"^{option} is (?s:.*), but must be .+\.$"):
        load({name: text}, {})
    with pytest.raises(SettingError, match=rf"^{variable} is (?s:.*), but must be .+\.$"):
        load({}, {variable: text})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("port", "65535", 65535),
        ("host", "fe80::1", "fe80::1"),
        ("host", "my-pc.local", "my-pc.local"),
        ("dev", "YES", True),
        ("dev", "0", False),
        ("app", "shop.wsgi:make()", "shop.wsgi:make()"),
        ("public_url", "https://forms.example.org/", "https://forms.example.org"),
        ("public_url", "http://192.168.1.5:8080", "http://192.168.1.5:8080"),
        ("database_url", "postgres://u:p@h/n", "postgresql+psycopg://u:p@h/n"),
        ("database_url", "postgresql://u:p@h/n", "postgresql+psycopg://u:p@h/n"),
    ],
)
def test_a_good_value_is_taken(name: str, text: str, value: object) -> None:
    assert getattr(load({name: text}, {}), name) == value


def test_the_data_folder_is_absolute_and_may_be_of_the_home(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("USERPROFILE", "/home/ann")
    assert load({"data": "~/data"}, {}).data == Path("/home/ann/data").absolute()
    assert load({"data": "some/data"}, {}).data == Path.cwd() / "some" / "data"


def test_a_password_is_not_shown() -> None:
    with pytest.raises(SettingError) as refused:
        load({"database_url": "mysql://ann:sec/ret@localhost/intray"}, {})
    assert "ret" not in str(refused.value)
    assert "localhost/intray" in str(refused.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("prot = 8080", "has the key 'prot', which is none of: host, port, socket, "),
        ('data = "/elsewhere"', "has the key 'data', which is none of: "),
        ("dev = true", "has the key 'dev', which is none of: "),
        ("port = 0", "port in .* is '0', but must be a whole number from 1 to 65535"),
        ("port = true", "port in .* is 'true', but must be a whole number"),
        ("port = 80.5", "port must be a text or a whole number"),
        ("[port]\nnumber = 1", "port must be a text or a whole number"),
        ("port 8080", "is no valid TOML: "),
    ],
)
def test_a_bad_line_of_the_file_is_refused_by_a_sentence(
    tmp_path: Path, content: str, sentence: str
) -> None:
    with pytest.raises(SettingError, match=sentence + r".*\.$") as refused:
        load(write_file(tmp_path / "data", content), {})
    assert "intray.toml" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_of_another_encoding_is_refused_by_a_sentence(tmp_path: Path) -> None:
    named = write_file(tmp_path / "data", "")
    (tmp_path / "data" / "intray.toml").write_bytes('host = "bü"'.encode("utf-16"))
    with pytest.raises(SettingError, match="is no valid TOML"):
        load(named, {})


def test_a_file_that_cannot_be_read_is_refused_by_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data" / "intray.toml").mkdir(parents=True)
    with pytest.raises(SettingError, match=r"intray\.toml cannot be read: .+\.$"):
        load({"data": str(tmp_path / "data")}, {})


def test_a_data_folder_under_a_file_is_left_to_whoever_makes_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert load({"data": str(tmp_path / "file" / "data")}, {}).port == 8080


@pytest.mark.parametrize("variable", ["INTRAY_PROT", "INTRAY_", "INTRAY_Port"])
def test_an_unknown_variable_is_warned_of(variable: str, caplog: pytest.LogCaptureFixture) -> None:
    load({}, {variable: "8080", "PORT": "8080", "INTRAY_PORT": "8080"})
    assert caplog.messages == [f"{variable} is set, but Intray has no such setting."]


@pytest.mark.parametrize(
    ("text", "names"),
    [("", ()), ("Forms.Example.org., intranet,", ("forms.example.org", "intranet"))],
)
def test_other_names_are_separated_by_commas(text: str, names: tuple[str, ...]) -> None:
    assert load({"allowed_hosts": text}, {}).allowed_hosts == names


@pytest.mark.parametrize("text", ["https://a.b", "a b", "a:80", "*.example.org", "a..b"])
def test_a_name_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="names such as"):
        load({"allowed_hosts": text}, {})


@pytest.mark.parametrize(
    ("command_line", "environ", "source"),
    [
        ({}, {}, ""),
        ({"host": "::1"}, {"INTRAY_HOST": "::1"}, "--host"),
        ({"port": "80"}, {"INTRAY_HOST": "127.0.0.1"}, "INTRAY_HOST"),
    ],
)
def test_it_is_known_what_was_said_for_one_start_alone(
    command_line: dict[str, str], environ: dict[str, str], source: str
) -> None:
    assert said_at_start("host", command_line, environ) == source
