"""The mark that files come from the internet, which Windows and Office are careful with."""

from __future__ import annotations

import sys
from pathlib import Path


def mark_as_received(path: Path) -> None:
    """Marks the file; the mark stays with it when it is renamed. NTFS alone can keep it."""
    if sys.platform == "win32":
        try:
            Path(f"{path}:Zone.Identifier").write_text(
                "[ZoneTransfer]\nZoneId=3\n", encoding="ascii"
            )
        except OSError:
            return
