"""Bring a database to the newest schema this program knows."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from threading import Lock
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from crm.database import DatabaseProblem

_LOCK: Final = 0x50415443  # any number, the same in every Patchbay
_ONE_THREAD: Final = Lock()


def configuration(connection: Connection | None = None) -> Config:
    """What alembic needs to know; without a connection only the scripts can be read."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision the tables have after an upgrade."""
    return ScriptDirectory.from_config(configuration()).get_current_head() or ""


def known() -> frozenset[str]:
    """Every revision from which this program can go on."""
    scripts = ScriptDirectory.from_config(configuration())
    return frozenset(one.revision for one in scripts.walk_revisions())


def upgrade(connection: Connection) -> None:
    """Run the missing migrations in the transaction under way. Raises ``DatabaseProblem``."""
    on_postgres = connection.dialect.name == "postgresql"
    if on_postgres:
        # SQLite's write lock already lets one process in; here others wait for the first.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    try:
        # Alembic keeps what it works on in a global variable; two files may be two threads' work.
        with nullcontext() if on_postgres else _ONE_THREAD:
            command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise DatabaseProblem(
            f"The customer database was written by a newer Patchbay ({error}): "
            "start that version, or restore a backup made before the upgrade."
        ) from error
