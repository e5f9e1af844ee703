"""`python -m webapp demo`."""

from __future__ import annotations

import sys
from random import Random

import click
from flask import current_app

from ..accounts.rules import has_users
from ..config import CannotStart
from ..database import now, snapshot, unit_of_work
from .bulk import Filler, NothingTakes
from .school import has_other_forms, make_forms

WITH_FILES = 300


@click.command("demo")
@click.option("--submissions", type=click.IntRange(0, 10**8), default=1000, show_default=True)
@click.option(
    "--files",
    type=click.IntRange(0),
    default=WITH_FILES,
    show_default=True,
    help="How many submissions have files, at most.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another one, other answers.")
@click.option("--yes", is_flag=True, help="Also where there are other forms than the demo's.")
def demo(submissions: int, files: int, seed: int, yes: bool) -> None:
    """Adds a school that does not exist: its forms, and so many SUBMISSIONS over the last year. What is
    there stays as it is."""
    moment = now()
    with snapshot() as session:
        has_others = has_other_forms(session)
        is_set_up = has_users(session)
    if has_others and not yes:
        raise CannotStart(
            "There are forms that are not the demo's. Use another folder (--data), or --yes."
        )
    with unit_of_work() as session:
        made = make_forms(session, moment)
    filler = Filler(current_app.extensions["intray.storage"], Random(seed), files)  # noqa: S311
    try:
        with click.progressbar(length=submissions, file=sys.stderr) as bar:
            filler.fill(submissions, moment, bar.update)
    except NothingTakes:
        raise CannotStart("None of the demo's forms takes submissions.") from None
    click.echo(
        f"Made {made} forms and {submissions:,} submissions, {filler.with_files:,} of them with files."
    )
    if not is_set_up:
        click.echo(
            "Nobody can sign in yet: python -m webapp user add you@example.org --name You, or start "
            "Intray and open the link that it prints."
        )
