"""The catalog of a large centre over the API: its bounds, and that it is kept as it was sent."""

from __future__ import annotations

from pathlib import Path

import httpx

from config.settings import load_settings
from config.yaml_nodes import MAX_BYTES
from router.core.commands import SetReady, SignIn
from router.ports import Accepted, Arrival
from server.accounts import User
from server.guard import COOKIE
from server.roles import Role
from tests.integration.live import Live, comes, serving

ADAM = User(id="adam", name="Adam", roles=frozenset({Role.ADMIN}))
AGENTS = 12_000
MEBIBYTE = 1024 * 1024
CENTRE = """
skills: {english: English, spanish: Spanish}
queues: {help: {label: Help, steps: [{ask: {english: 1}}]}}
profiles: {all: {label: Everything, queues: [help], capacity: {voice: 1}}}
entry_points: {line: {label: Customer line, channel: voice, queue: help}}
agents:
"""
AGENT = "  {id}: {{name: Agent {id} of us, profile: all, skills: {{english: 9, spanish: 10}}}}\n"


def centre_of(agents: int) -> str:
    return CENTRE + "".join(AGENT.format(id=f"agent_{n:06d}") for n in range(agents))


async def admin(live: Live) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=live.origin,
        cookies={COOKIE: await live.token("adam")},
        headers={"Origin": live.origin},
        timeout=300,
    )


async def publish(client: httpx.AsyncClient, source: str, version: int) -> httpx.Response:
    seen = {"If-Match": f'"{version}"'}
    return await client.post("/api/v1/catalog", json={"source": source}, headers=seen)


async def test_twelve_thousand_agents_are_published_kept_and_still_there_after_a_restart(
    tmp_path: Path,
) -> None:
    source = centre_of(AGENTS)
    assert MEBIBYTE < len(source) < MAX_BYTES
    settings = load_settings(data_directory=tmp_path)
    async with serving(settings, [ADAM]) as live, await admin(live) as client:
        published = await publish(client, source, 0)
        assert (published.status_code, published.json()["version"]) == (200, 1)
        assert len(published.content) < 2 * MEBIBYTE
        assert (await client.get("/api/v1/catalog")).json()["source"] == source
        for unread in (centre_of(3 * AGENTS), "#" * (MAX_BYTES + 1)):
            refused = await publish(client, unread, 1)
            assert refused.status_code in {413, 422}
            assert refused.json()["error"]["message"].endswith(".")
        assert live.state.catalog.version == 1
    async with serving(settings, []) as live:
        assert len(live.state.catalog.agents) == AGENTS
        await live.patchbay.sink.submit(SignIn(id="in", agent="agent_011999"))
        await live.patchbay.sink.submit(SetReady(id="ready", agent="agent_011999"))
        arrival = Arrival(contact="k", channel="voice", address="", entry_point="line")
        assert isinstance(await live.patchbay.intake.receive(arrival), Accepted)
        await comes(lambda: "agent_011999" in live.state.contacts["k"].offers)
