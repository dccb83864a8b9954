"""Passwords, tokens and keys: what is kept of them, what is written about them, and who has one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from server.accounts import User
from server.cli.root import outcome
from server.guard import COOKIE
from server.passwords import Passwords, generate_password
from server.roles import Role
from tests.integration.live import ask, hear
from tests.integration.served import Served, prepare, served

CATALOG = """
skills: {english: English}
queues: {help: {label: Help, steps: [{ask: {english: 1}}]}}
profiles: {all: {label: Everything, queues: [help], capacity: {chat: 3}}}
agents: {ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}}
entry_points: {website: {label: Chat with us, channel: chat, queue: help}}
"""
ROLES = frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMIN})
ANN = User(id="ann", name="Ann", roles=ROLES, agent="ann")
WEAK = ["", "ann", "hunter2", "123456789", "x" * 201]


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    file = tmp_path / "catalog.yaml"
    file.write_text(CATALOG, encoding="utf-8")
    return file


def kept_in(folder: Path) -> dict[str, bytes]:
    """Every file the service keeps, and what is in it, but for the one with its secret."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.name: file.read_bytes() for file in files if file.name != "secret.key"}


async def test_a_day_of_work_leaves_no_secret_in_a_log_or_a_file_and_no_line_of_its_own(
    catalog, tmp_path
):
    """One real process at its most talkative, and everybody who might make it say too much."""
    folder, log, password = tmp_path / "data", tmp_path / "log", generate_password()
    tokens = await prepare(folder, [(ANN, Passwords().hash(password))])
    async with served(folder, catalog, log, level="debug") as service:
        tokens["signed in"] = await _sign_in(service, password)
        await _sign_in_wrongly(service, "hunter2-hunter2")
        tokens["visitor"] = await _chat(service, tokens["signed in"])
        await _knock(service, tokens["signed in"])
        await _forge_lines(service, tokens["signed in"])
        service.process.terminate()
        await asyncio.to_thread(service.process.wait, 60)
        words = service.words
    secrets = {"password": password, "guess": "hunter2-hunter2", **tokens}
    secrets["key"] = (folder / "secret.key").read_text().strip()
    for name, secret in secrets.items():
        assert secret not in words, name
        for file, content in kept_in(folder).items():
            assert secret.encode() not in content, (name, file)
    database = kept_in(folder)["patchbay.db"]
    assert b"$argon2id$" in database
    assert "$argon2" not in words
    assert "Traceback" not in words
    forged = [line for line in words.splitlines() if line.startswith("FORGED")]
    assert not forged
    assert "\x1b" not in words


async def _sign_in(service: Served, password: str) -> str:
    async with service.client() as asking:
        answer = await asking.post("/api/v1/session", json={"user": "ann", "password": password})
        assert answer.status_code == 200, answer.text
        token: str = answer.cookies[COOKIE]
        return token


async def _sign_in_wrongly(service: Served, guess: str) -> None:
    async with service.client() as asking:
        for user in ("ann", "nobody"):
            answer = await asking.post("/api/v1/session", json={"user": user, "password": guess})
            assert answer.status_code == 401
            assert guess not in answer.text


async def _chat(service: Served, token: str) -> str:
    async with service.connect("/ws/chat") as visitor, service.connect("/ws/desk", token) as desk:
        await hear(desk, "desk_snapshot")
        start = {"type": "start_chat", "id": "0123456789abcdef", "entry_point": "website"}
        await visitor.send(json.dumps(start | {"name": "A\nFORGED name", "text": "\nFORGED line"}))
        secret: str = (await hear(visitor, "session"))["token"]
        await ask(desk, "go_ready")
        return secret


async def _knock(service: Served, token: str) -> None:
    """At doors that stay closed, with a token where it may be written down."""
    for path in (f"/ws/desk?token={token}", f"/ws/nothing?token={token}"):
        with pytest.raises(InvalidStatus):
            await service.connect(path)
    async with service.client(token) as asking:
        await asking.get(f"/api/v1/nothing?token={token}")
        await asking.get("/api/v1/session", headers={"Authorization": f"Bearer {token}"})


async def _forge_lines(service: Served, token: str) -> None:
    forged = "x%0d%0aFORGED%20line%1b[31m"
    async with service.client(token) as asking:
        for path in (f"/{forged}", f"/api/v1/contacts/{forged}", f"/static/{forged}"):
            assert (await asking.get(path)).status_code == 404
        note = {"source": CATALOG + "\n# again", "note": "a\r\nFORGED note\x1b[31m"}
        answer = await asking.post("/api/v1/catalog", json=note, headers={"If-Match": '"1"'})
        assert answer.status_code == 200, answer.text
        lend = {"skills": {"a\r\nFORGED skill": 3}}
        await asking.post("/api/v1/agents/ann/skills", json=lend)
        kept: Any = (await asking.get("/api/v1/catalog/versions")).json()["versions"]
        assert not any("\x1b" in one["note"] or "\r" in one["note"] for one in kept)


@pytest.fixture
async def centre_of_one(tmp_path, catalog) -> AsyncIterator[Any]:
    from config.settings import load_settings
    from server.bootstrap import running

    async with running(load_settings(data_directory=tmp_path, catalog_path=catalog), 8080) as made:
        yield made


async def test_outside_the_demo_nobody_can_sign_in_until_somebody_was_added(centre_of_one):
    from server.errors import ApiError

    assert await centre_of_one.accounts.users() == []
    sign_in = centre_of_one.services.sign_in
    for user, password in (("admin", "admin"), ("adam", ""), ("patchbay", "patchbay")):
        with pytest.raises(ApiError) as refused:
            await sign_in.sign_in(user, password, "192.0.2.1")
        assert refused.value.status == 401


def test_outside_the_demo_the_service_does_not_start_without_a_user(
    catalog, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(tmp_path / "data"))
    assert outcome(["serve", "--port", "0", "--catalog", str(catalog)]) == 2
    said = capsys.readouterr()
    assert "patchbay user add" in said.err
    assert "ready" not in said.out


@pytest.mark.parametrize("password", WEAK)
def test_no_weak_or_endless_password_can_be_given(password, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(tmp_path / "data"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_args, **_options: password)
    assert outcome(["user", "add", "ann", "--role", "agent"]) == 2
    said = capsys.readouterr()
    assert "Choose a password" in said.err
    assert "hunter2" not in said.out + said.err


def test_what_the_service_keeps_is_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(tmp_path / "data"))
    assert outcome(["user", "add", "ann", "--role", "agent", "--generate"]) == 0
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
