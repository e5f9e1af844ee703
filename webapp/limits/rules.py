"""Counting how often something was done in a stretch of time, over all processes."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from ..database import insert_into
from .tables import LimitCounter

LONGEST_WINDOW = timedelta(days=1)


def count(session: Session, name: str, now: datetime, window: timedelta) -> int:
    """Counts one more under the name, and gives how many there are since the window began: with the
    first, or with the first after it had ended."""
    table = LimitCounter.__table__
    is_over = table.c.began_at <= now - window
    inserted = insert_into(session, LimitCounter).values(name=name, began_at=now, count=1)
    upsert = inserted.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "count": case((is_over, 1), else_=table.c.count + 1),
            "began_at": case((is_over, now), else_=table.c.began_at),
        },
    )
    result: int = session.execute(upsert.returning(table.c.count)).scalar_one()
    return result


def counted(session: Session, name: str, now: datetime, window: timedelta) -> int:
    """How many were counted under the name, without counting one more."""
    query = select(LimitCounter.count).where(
        LimitCounter.name == name, LimitCounter.began_at > now - window
    )
    return session.scalar(query) or 0


def take_back(session: Session, name: str) -> None:
    """Counts one less under the name."""
    fewer = {"count": LimitCounter.count - 1}
    session.execute(
        update(LimitCounter).where(LimitCounter.name == name, LimitCounter.count > 0).values(fewer)
    )


def forget(session: Session, name: str) -> None:
    """Begins anew for this name."""
    session.execute(delete(LimitCounter).where(LimitCounter.name == name))


def sweep(session: Session, now: datetime) -> None:
    """Removes the counters that no window reaches back to."""
    session.execute(delete(LimitCounter).where(LimitCounter.began_at < now - LONGEST_WINDOW))


def counter_name(what: str, *whose: str) -> str:
    """A name of bounded length, whatever it is about; nobody reads an address in it in passing."""
    digest = hashlib.sha256("\0".join(whose).encode("utf-8", "replace")).hexdigest()
    return f"{what}:{digest[:40]}"


def neighbourhood(address: str) -> str:
    """The part of a network address that one person cannot change at will: an IPv4 address, or the
    first 64 bits of an IPv6 one (RFC 6177, section 2)."""
    parsed = _parsed(address)
    if parsed is None:
        return address
    return str(parsed if parsed.version == 4 else ipaddress.ip_network((parsed, 64), strict=False))


def is_this_computer(address: str) -> bool:
    """Whether a request from there comes from this computer, or from a proxy on it; who comes by a Unix
    socket has no address."""
    parsed = _parsed(address)
    return not address or (parsed is not None and parsed.is_loopback)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if parsed.version == 6 else None
    return mapped or parsed
