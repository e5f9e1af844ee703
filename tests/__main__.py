"""`python -m tests …`: installs what the tests need, as serve.py does, and runs pytest."""

import os
import sys
from pathlib import Path

import webapp  # noqa: F401  (an old Python gets its sentence there)

TOP = Path(__file__).resolve().parent.parent
OWN_WAY = ("-n", "--numprocesses", "-p", "--pdb", "--trace")  # of running, rather than in parallel


def main(arguments: "list[str]") -> int:
    from webapp.serving.bootstrap import ensure

    ensure(TOP, ["test"])

    import pytest

    os.chdir(TOP)
    parallel = [] if any(one.startswith(OWN_WAY) for one in arguments) else ["-n", "auto"]
    return pytest.main(parallel + arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
