"""`serve.py` as a person meets it: what it prints, what it refuses, and its exit codes."""

from __future__ import annotations

import ast
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from .running import TOP, Server, answers, free_port, occupied_port, poll, run

OTHER = "tests.serving.applications:modules"
OLD_PYTHONS = ["2.7", "3.6", "3.7", "3.8", "3.9", "3.10"]


def serve(*arguments: str, data: Path | None = None, **environ: str) -> tuple[int, str, str]:
    """Exit code, standard output and error of a start that ends by itself."""
    done = run("serve.py", *arguments, data=data, environ=environ)
    return done.returncode, done.stdout, done.stderr


def refused(sentence: str) -> tuple[int, str, str]:
    return (2, "", sentence + "\n")


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        text: str = answer.read().decode()
    return text


# --- what it says


def test_it_prints_the_address_to_open(tmp_path: Path) -> None:
    with Server(data=tmp_path / "data") as server:
        assert get(server.url + "/index") == "Hello World!"
        first, *others = server.output.splitlines()
        assert first == f"Intray is at {server.url}/ - press Ctrl-C to stop."
        others = [line for line in others if not line.startswith("Set Intray up: ")]
        assert (others == []) is (sys.platform != "win32")  # there it says how many it can take


def test_for_the_network_it_prints_that_address_and_its_qr_code(tmp_path: Path) -> None:
    with Server("--host", "0.0.0.0", data=tmp_path / "data") as server:
        first, *others = server.output.splitlines()
        assert first == f"Intray is at {server.url}/ - press Ctrl-C to stop."
        named = re.findall(r"^Others in your network open (http://\S+/)$", server.output, re.M)
        for url in named:
            assert get(url + "index") == "Hello World!"
        assert len([line for line in others if "▄▄▄▄▄" in line]) >= 2 * len(named)


def test_a_console_of_few_characters_gets_the_address_without_the_picture(tmp_path: Path) -> None:
    environ = {"PYTHONIOENCODING": "cp1252"}
    with Server("--host", "0.0.0.0", data=tmp_path / "data", environ=environ) as server:
        assert server.output.isascii()
        assert "?" not in server.output.replace("/setup?key=", "")


def test_help_and_version_are_printed() -> None:
    code, text, _ = serve("--help")
    assert code == 0
    for option in ("--host HOST", "--port PORT", "--threads", "--app MODULE:NAME", "--dev"):
        assert option in text
    assert serve("--version") == (0, "Intray 0.1.0\n", "")


# --- settings


def test_settings_come_from_the_command_line_the_environment_and_the_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "intray.toml").write_text('port = 1\nthreads = 2\nhost = "localhost"')
    with Server(data=data, environ={"INTRAY_PORT": "2"}) as server:
        assert server.output.startswith(f"Intray is at http://localhost:{server.port}/")


def test_an_unknown_variable_is_warned_of(tmp_path: Path) -> None:
    environ = {"INTRAY_PROT": "80"}
    with Server("--app", OTHER, environ=environ, cwd=TOP) as server:
        assert "INTRAY_PROT is set, but Intray has no such setting." in server.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "x"], "--port is 'x', but must be a whole number from 1 to 65535."),
        (["--port", "65536"], "--port is '65536', but must be a whole number from 1 to 65535."),
        (["--port="], "--port is '', but must be a whole number from 1 to 65535."),
        (["--threads", "0"], "--threads is '0', but must be a whole number from 1 to 1000."),
        (["--port"], "Argument --port: expected one argument; --help lists the options."),
        (["--prot", "80"], "Unrecognized arguments: --prot 80; --help lists the options."),
        (["--por", "80"], "Unrecognized arguments: --por 80; --help lists the options."),
        (["8080"], "Unrecognized arguments: 8080; --help lists the options."),
        (
            ["--app", "nothing:here"],
            f"--app names the module nothing, but neither {TOP} nor Python has it.",
        ),
        (
            ["--app", "json:dump_all"],
            "--app is json:dump_all, but the module json has no dump_all.",
        ),
        (
            ["--dev", "--host", "0.0.0.0"],
            "--dev lets whoever reaches it run programs here, so it listens on 127.0.0.1 only, "
            "not on 0.0.0.0.",
        ),
    ],
)
def test_a_bad_start_is_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert serve(*arguments, data=data) == refused(sentence)
    assert not data.exists()


def test_a_bad_variable_is_one_sentence(tmp_path: Path) -> None:
    sentence = "INTRAY_PORT is 'x', but must be a whole number from 1 to 65535."
    assert serve(data=tmp_path / "data", INTRAY_PORT="x") == refused(sentence)


def test_an_unknown_key_of_the_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "intray.toml").write_text("prot = 80")
    code, _, sentence = serve(data=tmp_path)
    assert code == 2
    assert sentence.startswith(f"{tmp_path / 'intray.toml'} has the key 'prot', which is none of: ")
    assert sentence.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["intray.toml"]


# --- what it needs


def test_a_port_in_use_is_one_sentence_and_nothing_is_made(tmp_path: Path) -> None:
    with occupied_port() as port:
        said = serve("--port", str(port), data=tmp_path / "data")
    sentence = f"Port {port} is in use by another program: choose another one with --port."
    assert said == refused(sentence)
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    data = tmp_path / "file" / "data"
    code, output, sentence = serve("--port", str(free_port()), data=data)
    assert (code, output) == (2, "")
    assert re.fullmatch(
        rf"The data folder {re.escape(str(data))} cannot be written: .+\.\n", sentence
    )
    assert (tmp_path / "file").read_bytes() == b"kept"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no read-only folders")
def test_a_data_folder_of_somebody_else_is_one_sentence(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        data, why = Path("/proc/intray"), "No such file or directory"  # not even root writes there
    else:
        data, why = tmp_path / "data", "Permission denied"
        data.mkdir(mode=0o500)
    if not data.parent.is_dir():
        pytest.skip("there is no folder that root cannot write to")
    said = serve("--port", str(free_port()), data=data)
    assert said == refused(f"The data folder {data} cannot be written: {why}.")


def test_what_the_application_refuses_to_start_with_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("short")
    code, output, sentence = serve("--port", str(free_port()), data=tmp_path)
    assert (code, output, sentence.count("\n")) == (2, "", 1)
    assert "secret.key is damaged" in sentence
    assert not (tmp_path / "serve.address").exists()


@pytest.mark.parametrize("same_port", [True, False])
def test_a_second_start_says_where_the_first_one_is(tmp_path: Path, same_port: bool) -> None:
    data = tmp_path / "data"
    with Server(data=data) as server:
        port = server.port if same_port else free_port()
        said = serve("--port", str(port), data=data)
        assert said == refused(f"Intray already runs on this data folder at {server.url}/.")
        assert get(server.url + "/index") == "Hello World!"


def test_a_killed_server_does_not_keep_its_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Server(data=data) as server:
        server.kill()
    with Server(data=data) as server:
        assert get(server.url + "/index") == "Hello World!"


def test_a_data_folder_in_a_cloud_is_warned_of(tmp_path: Path) -> None:
    with Server(data=tmp_path / "Dropbox" / "data") as server:
        assert re.search(r"^Warning: the data folder .+ --data\.$", server.output, re.M)


# --- another application


def test_another_application_is_served_without_flask_and_without_a_data_folder(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with Server("--app", OTHER, data=data, cwd=TOP) as server:
        loaded = {name.partition(".")[0] for name in json.loads(get(server.url))}
        assert server.output.startswith(f"{OTHER} is at {server.url}/ - press Ctrl-C to stop.\n")
    assert "waitress" in loaded
    assert loaded.isdisjoint({"flask", "sqlalchemy", "werkzeug", "jinja2", "alembic"})
    assert not data.exists()


def test_another_application_is_found_in_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "def make():\n"
        "    def application(environ, start_response):\n"
        "        start_response('200 OK', [])\n"
        "        return [b'the shop']\n"
        "    return application\n"
    )
    with Server("--app", "shop:make()", cwd=tmp_path) as server:
        assert get(server.url) == "the shop"


def test_importing_the_launcher_loads_the_standard_library_alone() -> None:
    serving = [path.stem for path in (TOP / "webapp" / "serving").glob("*.py")]
    names = [f"webapp.serving.{name}" for name in serving if name not in ("__init__", "winjob")]
    code = (
        f"import importlib, sys; known = set(sys.modules)\n"
        f"for name in {['webapp', 'webapp.launcher', 'serve', *names]}: importlib.import_module(name)\n"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - known}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    loaded.discard("__mp_main__")  # multiprocessing's name for the program itself
    assert loaded - sys.stdlib_module_names == {"webapp", "serve"}


# --- for developers


def test_dev_answers_with_flasks_own_server_and_debugger(tmp_path: Path) -> None:
    with Server("--dev", data=tmp_path / "data") as server:
        assert get(server.url + "/index") == "Hello World!"
        assert server.output.startswith(f"Intray is at {server.url}/")
        server.wait_for_output("Debugger is active!")
        said = serve("--port", str(server.port), data=tmp_path / "data")
        assert said == refused(f"Intray already runs on this data folder at {server.url}/.")
        assert server.stop() == 0
        poll(lambda: not answers(server.port), "the port to be free")


def test_dev_goes_on_when_the_code_is_mended(tmp_path: Path) -> None:
    shop = tmp_path / "shop.py"
    answering = (
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [b'{}']\n"
    )
    shop.write_text(answering.format("the shop"))
    with Server("--dev", "--app", "shop:application", cwd=tmp_path) as server:
        assert get(server.url) == "the shop"
        save_anew(shop, "def application(environ, start_response")
        poll(lambda: "SyntaxError" in whatever(server.url), "the debugger's page")
        save_anew(shop, answering.format("the shop, mended"))
        poll(lambda: whatever(server.url) == "the shop, mended", "the mended answer")


def save_anew(path: Path, content: str) -> None:
    """Saves a file with a time that differs from the last one, on a coarse clock too."""
    later = path.stat().st_mtime + 10
    path.write_text(content)
    os.utime(path, (later, later))


def whatever(url: str) -> str:
    """What the server answers, be it an error; empty where it does not answer just now."""
    try:
        try:
            return get(url)
        except urllib.error.HTTPError as error:
            return error.read().decode()
    except (OSError, http.client.HTTPException):  # refused, or cut off in the middle
        return ""


def test_dev_with_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with occupied_port() as port:
        code, output, sentence = serve("--dev", "--port", str(port), data=tmp_path / "data")
    assert (code, output) == (2, "")
    assert (
        sentence == f"Port {port} is in use by another program: choose another one with --port.\n"
    )


# --- an old Python


@pytest.mark.parametrize("name", ["serve.py", "tests/__main__.py", "webapp/__main__.py"])
def test_an_old_python_can_read_what_tells_it_that_it_is_old(name: str) -> None:
    for path in (TOP / name, TOP / "webapp" / "__init__.py", TOP / "tests" / "__init__.py"):
        ast.parse(path.read_bytes(), feature_version=(3, 5))


def old_python(version: str) -> str:
    """A Python of that version, where pyenv or the system has one that runs."""
    places = [Path.home() / ".pyenv" / "versions", Path("/opt/hostedtoolcache/Python")]
    found = [str(path) for place in places for path in place.glob(f"{version}.*/bin/python")]
    for candidate in [*found, f"python{version}"]:
        try:
            subprocess.run([candidate, "-c", ""], capture_output=True, check=True, timeout=30)
        except (OSError, subprocess.CalledProcessError):
            continue
        return candidate
    pytest.skip(f"there is no Python {version} here")


@pytest.mark.parametrize("version", OLD_PYTHONS)
@pytest.mark.parametrize("start", [["serve.py"], ["-m", "webapp"], ["-m", "tests"]])
def test_an_old_python_gets_one_sentence(version: str, start: list[str]) -> None:
    if version == "2.7" and start[0] == "-m":
        pytest.skip("nobody has told people to type that with Python 2")
    done = run(*start, python=old_python(version))
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(rf"Intray needs Python 3\.11 or newer; .+{version}.*\.\n", done.stderr)


# --- it starts anywhere


def test_it_starts_from_any_folder_and_through_a_name_with_spaces(tmp_path: Path) -> None:
    elsewhere = tmp_path / "übrige Formulare"
    elsewhere.mkdir()
    with Server(data=elsewhere / "data", cwd=elsewhere) as server:
        assert get(server.url + "/index") == "Hello World!"
    assert (elsewhere / "data" / "intray.db").is_file()


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_an_ipv6_address_is_served(tmp_path: Path) -> None:
    server = Server("--app", OTHER, "--host", "::1", cwd=TOP)
    server.start()
    try:
        server.wait_for_output(f"is at http://[::1]:{server.port}/")
        assert "waitress" in get(f"http://[::1]:{server.port}/")
    finally:
        server.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no ulimit")
def test_few_connections_are_said() -> None:
    name = "tests.serving.applications:slow"
    serve = (sys.executable, TOP / "serve.py", "--app", name, "--port", "{port}")
    limited = ("sh", "-c", 'ulimit -n 1024; exec "$@"', "sh")
    with Server(command=(*limited, *serve), path="/") as server:
        said = "By the limit on open files (ulimit -n) it holds up to 341 connections at once.\n"
        assert server.output.endswith(said)
