"""`python -m tests.bench`: measures Intray beside bare Flask, and prints what it found."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from ..running import Server
from . import (
    desk,
    downloads,
    exports,
    folders,
    growth,
    phones,
    requests,
    rules,
    schools,
    seeing,
    servers,
    serving,
    starting,
    uploads,
)
from .plan import QUICK, Plan
from .schools import School
from .tables import Table

DESCRIPTION = """Measures Intray on this computer, over loopback, beside a bare Flask application on the
same server. Read ratios: times are those of this computer at this moment."""


class Bench:
    """One run: the data folders that its parts share, made when the first needs them."""

    def __init__(self, folder: Path, plan: Plan, schools: Path | None = None) -> None:
        self._folder = folder
        self._plan = plan
        self._schools = schools or folder / "schools"

    def requests(self) -> Iterator[Table]:
        with ExitStack() as stack:
            ours = stack.enter_context(Server(data=self._data("requests", self._plan.few)))
            bare = stack.enter_context(Server(*starting.BARE, path=requests.BARE_PATH))
            rows = requests.measure(ours, bare, self._folder, self._plan)
        yield Table("requests", requests.ABOUT, rows)

    def rules(self) -> Iterator[Table]:
        yield Table("rules", rules.ABOUT, rules.measure(self._folder / "rules", self._plan))

    def phones(self) -> Iterator[Table]:
        if phones.chromium() is None:
            print("Chromium is missing: apt-get install chromium")
            return
        rows = phones.measure(_made(self._folder / "phones"), self._plan)
        yield Table("phones", phones.ABOUT, rows)

    def growth(self) -> Iterator[Table]:
        rows = growth.measure(self._few(), self._many(), self._plan)
        yield Table("growth", growth.ABOUT, rows)

    def starts(self) -> Iterator[Table]:
        named = [
            (f"a folder with {self._plan.few:,} submissions", self._few()),
            (f"a folder with {self._plan.many:,} submissions", self._many()),
        ]
        rows = starting.measure_starts(named, self._folder / "empty", self._plan)
        yield Table("starts", starting.ABOUT, rows)
        memory = starting.measure_memory(self._few(), self._plan)
        yield Table("memory", starting.MEMORY_ABOUT, memory)

    def imports(self) -> Iterator[Table]:
        yield Table("imports", starting.IMPORTS_ABOUT, starting.measure_imports(self._few()))

    def desk(self) -> Iterator[Table]:
        few, *others = [self._school(count) for count in self._plan.schools]
        yield Table("desk", desk.ABOUT, desk.measure(others or [few], self._plan))
        yield Table("exports", exports.ABOUT, exports.measure([few, *others]))

    def downloads(self) -> Iterator[Table]:
        rows = downloads.measure(self._folder / "downloads", self._plan)
        yield Table("downloads", downloads.ABOUT, rows)

    def uploads(self) -> Iterator[Table]:
        rows = uploads.measure(_made(self._folder / "uploads"), self._plan)
        yield Table("uploads", uploads.ABOUT, rows)
        memory = uploads.measure_memory(_made(self._folder / "memory"), self._plan)
        yield Table("uploads-memory", uploads.MEMORY_ABOUT, memory)

    def seeing(self) -> Iterator[Table]:
        yield Table(
            "seeing", seeing.ABOUT, seeing.measure(_made(self._folder / "seeing"), self._plan)
        )

    def serving(self) -> Iterator[Table]:
        for name in servers.missing():
            print(f"{name} is not there: `pip install` it beside this Python ({sys.executable})")
        rows = serving.measure(self._folder / "serving", self._plan)
        yield Table("serving", serving.ABOUT, rows)
        idle = serving.measure_idle(self._folder / "serving-idle", self._plan)
        yield Table("serving-idle", serving.IDLE_ABOUT, idle)

    def _school(self, submissions: int) -> School:
        return schools.make(self._schools / str(submissions), submissions)

    def _few(self) -> Path:
        return self._data("few", self._plan.few)

    def _many(self) -> Path:
        return self._data("many", self._plan.many)

    def _data(self, name: str, submissions: int) -> Path:
        data = self._folder / name
        if not data.exists():
            folders.make(data, submissions)
        return data


PARTS: dict[str, Callable[[Bench], Iterator[Table]]] = {
    "requests": Bench.requests,
    "rules": Bench.rules,
    "phones": Bench.phones,
    "growth": Bench.growth,
    "starts": Bench.starts,
    "imports": Bench.imports,
    "desk": Bench.desk,
    "downloads": Bench.downloads,
    "uploads": Bench.uploads,
    "seeing": Bench.seeing,
    "serving": Bench.serving,
}
BY_DEFAULT = ("requests", "growth", "starts")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures what the arguments ask for, prints it, and gives the exit code."""
    options = _options(arguments)
    found = {}
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="intray-bench-", dir=options.folder) as folder:
        plan = QUICK if options.quick else Plan()
        bench = Bench(Path(folder), plan, options.schools)
        for part in options.parts or BY_DEFAULT:
            for table in PARTS[part](bench):
                print(table.text(), flush=True)
                found[table.name] = table.json()
    machine = _machine(time.perf_counter() - started)
    print(", ".join(f"{name}: {value}" for name, value in machine.items()))
    if options.json:
        text = json.dumps({"machine": machine, **found}, indent=2, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=DESCRIPTION)
    names = ", ".join(BY_DEFAULT)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {list(PARTS)}; {names} if none"
    )
    parser.add_argument("--quick", action="store_true", help="a short look, under half a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="where to have the data: it decides the disk"
    )
    parser.add_argument(
        "--schools", type=Path, metavar="DIR", help="keep the desk's data there, for other runs"
    )
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return options


def _machine(seconds: float) -> dict[str, str | int | float]:
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count() or 0,
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else "?",
        "seconds": round(seconds),
    }


if __name__ == "__main__":
    sys.exit(main())
