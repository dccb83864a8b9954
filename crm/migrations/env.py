"""Run by alembic for every upgrade, on the connection it is handed."""

from alembic import context

from crm.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # Both databases can take back DDL, so an upgrade that fails leaves nothing half done.
    transactional_ddl=True,
)
context.run_migrations()
