"""`python -m webapp verify`."""

from __future__ import annotations

import click
from flask import current_app

from ..database import snapshot
from .verifying import verify


@click.command("verify")
@click.pass_context
def verify_files(context: click.Context) -> None:
    """Reads every received file and says what is missing, changed or unknown. Changes nothing."""
    problems = 0
    with snapshot() as session:
        for sentence in verify(session, current_app.extensions["intray.storage"]):
            click.echo(sentence)
            problems += 1
    click.echo(f"{problems} problems." if problems != 1 else "1 problem.")
    if problems:
        context.exit(1)
