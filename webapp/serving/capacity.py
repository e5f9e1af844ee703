"""How many connections this machine allows for."""

from __future__ import annotations

import sys

MOST = 16_384  # an idle one takes some 10 KB
OTHERS = 512  # descriptors for all else: files, the database, what is being sent
PER_CONNECTION = 2  # descriptors, with the file that comes in or goes out

if sys.platform == "win32":

    def most_connections() -> int:
        """Windows' select() takes 512 sockets, and what listens and wakes the loop counts as well."""
        return 480

else:
    import resource

    def most_connections() -> int:
        """As many as there may be descriptors for, whose limit is raised as far as it may be: it is 256
        on macOS."""
        wanted = MOST * PER_CONNECTION + OTHERS
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
        if soft == resource.RLIM_INFINITY or soft >= wanted:
            return MOST
        return max(64, (soft - OTHERS) // PER_CONNECTION)
