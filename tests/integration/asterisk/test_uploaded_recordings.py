"""Callers hear the recording that was uploaded, on a real Asterisk, and the next one the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crm.database import Database
from router.clock import SystemClock
from server.recording_files import RecordingFiles
from server.recordings import RecordingStore
from tests.asterisk import hearing
from tests.asterisk.baresip import Phone
from tests.integration.asterisk.people import BLINK, hears, nothing_is_left
from tests.integration.asterisk.router import Router
from tests.integration.asterisk.test_flows import hears_speech, in_queue
from tests.integration.asterisk.test_spoken_prompts import requires_speech
from tests.unit.ivr.test_uploads import wav

OLD, NEW, FOREIGN = 700, 900, 1_100  # hertz: what was recorded
KEY = ("ask", "en")


def recorded(name: str, text: str = "It is spoken.") -> dict[str, Any]:
    return {"en": {"text": text, "audio": name}}


def flow(text: str = "It is spoken.") -> dict[str, Any]:
    return {
        "flow": "main",
        "languages": ["en"],
        "safe_queue": "care",
        "start": "account",
        "nodes": {
            "account": {
                "kind": "collect",
                "say": recorded("ask", text),
                "into": "account",
                "answer_within": "1s",
                "on_silence": {"times": 1, "say": recorded("ask", text)},
                "exits": {"collected": "sales", "timeout": "care", "invalid": "care"},
            },
            "sales": {"kind": "queue", "queue": "sales"},
            "care": {"kind": "queue", "queue": "care"},
        },
    }


def tone(hertz: int, seconds: float = 2.0, rate: int = 44_100) -> bytes:
    """In stereo, as people record."""
    times = np.arange(int(rate * seconds)) / rate
    return wav(np.sin(2 * np.pi * hertz * times) * 0.5, rate, channels=2)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[RecordingStore]:
    database = Database(f"sqlite:///{tmp_path}/patchbay.db")
    await database.migrate()
    files = RecordingFiles(tmp_path / "recordings")
    made = RecordingStore(database, files, SystemClock())
    await made.load()
    yield made
    await database.close()


async def upload(store: RecordingStore, hertz: int, seen: int = 0, language: str = "en") -> str:
    """The content it is kept under."""
    async with store.files.coming() as coming:
        await store.files.append(coming, tone(hertz))
        key = (KEY[0], language)
        saved = await store.add(key, coming, label="", replaces=seen, by="adam")
    assert saved is not None
    return saved.content


async def hears_nothing_but(phone: Phone, tone: int, *others: int, mark: int) -> None:
    heard = phone.heard(mark)
    assert hearing.hears(heard, tone, for_seconds=1)
    assert not any(hearing.hears(heard, other, for_seconds=BLINK) for other in others)


async def test_the_next_caller_hears_what_it_was_replaced_by(server, caller, store):
    await upload(store, OLD)
    async with Router(server, flow=flow(), uploads=store) as router:
        caller.dial("100")
        await hears(caller, OLD)
        await upload(store, NEW, seen=1)
        mark = caller.mark()
        await in_queue(router, "care")  # asked again, it was the same voice
        await hears_nothing_but(caller, OLD, NEW, mark=mark)
        caller.hang_up()
        await nothing_is_left(router, server)
        mark = caller.mark()
        caller.dial("100")
        await asyncio.to_thread(caller.wait_to_hear, NEW, since=mark)
        await in_queue(router, "care")
        await hears_nothing_but(caller, NEW, OLD, mark=mark)
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_a_key_cuts_it_off_and_counts(server, caller, store):
    await upload(store, OLD)
    async with Router(server, flow=flow(), uploads=store) as router:
        caller.dial("100")
        await hears(caller, OLD)
        caller.press("12#")
        await in_queue(router, "sales", account="12")
        mark = caller.mark()
        await asyncio.sleep(0.5)
        assert not hearing.hears(caller.heard(mark), OLD, for_seconds=BLINK)
        caller.hang_up()
        await nothing_is_left(router, server)


@requires_speech
@pytest.mark.parametrize("fate", ["deleted", "lost", "broken"])
async def test_where_it_cannot_be_played_its_text_is_spoken(server, caller, store, fate):
    content = await upload(store, OLD)
    file = store.files.path(content)
    if fate == "deleted":
        await store.delete(KEY, replaces=1, by="adam")
    elif fate == "lost":
        file.unlink()
    else:
        file.write_bytes(b"RIFF of a kind")
    for placed in server.sounds.glob("patchbay-*"):
        placed.unlink()
    text = "This is spoken because nothing else can be heard. " * 2
    async with Router(server, flow=flow(text=text), uploads=store) as router:
        caller.dial("100")
        await hears_speech(caller, 2)
        assert not hearing.hears(caller.heard(), OLD, for_seconds=0.5), "a tone is no speech"
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_another_language_is_heard_where_nothing_else_can_be(server, caller, store):
    await upload(store, FOREIGN, language="zh")
    async with Router(server, flow=flow(text=""), uploads=store) as router:
        caller.dial("100")
        await hears(caller, FOREIGN)
        caller.hang_up()
        await nothing_is_left(router, server)
