"""What a supervisor may do to an agent."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from router.core.commands import ForceState, LendSkills
from router.core.durations import SECOND
from server.answers import Done, done, gives
from server.guard import GuardedRoute, command_id, identity_of, services_of

router = APIRouter(prefix="/api/v1/agents", route_class=GuardedRoute, tags=["agents"])

LONGEST_LOAN = 7 * 24 * 3600


class StateWanted(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    state: Literal["ready", "not_ready", "signed_out"]
    reason: str = Field("supervisor", min_length=1, max_length=64)


class SkillsLent(BaseModel):
    """Levels 1-10 by skill id; 0 takes a skill away. ``for_seconds`` 0: until changed again."""

    model_config = ConfigDict(extra="forbid", strict=True)

    skills: dict[str, Annotated[int, Field(ge=0, le=10)]] = Field(max_length=100)
    for_seconds: int = Field(0, ge=0, le=LONGEST_LOAN)


@router.post("/{agent}/state")
@gives(Done)
async def set_agent_state(agent: str, body: StateWanted, request: Request) -> Response:
    command = ForceState(
        id=command_id(request),
        by=identity_of(request).user.id,
        agent=agent,
        state=body.state,
        reason=body.reason,
    )
    return done(await services_of(request).sink.submit(command))


@router.post("/{agent}/skills")
@gives(Done)
async def lend_agent_skills(agent: str, body: SkillsLent, request: Request) -> Response:
    services = services_of(request)
    until = services.clock.now() + body.for_seconds * SECOND if body.for_seconds else 0
    command = LendSkills(
        id=command_id(request),
        by=identity_of(request).user.id,
        agent=agent,
        skills=body.skills,
        until=until,
    )
    return done(await services.sink.submit(command))
