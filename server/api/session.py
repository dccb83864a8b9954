"""Signing in and out."""

from __future__ import annotations

from contextlib import suppress

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from router.core.commands import SignOut
from router.core.durations import SECOND
from router.ports import JournalUnavailable, Overloaded
from server.accounts import Identity, User
from server.answers import answer, gives
from server.errors import ApiError
from server.guard import COOKIE, GuardedRoute, identity_of, services_of
from server.phones import PhoneAccount
from server.services import Services

router = APIRouter(prefix="/api/v1/session", route_class=GuardedRoute, tags=["session"])


class Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    user: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=1_000)


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in; ``agent`` is the agent of the catalog they work as, if any.

    With ``simulated_calls`` there is a simulated telephone system that can be asked for a call;
    with ``softphone`` the desk is the agent's telephone.
    """

    user: str
    name: str
    roles: tuple[str, ...]
    agent: str | None
    simulated_calls: bool
    softphone: bool


@router.post("")
@gives(SessionView)
async def sign_in(body: Credentials, request: Request) -> Response:
    services = services_of(request)
    address = request.client.host if request.client else ""
    user, token = await services.sign_in.sign_in(body.user, body.password, address)
    response = answer(_view(user, services))
    response.set_cookie(
        COOKIE,
        token,
        max_age=services.sign_in.session_lasts // SECOND,
        httponly=True,
        samesite="strict",
        # Behind a proxy the scheme of this request says nothing; the page's own address does.
        secure=request.headers.get("origin", "").startswith("https:"),
    )
    return response


@router.get("")
@gives(SessionView)
async def show_session(request: Request) -> Response:
    return answer(_view(identity_of(request).user, services_of(request)))


@router.delete("", status_code=204)
async def sign_out(request: Request) -> Response:
    """Also signs the agent out, who then gets no more offers, unless they have another session."""
    identity = identity_of(request)
    services = services_of(request)
    await services.accounts.close_session(identity.session)
    services.watch.revoke(identity.session)
    await _sign_agent_out(services, identity)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


@router.get("/phone")
@gives(PhoneAccount)
async def show_phone(request: Request) -> Response:
    """What the agent's own softphone registers with."""
    account = services_of(request).phones.of(identity_of(request).user.agent)
    if account is None:
        message = "You have no softphone: ask your administrator to give you one."
        raise ApiError(404, "no_softphone", message)
    return answer(account)


async def _sign_agent_out(services: Services, identity: Identity) -> None:
    user = identity.user
    if not user.agent or await services.accounts.has_session(user.id, services.clock.now()):
        return
    command = SignOut(id=f"sign-out:{identity.session}", by=user.id, agent=user.agent)
    # Refused when the agent is not signed in; missed when the engine is busy, and then the desk
    # that is gone is noticed by itself. The person has left either way.
    with suppress(Overloaded, JournalUnavailable):
        await services.sink.submit(command)


def _view(user: User, services: Services) -> SessionView:
    return SessionView(
        user=user.id,
        name=user.name,
        roles=tuple(sorted(role.value for role in user.roles)),
        agent=user.agent or None,
        simulated_calls=services.simulated_call is not None,
        softphone=services.phones.of(user.agent) is not None,
    )
