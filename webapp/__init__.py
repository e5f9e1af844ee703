"""Intray: collects forms and files from people, on your own computer.

Standard library alone at module level, in syntax that an old Python can read: the launcher and
`serve.py --app other:app` never load Flask, and a bare machine gets a sentence, no ImportError.
"""

import sys

__version__ = "0.1.0"

if sys.version_info < (3, 11):  # noqa: UP036  (an older Python is what this line is for)
    sys.exit("Intray needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])
