"""Starts Intray: `python serve.py`; `python serve.py --help` lists the options.

Any Python can read this file, so that one that is too old says so.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (an older Python is what this line is for)
    sys.exit(
        "Intray needs Python 3.11 or newer; this is Python {}.{}. "
        "There are newer ones at https://www.python.org/downloads/.".format(*sys.version_info[:2])
    )


def main():
    # type: () -> int
    from pathlib import Path

    from webapp.serving.bootstrap import ensure

    ensure(Path(__file__).resolve().parent)

    from webapp.launcher import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
elif __name__ == "__mp_main__" and sys.platform == "win32":
    # One of several processes, at its beginning. A console tells all of them of Ctrl-C; whoever watches
    # asks this one to stop, once it can.
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGBREAK, signal.SIG_IGN)
