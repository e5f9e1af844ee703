"""A project as small as can be around the real `serve.py`, `webapp.serving` and pip.

What it depends on is made here, so that no test of the bootstrap needs the internet; the build waits
when a test wants to look at an installation in the middle.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from ..running import TOP, poll, run

# What is read before anything is installed, beside webapp/serving.
LAUNCHER = (
    "__init__",
    "__main__",
    "announcing",
    "as_service",
    "command_line",
    "config",
    "developing",
    "launcher",
    "locks",
    "log_paths",
    "opening",
    "setting_kinds",
)

SETUP_CFG = """
[metadata]
name = intray
version = 0.1.0

[options]
install_requires =
    small>=1
{more}
[options.extras_require]
test =
    small-pytest>=1
"""

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["build-backend"]
"""

# PEP 660, as little of it as pip needs. HOLD names a file: while it is there, the build waits.
BACKEND = """
import configparser, os, pathlib, time, zipfile

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    hold = pathlib.Path(os.environ.get("HOLD") or "no hold")
    if hold.exists():
        hold.with_suffix(".reached").touch()
    while hold.exists():
        time.sleep(0.02)
    setup = configparser.ConfigParser()
    setup.read("setup.cfg")
    lines = ["Metadata-Version: 2.1", "Name: intray", "Version: 0.1.0", "Provides-Extra: test"]
    for line in setup["options"]["install_requires"].split():
        lines.append("Requires-Dist: " + line)
    for line in setup["options.extras_require"]["test"].split():
        lines.append("Requires-Dist: " + line + "; extra == 'test'")
    folder = "intray-0.1.0.dist-info/"
    name = "intray-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w") as wheel:
        wheel.writestr("intray_here.pth", os.getcwd())
        wheel.writestr(folder + "METADATA", "\\n".join(lines) + "\\n")
        wheel.writestr(folder + "WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(folder + "RECORD", "")
    return name
"""

COMMANDS = """
import sys

def main(arguments):
    import small
    print("command", *arguments, sys.prefix, sys.flags.dont_write_bytecode)
    return 7
"""

PYTEST = """
def main(arguments):
    print("pytest", *arguments)
    return 5
"""


COPY_PIP = """
import sys

if sys.orig_argv[1:3] == ["-m", "venv"]:
    import pathlib, shutil, venv

    def copy_pip(self, context):
        packages = pathlib.Path(next(pathlib.Path(context.env_dir).rglob("site-packages")))
        shutil.copytree({pip!r}, packages / "pip")

    venv.EnvBuilder._setup_pip = copy_pip
"""


class SmallProject:
    """A checkout in a folder of its own, and a Python that has nothing installed."""

    def __init__(self, place: Path) -> None:
        self.top = place / "in tray"
        self.links = place / "links"
        self.hold = place / "hold"
        self.venv = self.top / ".venv"
        python = make_bare_python(place / "bare")
        hasten(python)
        self.python = str(python)
        self.links.mkdir()
        self.offer("small", "1.0", "")
        self.offer("small_pytest", "1.0", PYTEST, module="pytest")
        self._write()

    def offer(self, name: str, version: str, code: str, *, module: str = "") -> None:
        """Puts a wheel where pip finds it."""
        folder = f"{name}-{version}.dist-info/"
        with zipfile.ZipFile(self.links / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{module or name}.py", code)
            wheel.writestr(
                folder + "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            )
            wheel.writestr(folder + "WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            wheel.writestr(folder + "RECORD", "")

    def require(self, more: str) -> None:
        """Adds a dependency to setup.cfg, as a new version would."""
        setup_cfg = SETUP_CFG.format(more=f"    {more}\n" if more else "")
        (self.top / "setup.cfg").write_text(setup_cfg)

    def start(
        self, *arguments: str, python: str = "", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs a start to its end; `serve.py --version` unless arguments are given."""
        return run(
            *(arguments or ("serve.py", "--version")),
            python=python or self.python,
            environ=self.environ(**environ),
            top=self.top,
        )

    def environ(self, **more: str) -> dict[str, str]:
        return {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.links),
            "HOLD": str(self.hold),
            **more,
        }

    def hold_installation(self) -> None:
        """Has the next installation wait in the middle, until `let_go`."""
        self.hold.touch()

    def wait_until_held(self) -> None:
        poll(self.hold.with_suffix(".reached").exists, "the installation to be in the middle")

    def let_go(self) -> None:
        self.hold.with_suffix(".reached").unlink(missing_ok=True)
        self.hold.unlink(missing_ok=True)

    def installations(self) -> int:
        """How often pip has succeeded in the present `.venv`."""
        return (self.venv / "install.log").read_text().count("Successfully installed")

    def _write(self) -> None:
        self.top.mkdir()
        shutil.copy(TOP / "serve.py", self.top)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(TOP / "webapp" / "serving", self.top / "webapp" / "serving", ignore=ignored)
        for name in LAUNCHER:
            shutil.copy(TOP / "webapp" / f"{name}.py", self.top / "webapp")
        (self.top / "webapp" / "commands.py").write_text(COMMANDS)
        (self.top / "tests").mkdir()
        for name in ("__init__", "__main__"):
            shutil.copy(TOP / "tests" / f"{name}.py", self.top / "tests")
        (self.top / "build-backend").mkdir()
        (self.top / "build-backend" / "backend.py").write_text(BACKEND)
        (self.top / "pyproject.toml").write_text(PYPROJECT)
        self.require("")


def make_bare_python(place: Path) -> Path:
    """The interpreter of an environment without any package, pip included."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(place)], check=True, timeout=60
    )
    return python_in(place)


def hasten(python: Path) -> None:
    """Has `python -m venv` copy the pip of the tests, as unpacking another takes several seconds."""
    pip = importlib.util.find_spec("pip")
    if pip is not None and pip.origin is not None:
        where = "import sysconfig; print(sysconfig.get_path('purelib'))"
        packages = subprocess.check_output([python, "-c", where], text=True).strip()
        code = COPY_PIP.format(pip=str(Path(pip.origin).parent))
        (Path(packages) / "sitecustomize.py").write_text(code)


def python_in(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
