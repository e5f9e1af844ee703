"""Writing `data/intray.toml`, the boot settings that the next start reads: one line of it is changed,
and all else that a person wrote there stays as it is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import tomli_w

from .config import FILE_NAME
from .files import patiently, replace_file
from .locks import FileLock


def write_setting(data: Path, name: str, value: str | int | bool) -> None:
    """Sets one setting in the data folder's `intray.toml`, which is replaced as a whole. Raises OSError,
    and ValueError where the file is no TOML; it is as it was then."""
    path = data / FILE_NAME
    with FileLock(data / "prepare.lock"):
        try:
            text = patiently(path.read_bytes).decode("utf-8-sig")
            mode = path.stat().st_mode & 0o777
        except FileNotFoundError:
            text, mode = "", 0o600
        changed = with_setting(text, name, value)
        replace_file(path, changed.encode(), mode)


def with_setting(text: str, name: str, value: str | int | bool) -> str:
    """The TOML text with `name` set to the value: in its line if there is one, which keeps its comment,
    else in a new line after the others. Raises ValueError where that cannot be."""
    settings = tomllib.loads(text)
    line = tomli_w.dumps({name: value}).rstrip("\n")
    ending = "\r\n" if "\r\n" in text else "\n"
    if name in settings:
        known = rf"""^[ \t]*(?:{name}|"{name}"|'{name}')[ \t]*=[^#\r\n]*?([ \t]*(?:#[^\r\n]*)?)(?=\r?$)"""
        changed = re.sub(known, lambda old: line + old[1], text, count=1, flags=re.M)
    else:
        gap = ending if text and not text.endswith("\n") else ""
        changed = text + gap + line + ending
    if tomllib.loads(changed) != {**settings, name: value}:
        raise ValueError(f"{name} cannot be written into this {FILE_NAME}")
    return changed
