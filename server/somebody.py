"""Whether anybody could sign in to what is about to be served."""

from __future__ import annotations

from config.settings import Settings
from crm.database import Database, stored_at
from server.accounts import AccountStore


async def anybody(settings: Settings) -> bool:
    """Where nothing was stored yet, nothing is made by looking."""
    if not stored_at(settings.database):
        return False
    database = Database(settings.database)
    try:
        await database.migrate()
        return await AccountStore(database).count_users() > 0
    finally:
        await database.close()
