"""`python -m webapp …`: Intray's commands. An old Python has got its sentence from `__init__`."""

import sys


def main() -> int:
    from pathlib import Path

    from webapp.serving.bootstrap import ensure

    ensure(Path(__file__).resolve().parent.parent)

    from webapp.commands import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
