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
    ForeignKey,
    Row,
    String,
    bindparam,
    delete,
    func,
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
            async with self._database.writing() as session:
                session.add(_row(user, password_hash, at))
                await session.flush()
        except IntegrityError:
            raise AccountProblem(f"There is already a user {user.id!r}.") from None

    async def let_in(self, users: Iterable[User], password_hash: str, at: int) -> None:
        """Add those who are not there yet; give the others this password and end their sessions."""
        wanted = {user.id: user for user in users}
        async with self._database.writing() as session:
            known = set(await session.scalars(select(UserRow.id).where(UserRow.id.in_(wanted))))
            change = {"password_hash": password_hash, "changed_at": at}
            await session.execute(update(UserRow).where(UserRow.id.in_(known)).values(change))
            await session.execute(delete(SessionRow).where(SessionRow.user_id.in_(known)))
            session.add_all(
                _row(user, password_hash, at) for user in wanted.values() if user.id not in known
            )

    async def password_hashes(self) -> dict[str, str]:
        """By user id."""
        async with self._database.reading() as session:
            rows = await session.execute(select(UserRow.id, UserRow.password_hash))
            return {row.id: row.password_hash for row in rows}

    async def users(self) -> list[User]:
        async with self._database.reading() as session:
            rows = await session.scalars(select(UserRow).order_by(UserRow.id))
            return [_user(row) for row in rows]

    async def count_users(self) -> int:
        async with self._database.reading() as session:
            return await session.scalar(select(func.count()).select_from(UserRow)) or 0

    async def credentials(self, user: str) -> tuple[User, str] | None:
        """The user and their password hash, None when there is no such user."""
        async with self._database.reading() as session:
            row = await session.get(UserRow, user)
            return None if row is None else (_user(row), row.password_hash)

    async def set_password(self, user: str, password_hash: str, at: int) -> None:
        """Also ends every session of the user."""
        await self._change(user, at, password_hash=password_hash)

    async def set_roles(self, user: str, roles: frozenset[Role], at: int) -> None:
        """Also ends every session of the user."""
        await self._change(user, at, roles=_roles_text(roles))

    async def _change(self, user: str, at: int, **values: str) -> None:
        change = update(UserRow).where(UserRow.id == user).values(changed_at=at, **values)
        async with self._database.writing() as session:
            changed = await session.execute(change.returning(UserRow.id))
            if changed.first() is None:
                raise AccountProblem(f"There is no user {user!r}: `patchbay user list` shows all.")
            await session.execute(delete(SessionRow).where(SessionRow.user_id == user))

    # -- sessions -----------------------------------------------------------------------------

    async def open_session(self, user: str, at: int, lasts: int) -> str:
        """A new session of ``user`` for ``lasts`` microseconds; answers its secret token."""
        token = secrets.token_urlsafe(32)
        row = SessionRow(id=token_digest(token), user_id=user, created_at=at, expires_at=at + lasts)
        async with self._database.writing() as session:
            await session.execute(delete(SessionRow).where(SessionRow.expires_at <= at))
            session.add(row)
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
        async with self._database.writing() as session:
            await session.execute(delete(SessionRow).where(SessionRow.id == session_id))

    async def has_session(self, user: str, at: int) -> bool:
        """Whether the user is signed in anywhere."""
        query = select(SessionRow.id).where(SessionRow.user_id == user, SessionRow.expires_at > at)
        async with self._database.reading() as session:
            return await session.scalar(query.limit(1)) is not None


# Built once, and of columns: objects that follow changes would cost more than the rest together.
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


def _row(user: User, password_hash: str, at: int) -> UserRow:
    return UserRow(
        id=user.id,
        name=user.name,
        roles=_roles_text(user.roles),
        agent=user.agent,
        password_hash=password_hash,
        created_at=at,
        changed_at=at,
    )


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


def _user(row: UserRow | Row[*tuple[Any, ...]]) -> User:
    return User(id=row.id, name=row.name, roles=_roles(row.roles), agent=row.agent)


@cache
def _roles(text: str) -> frozenset[Role]:
    return frozenset(Role(part) for part in text.split(",") if part)
