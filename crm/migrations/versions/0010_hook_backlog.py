"""What waits is counted and taken in for each hook by itself."""

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0010_hook_backlog"
down_revision = "0009_mail_notes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "hook_events", sa.Column("hook", sa.String(64), nullable=False, server_default="")
    )
    _name_hooks(op.get_bind())
    columns = ["done", "hook", "due", "conversation"]
    op.create_index("ix_hook_events_done_hook_due_conversation", "hook_events", columns)


def _name_hooks(connection: sa.Connection) -> None:
    """Of what still waits: nobody asks for the hook of what is done."""
    table = sa.table(
        "hook_events",
        sa.column("number", sa.BigInteger),
        sa.column("hook", sa.String),
        sa.column("done", sa.Boolean),
        sa.column("body", sa.LargeBinary),
    )
    waiting = sa.select(table.c.number, table.c.body).where(table.c.done.is_(sa.false()))
    for number, body in connection.execute(waiting).all():
        hook = msgspec.msgpack.decode(body)["hook"]
        connection.execute(sa.update(table).where(table.c.number == number).values(hook=hook))
