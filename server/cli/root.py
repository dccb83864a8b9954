"""All commands of ``patchbay``, and the one place where their failures become a sentence."""

from __future__ import annotations

import sys
from typing import Annotated

import click
import typer

from server.cli import accounts, bench, catalog, customers, demo, doctor, documents, serve
from server.cli.failures import FAILED, CommandFailed, say_failure


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
    except click.ClickException as problem:
        say_failure(problem.format_message())
        return problem.exit_code
    except (DatabaseProblem, DatabaseUnavailable, JournalDamaged, JournalUnavailable) as problem:
        say_failure(str(problem))
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        return 130
    return code if isinstance(code, int) else 0


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
    app.command("doctor")(doctor.doctor)
    app.command("asyncapi")(documents.asyncapi)
    app.add_typer(customers.build(), name="import")
    app.add_typer(accounts.build(), name="user")
    app.add_typer(bench.build(), name="bench")
    return app


def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is, and stop.", is_eager=True)
    ] = False,
) -> None:
    if version:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as installed

        try:
            typer.echo(f"patchbay {installed('patchbay')}")
        except PackageNotFoundError:
            typer.echo("patchbay, run from its sources")
        raise typer.Exit
