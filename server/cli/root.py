"""All commands of ``patchbay``, and the one place where their failures become a sentence."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import Annotated

import typer

from server.cli import (
    accounts,
    adapter,
    asterisk,
    backup,
    bench,
    catalog,
    customers,
    demo,
    doctor,
    documents,
    exports,
    faults,
    journal,
    replay,
    serve,
    simulate,
)
from server.cli.failures import BAD_INPUT, FAILED, CommandFailed, say_failure

INTERRUPTED = 130


def run() -> None:
    """Run the command in ``sys.argv`` and exit with its code."""
    sys.exit(outcome(sys.argv[1:]))


def outcome(arguments: list[str]) -> int:
    """The exit code of ``patchbay`` with these arguments: 0, 1 (failed) or 2 (bad input)."""
    from crm.database import DatabaseProblem, DatabaseUnavailable
    from router.ports import JournalDamaged, JournalUnavailable

    command = typer.main.get_command(build())
    try:
        code = command.main(arguments, prog_name="patchbay", standalone_mode=False)
    except CommandFailed as failure:
        say_failure(str(failure))
        return failure.code
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except typer.TyperException as problem:
        say_failure(_words_of(problem))
        return BAD_INPUT
    except (DatabaseProblem, DatabaseUnavailable, JournalDamaged, JournalUnavailable) as problem:
        say_failure(str(problem))
        return FAILED
    return code if isinstance(code, int) else 0


def _words_of(problem: typer.TyperException) -> str:
    """What typer has to say about the arguments."""
    format_message = getattr(problem, "format_message", None)
    return str(format_message()) if format_message is not None else str(problem)


def build() -> typer.Typer:
    """The command line as a tree of commands."""
    app = typer.Typer(
        help="Patchbay routes calls, chats and mails to the best agent.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_options)
    app.command("demo")(demo.demo)
    app.command("serve")(serve.serve)
    app.command("check")(catalog.check)
    app.command("simulate")(simulate.simulate)
    app.command("replay")(replay.replay)
    app.command("doctor")(doctor.doctor)
    app.command("backup")(backup.backup)
    app.command("restore")(backup.restore)
    app.command("asyncapi")(documents.asyncapi)
    app.command(
        "faults",
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(faults.faults)
    app.add_typer(customers.build(), name="import")
    app.add_typer(exports.build(), name="export")
    app.add_typer(journal.build(), name="journal")
    app.add_typer(accounts.build(), name="user")
    app.add_typer(asterisk.build(), name="asterisk")
    app.add_typer(adapter.build(), name="adapter")
    app.add_typer(bench.build(), name="bench")
    return app


def _options(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Say which version this is, and stop.",
            is_eager=True,
            callback=lambda wanted: _say_version() if wanted else None,
        ),
    ] = False,
) -> None:
    """What comes before the command."""


def _say_version() -> None:
    try:
        typer.echo(f"patchbay {installed('patchbay')}")
    except PackageNotFoundError:
        typer.echo("patchbay, run from its sources")
    raise typer.Exit
