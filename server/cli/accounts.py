"""``patchbay user``: who may sign in."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from crm.database import Database
from router.clock import SystemClock
from server.accounts import AccountProblem, AccountStore, User
from server.cli.failures import stop, write_json
from server.cli.places import ConfigOption, open_database, settings_from
from server.passwords import Passwords, generate_password, problem_with_password
from server.roles import Role

Result = TypeVar("Result")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The user's id, such as ann.")]
GenerateOption = Annotated[
    bool, typer.Option("--generate", help="Make a random password and print it once.")
]

StdinOption = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input, one line."),
]
LONGEST_LINE = 4_096  # characters that are read of it


def build() -> typer.Typer:
    app = typer.Typer(help="Add, list and change the people who may sign in.", no_args_is_help=True)
    app.command("add")(add)
    app.command("list")(list_users)
    app.command("passwd")(passwd)
    app.command("roles")(set_roles)
    return app


def add(
    name: NameArgument,
    *,
    role: Annotated[
        list[Role], typer.Option("--role", help="agent, supervisor or admin; may be repeated.")
    ],
    full_name: Annotated[str, typer.Option("--name", help="What others see.")] = "",
    agent: Annotated[
        str, typer.Option("--agent", help="Their agent in the catalog (default: NAME).")
    ] = "",
    generate: GenerateOption = False,
    password_stdin: StdinOption = False,
    config: ConfigOption = None,
) -> None:
    """Add a user; asks for the password."""
    works_as = agent or (name if Role.AGENT in role else "")
    user = User(id=name, name=full_name or name, roles=frozenset(role), agent=works_as)
    password = _password(generate=generate, piped=password_stdin)
    hashed = Passwords().hash(password)
    _with_accounts(config, lambda accounts: accounts.add_user(user, hashed, SystemClock().now()))
    _tell_password(name, password, generated=generate)


def list_users(
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the list to this file.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Show who may sign in."""
    users = _with_accounts(config, lambda accounts: accounts.users())
    table = Table("user", "name", "roles", "agent", box=None, pad_edge=False)
    for user in users:
        table.add_row(user.id, user.name, ", ".join(sorted(user.roles)), user.agent)
    Console().print(table)
    write_json(json_file, {"users": users})


def passwd(
    name: NameArgument,
    *,
    generate: GenerateOption = False,
    password_stdin: StdinOption = False,
    config: ConfigOption = None,
) -> None:
    """Change a user's password, which ends their sessions."""
    password = _password(generate=generate, piped=password_stdin)
    hashed = Passwords().hash(password)
    _with_accounts(
        config, lambda accounts: accounts.set_password(name, hashed, SystemClock().now())
    )
    _tell_password(name, password, generated=generate)


def set_roles(
    name: NameArgument,
    *,
    role: Annotated[
        list[Role], typer.Option("--role", help="agent, supervisor or admin; may be repeated.")
    ],
    config: ConfigOption = None,
) -> None:
    """Give a user these roles and no others, which ends their sessions."""
    roles = frozenset(role)
    _with_accounts(config, lambda accounts: accounts.set_roles(name, roles, SystemClock().now()))
    typer.echo(f"{name} is now {', '.join(sorted(roles))}.")


def _password(*, generate: bool, piped: bool) -> str:
    if generate and piped:
        stop("Take one of --generate and --password-stdin.")
    if generate:
        return generate_password()
    if not piped and not sys.stdin.isatty():
        stop("Nobody can be asked for the password here: use --password-stdin, or --generate.")
    password: str = (
        sys.stdin.readline(LONGEST_LINE).rstrip("\r\n")
        if piped
        else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    problem = problem_with_password(password)
    if problem:
        stop(problem)
    return password


def _tell_password(name: str, password: str, *, generated: bool) -> None:
    if generated:
        typer.echo(f"The password of {name} is {password} (it is not shown again).")
    else:
        typer.echo(f"The password of {name} is set.")


def _with_accounts(
    config: Path | None, work: Callable[[AccountStore], Awaitable[Result]]
) -> Result:
    async def run() -> Result:
        database: Database = await open_database(settings_from(config))
        try:
            return await work(AccountStore(database))
        except AccountProblem as problem:
            stop(str(problem))
        finally:
            await database.close()

    return asyncio.run(run())
