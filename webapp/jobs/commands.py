"""`python -m webapp work`: the job worker as a process of its own."""

from __future__ import annotations

import click

from .worker import current_worker


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
def work(once: bool) -> None:
    """Does jobs until it is stopped with Ctrl-C."""
    worker = current_worker()
    if once:
        click.echo(f"{worker.run_due()} jobs done.")
        return
    click.echo("Doing jobs as they become due; press Ctrl-C to stop.")
    worker.run_forever()
