"""How many connections this machine allows for."""

from __future__ import annotations

import sys

MOST = 16_384  # an idle one takes some 10 KB
OTHERS = 512  # descriptors for all else: files, the database, what is being sent
# Descriptors: every second connection may have a file that comes in or goes out. With 20,000 of them, where
# containers often end, 10,000 idle connections would be too many if each might.
PER_CONNECTION = 1.5

if sys.platform == "win32":

    def most_connections() -> int:
        """Windows' select() takes 512 sockets, and what listens and wakes the loop counts as well."""
        return 480

else:
    import resource

    def most_connections() -> int:
        """As many as there may be descriptors for, whose limit is raised as far as it may be: it is 256
        on macOS."""
        wanted = int(MOST * PER_CONNECTION) + OTHERS
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
        if soft == resource.RLIM_INFINITY or soft >= wanted:
            return MOST
        return max(64, int((soft - OTHERS) / PER_CONNECTION))
