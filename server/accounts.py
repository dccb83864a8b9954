"""Users and their sessions, stored beside the customers. Times are microseconds UTC.

A session is known here only by the SHA-256 of its token, so that a copy of the database lets
nobody in. Changing a password or roles, or disabling a user, removes their sessions.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    ForeignKey,
    Row,
    String,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base, Database
from server.roles import Role

USER_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
MAX_NAME = 120
SESSIONS_AT_ONCE = 100  # looked up in one query: nobody waits long behind it


class AccountProblem(Exception):
    """A change of accounts that cannot be made; the text is one sentence for people."""


class UserRow(Base):
    """A person who may sign in. ``roles`` is a comma-separated list in alphabetical order."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    roles: Mapped[str] = mapped_column(String(80))
    agent: Mapped[str] = mapped_column(String(64), default="")
    password_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[int] = mapped_column(BigInteger)


class SessionRow(Base):
    """One sign-in; ``id`` is the SHA-256 of the token in the cookie."""

    __tablename__ = "user_sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger, index=True)


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user without the password. ``agent`` is the agent of the catalog they work as, or ""."""

    id: str
    name: str
    roles: frozenset[Role]
    agent: str = ""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking: a user by one of their sessions."""

    session: str
    user: User
    expires_at: int

    @property
    def roles(self) -> frozenset[Role]:
        return self.user.roles


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class AccountStore:
    """Users and sessions in the database. Every method may raise ``DatabaseUnavailable``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- users --------------------------------------------------------------------------------

    async def add_user(self, user: User, password_hash: str, at: int) -> None:
        """Raises ``AccountProblem`` when the id is taken or not usable."""
        _check(user)
        try:
            await self._database.change(
                lambda it: it.execute(insert(UserRow), _row(user, password_hash, at))
            )
        except IntegrityError:
            raise AccountProblem(f"There is already a user {user.id!r}.") from None

    async def let_in(self, users: Iterable[User], password_hash: str, at: int) -> None:
        """Add those who are not there yet; give the others this password and end their sessions."""
        rows = {user.id: _row(user, password_hash, at) for user in users}
        changes = {"password_hash": password_hash, "changed_at": at}

        def let_in(connection: Connection) -> None:
            known = set(connection.scalars(select(UserRow.id).where(UserRow.id.in_(rows))))
            connection.execute(update(UserRow).where(UserRow.id.in_(known)).values(changes))
            connection.execute(delete(SessionRow).where(SessionRow.user_id.in_(known)))
            if new := [row for user, row in rows.items() if user not in known]:
                connection.execute(insert(UserRow), new)

        await self._database.change(let_in)

    async def password_hashes(self) -> dict[str, str]:
        """By user id."""
        query = select(UserRow.id, UserRow.password_hash)
        rows = await self._database.ask(lambda it: it.execute(query).all())
        return {row.id: row.password_hash for row in rows}

    async def users(self) -> list[User]:
        query = _USERS.order_by(UserRow.id)
        return [_user(row) for row in await self._database.ask(lambda it: it.execute(query).all())]

    async def count_users(self) -> int:
        query = select(func.count()).select_from(UserRow)
        return await self._database.ask(lambda it: it.scalar(query)) or 0

    async def credentials(self, user: str) -> tuple[User, str] | None:
        """The user and their password hash, None when there is no such user."""
        query = _USERS.where(UserRow.id == user)
        row = await self._database.ask(lambda it: it.execute(query).first())
        return None if row is None else (_user(row), row.password_hash)

    async def set_password(self, user: str, password_hash: str, at: int) -> None:
        """Also ends every session of the user."""
        await self._change(user, at, password_hash=password_hash)

    async def set_roles(self, user: str, roles: frozenset[Role], at: int) -> None:
        """Also ends every session of the user."""
        await self._change(user, at, roles=_roles_text(roles))

    async def _change(self, user: str, at: int, **values: str) -> None:
        renewed = update(UserRow).where(UserRow.id == user).values(changed_at=at, **values)

        def change(connection: Connection) -> None:
            if connection.execute(renewed).rowcount == 0:
                raise AccountProblem(f"There is no user {user!r}: `patchbay user list` shows all.")
            connection.execute(delete(SessionRow).where(SessionRow.user_id == user))

        await self._database.change(change)

    # -- sessions -----------------------------------------------------------------------------

    async def open_session(self, user: str, at: int, lasts: int) -> str:
        """A new session of ``user`` for ``lasts`` microseconds; answers its secret token."""
        token = secrets.token_urlsafe(32)
        row = {
            "id": token_digest(token),
            "user_id": user,
            "created_at": at,
            "expires_at": at + lasts,
        }

        def open_session(connection: Connection) -> None:
            connection.execute(delete(SessionRow).where(SessionRow.expires_at <= at))
            connection.execute(insert(SessionRow), row)

        await self._database.change(open_session)
        return token

    async def identity(self, token: str, at: int) -> Identity | None:
        """Who holds ``token``, None when it is unknown, expired or revoked."""
        return (await self.identities([token_digest(token)], at)).get(token_digest(token))

    async def identities(self, sessions: Iterable[str], at: int) -> dict[str, Identity]:
        """Those of the session ids that are still good, with who they belong to now."""
        wanted = list(sessions)
        found: dict[str, Identity] = {}
        for start in range(0, len(wanted), SESSIONS_AT_ONCE):
            found.update(await self._identities(wanted[start : start + SESSIONS_AT_ONCE], at))
        return found

    async def _identities(self, sessions: list[str], at: int) -> dict[str, Identity]:
        values = {"sessions": sessions, "at": at}
        return await self._database.ask(
            lambda connection: {
                row.session: Identity(
                    session=row.session, user=_user(row), expires_at=row.expires_at
                )
                for row in connection.execute(_IDENTITIES, values)
            }
        )

    async def close_session(self, session_id: str) -> None:
        gone = delete(SessionRow).where(SessionRow.id == session_id)
        await self._database.change(lambda it: it.execute(gone))

    async def has_session(self, user: str, at: int) -> bool:
        """Whether the user is signed in anywhere."""
        query = select(SessionRow.id).where(SessionRow.user_id == user, SessionRow.expires_at > at)
        return await self._database.ask(lambda it: it.scalar(query.limit(1))) is not None


_USERS: Final = select(
    UserRow.id, UserRow.name, UserRow.roles, UserRow.agent, UserRow.password_hash
)
# Built once: building a query costs more than asking it.
_IDENTITIES: Final = (
    select(
        SessionRow.id.label("session"),
        SessionRow.expires_at,
        UserRow.id,
        UserRow.name,
        UserRow.roles,
        UserRow.agent,
    )
    .join(UserRow, UserRow.id == SessionRow.user_id)
    .where(
        SessionRow.id.in_(bindparam("sessions", expanding=True)),
        SessionRow.expires_at > bindparam("at"),
    )
)


def _row(user: User, password_hash: str, at: int) -> dict[str, object]:
    return {
        "id": user.id,
        "name": user.name,
        "roles": _roles_text(user.roles),
        "agent": user.agent,
        "password_hash": password_hash,
        "created_at": at,
        "changed_at": at,
    }


def _check(user: User) -> None:
    if not USER_ID.fullmatch(user.id):
        raise AccountProblem(
            f"{user.id!r} cannot be a user id: use small letters, digits, dots and dashes."
        )
    if not user.roles:
        raise AccountProblem(f"Give {user.id!r} at least one role: agent, supervisor or admin.")
    if not user.name or len(user.name) > MAX_NAME:
        raise AccountProblem(f"A name has 1 to {MAX_NAME} characters.")


def _roles_text(roles: Iterable[Role]) -> str:
    return ",".join(sorted(role.value for role in roles))


def _user(row: Row[*tuple[Any, ...]]) -> User:
    return User(id=row.id, name=row.name, roles=_roles(row.roles), agent=row.agent)


@cache
def _roles(text: str) -> frozenset[Role]:
    return frozenset(Role(part) for part in text.split(",") if part)
