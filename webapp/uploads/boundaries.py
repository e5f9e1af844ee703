"""Where the pieces of a multipart body may end, for a parser that takes one piece after the other."""

from __future__ import annotations

_PADDING = 1024  # bytes of white space behind a boundary, which nobody sends
_LINE_BREAK = 2  # bytes, at most


class Boundaries:
    """Holds back what may be the beginning of a boundary until the next piece tells.

    Werkzeug's parser takes a boundary that was cut in an unlucky place for a part of the content: a
    file gets a byte more than was sent (pallets/werkzeug#3285).
    """

    def __init__(self, boundary: bytes) -> None:
        self.mark = b"--" + boundary  # RFC 2046, section 5.1.1: "dash-boundary"
        self._held = b""

    def next(self, piece: bytes) -> bytes:
        """What is decided, of this piece and of what was held back before."""
        data = self._held + piece
        end = self._decided(data)
        self._held = data[end:]
        return data[:end] if self._held else data

    def rest(self) -> bytes:
        """What is held back, where nothing comes any more."""
        held, self._held = self._held, b""
        return held

    def _decided(self, data: bytes) -> int:
        mark, size = self.mark, len(data)
        tail = max(0, size - len(mark) - _LINE_BREAK)
        line_break = max(data.rfind(b"\n", tail), data.rfind(b"\r", tail))
        end = size if line_break < 0 else max(0, line_break - 1)
        found = data.rfind(mark, max(0, size - len(mark) - _PADDING))
        if found >= 0 and b"\n" not in data[found:end]:  # its line goes on, or would be cut there
            return max(0, found - _LINE_BREAK)
        return end
