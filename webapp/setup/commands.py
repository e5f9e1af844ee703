"""`python -m webapp setup`."""

from __future__ import annotations

import click
from flask import current_app

from ..database import now
from .link import setup_link


@click.command("setup")
def setup() -> None:
    """Prints the link that sets Intray up."""
    link = setup_link(current_app.config["INTRAY"], now())
    click.echo(f"Set Intray up: {link}" if link else "Intray is set up: sign in at its address.")
