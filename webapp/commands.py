"""`python -m webapp …`: the commands, which work beside a running server."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from . import __version__, create_app
from .accounts.commands import group as user
from .config import CannotStart, Settings, load
from .demo.commands import demo
from .forms.commands import group as form
from .jobs.commands import work
from .serving.data_folder import is_served
from .serving.reloading import ask as ask_to_reload
from .setup.commands import setup
from .submissions.commands import verify_files


@click.group(help="Intray's commands. They work beside a running server.")
@click.version_option(__version__, prog_name="Intray")
@click.option("--data", metavar="DIR", help="The data folder; INTRAY_DATA or `data` unless given.")
@click.pass_context
def cli(context: click.Context, data: str | None) -> None:
    settings = load({"data": data} if data is not None else {})
    app = create_app(settings, lambda: not is_served(settings.data))
    context.with_resource(app.app_context())
    context.obj = settings


@cli.command()
def migrate() -> None:
    """Brings the database up to date, as every start does."""
    click.echo("The database is up to date.")


@cli.command()
@click.pass_obj
def reload(settings: Settings) -> None:
    """Has the processes of the server be replaced, one after another."""
    if not is_served(settings.data) or not ask_to_reload(settings.data):
        raise click.ClickException("No server with several processes runs on this data folder.")
    click.echo("The server replaces its processes, one after another.")


cli.add_command(demo)
cli.add_command(form)
cli.add_command(user)
cli.add_command(work)
cli.add_command(setup)
cli.add_command(verify_files)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and gives the exit code: 2 with one sentence where it cannot be done."""
    _speak_utf8()
    try:
        code = cli.main(arguments, prog_name="python -m webapp", standalone_mode=False)
    except CannotStart as reason:
        click.echo(str(reason), err=True)
        return 2
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    return code if isinstance(code, int) else 0


def _speak_utf8() -> None:
    """A title in Chinese must not stop a command on a console with another code page."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
