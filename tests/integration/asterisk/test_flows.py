"""Callers in a menu: what they hear and key in, on a real Asterisk with the real espeak-ng."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from router.core import events as e
from router.core.model import ContactState
from tests.asterisk import hearing
from tests.asterisk.baresip import Phone
from tests.asterisk.server import MUSIC, AsteriskServer
from tests.asterisk.sipp import Caller
from tests.integration.asterisk.conftest import ANN, CALLER
from tests.integration.asterisk.people import (
    BLINK,
    hears,
    is_hung_up_on,
    nothing_is_left,
    rings,
    talks,
)
from tests.integration.asterisk.router import AT_CHI, PATIENCE, Router
from tests.integration.asterisk.test_spoken_prompts import requires_speech

pytestmark = requires_speech

ASK, WORDS, LISTEN = 700, 900, 1_100  # hertz: recordings
LONG = " ".join(f"For department number {n}, press {n}." for n in (1, 2, 3)) + " Thank you." * 20


def recorded(name: str, text: str = "It is a recording.") -> dict[str, Any]:
    return {"en": {"text": text, "audio": name}}


FLOW: dict[str, Any] = {
    "flow": "main",
    "languages": ["en"],
    "safe_queue": "care",
    "start": "menu",
    "nodes": {
        "menu": {
            "kind": "menu",
            "say": {"en": f"Welcome. {LONG}"},
            "choices": {key: {"en": f"Choice {key}"} for key in ("1", "2", "3", "4", "5")},
            "on_invalid": {"times": 1, "say": recorded("flow-ask")},
            "exits": {
                "1": "account",
                "2": "listen",
                "3": "bye",
                "4": "out",
                "5": "message",
                "timeout": "care",
                "invalid": "care",
            },
        },
        "account": {
            "kind": "collect",
            "say": recorded("flow-ask"),
            "into": "account",
            "max_length": 8,
            "answer_within": "1s",
            "on_silence": {"times": 0},
            "exits": {"collected": "sales", "timeout": "care", "invalid": "care"},
        },
        "listen": {
            "kind": "say",
            "say": recorded("flow-listen"),
            "barge_in": False,
            "exits": {"next": "account"},
        },
        "sales": {"kind": "queue", "queue": "sales", "say": recorded("flow-words")},
        "care": {"kind": "queue", "queue": "care"},
        "bye": {"kind": "hang_up", "say": recorded("flow-words")},
        "out": {"kind": "transfer", "number": AT_CHI, "say": recorded("flow-words")},
        "message": {"kind": "voicemail", "box": "box", "say": recorded("flow-words")},
    },
}


@pytest.fixture(scope="module", autouse=True)
def recordings(server: AsteriskServer) -> None:
    server.sound("flow-ask", ASK, 1.5)
    server.sound("flow-words", WORDS, 2.5)
    server.sound("flow-listen", LISTEN, 2.5)


async def hears_speech(phone: Phone, seconds: float = 1.0) -> None:
    mark, end = phone.mark(), time.monotonic() + PATIENCE
    while hearing.besides(phone.heard(mark), MUSIC) < seconds:
        assert time.monotonic() < end, f"{phone.name} hears nobody speak\n{phone.log()}"
        await asyncio.sleep(0.05)


async def in_queue(router: Router, queue: str, **attributes: str) -> None:
    contact = await router.contact(state="queued")
    assert contact.queue == queue
    assert attributes.items() <= contact.attributes.items()


async def test_a_menu_is_heard_a_key_cuts_it_and_digits_lead_to_the_queue(server, caller, ann):
    async with Router(server, flow=FLOW) as router:
        caller.dial("100")
        await hears_speech(caller)
        assert router.contacts[0].state is ContactState.IN_FLOW
        mark, pressed = caller.mark(), time.monotonic()
        caller.press("1")
        await asyncio.to_thread(caller.wait_to_hear, ASK, since=mark)
        print(f"the next prompt is heard {time.monotonic() - pressed:.2f} s after the key")
        assert time.monotonic() - pressed < 2, "which the menu was not over in"
        caller.press("12345")
        await asyncio.sleep(0.5)
        mark = caller.mark()
        await asyncio.sleep(0.5)
        assert not hearing.hears(caller.heard(mark), ASK, for_seconds=BLINK), "it was cut"
        caller.press("#")
        await in_queue(router, "sales", account="12345")
        await hears(caller, WORDS)
        await hears(caller, MUSIC)
        await router.ready("ann")
        await rings(ann)
        ann.accept()
        await hears(caller, ANN)
        await hears(ann, CALLER)
        caller.hang_up()
        await nothing_is_left(router, server)
        ways = [one.passed[0].exit for one in router.events(e.FlowAdvanced) if one.passed]
        assert ways == ["1", "collected"]


async def test_without_barge_in_a_key_neither_stops_it_nor_counts(server, caller):
    async with Router(server, flow=FLOW) as router:
        caller.dial("100")
        await hears_speech(caller, 0.3)
        caller.press("2")
        await hears(caller, LISTEN)
        mark = caller.mark()
        caller.press("77")
        await asyncio.to_thread(caller.wait_to_hear, ASK, since=mark)
        heard = caller.heard(mark)
        assert hearing.hears(heard, LISTEN, for_seconds=1.2)
        caller.press("5#")
        await in_queue(router, "sales", account="5")
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_silence_counts_from_the_end_of_what_is_said(server, caller):
    async with Router(server, flow=FLOW) as router:
        caller.dial("100")
        await hears_speech(caller, 0.3)
        caller.press("1")
        await hears(caller, ASK)
        began = time.monotonic()
        await in_queue(router, "care")
        took = time.monotonic() - began
        print(f"silence is told {took:.2f} s after 0.3 s of a recording of 1.5 s")
        assert 1.6 < took < 3.0
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_a_router_that_is_restarted_says_the_prompt_again(server, caller):
    async with Router(server, flow=FLOW) as router:
        caller.dial("100")
        await hears_speech(caller)
        await router.restart()
        await hears_speech(caller)
        caller.press("1")
        await hears(caller, ASK)
        await router.stop()
        await asyncio.sleep(2)
        caller.press("9")  # nobody is there to hear it
        await asyncio.sleep(0.5)
        mark = caller.mark()
        await router.start()
        await asyncio.to_thread(caller.wait_to_hear, ASK, since=mark)
        caller.press("42#")
        await in_queue(router, "sales", account="42")
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_who_hangs_up_in_a_menu_has_abandoned(server, caller):
    async with Router(server, flow=FLOW) as router:
        caller.dial("100")
        await hears_speech(caller, 0.3)
        caller.hang_up()
        await nothing_is_left(router, server)
        assert len(router.events(e.Abandoned)) == 1


async def test_a_flow_says_goodbye_and_hangs_up(server, caller):
    async with Router(server, flow=FLOW) as router:
        caller.dial("100")
        await hears_speech(caller, 0.3)
        caller.press("3")
        await is_hung_up_on(caller)
        assert hearing.hears(caller.heard(), WORDS, for_seconds=2)
        await nothing_is_left(router, server)


async def test_a_flow_puts_through_to_a_number_outside(server, caller, chi):
    async with Router(server, flow=FLOW) as router:
        caller.dial("100")
        await hears_speech(caller, 0.3)
        caller.press("4")
        await hears(caller, WORDS)
        await rings(chi)
        chi.accept()
        await talks(chi)
        await hears(caller, chi.frequency)
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_a_flow_leads_to_the_voicemail(server, caller):
    async with Router(server, flow=FLOW) as router:
        caller.dial("100")
        await hears_speech(caller, 0.3)
        caller.press("5")
        await hears(caller, WORDS)
        await asyncio.sleep(5)  # the rest of it, the tone, and something is said
        caller.press("#")
        await is_hung_up_on(caller)
        message = await router.contact(channel="voicemail", state="queued")
        left = hearing.read(Path(router.left_behind(message)))
        assert hearing.hears(left, CALLER, for_seconds=1)


async def test_many_callers_who_key_as_fast_as_they_can_all_come_where_they_want_to(server):
    """Through SIP INFO, a key every quarter of a second from the moment of the answer."""
    calls = 30
    async with Router(server, flow=FLOW) as router:
        with Caller("100", digits="1" + "12345#", talk=4).call(server, calls, 10) as callers:
            await asyncio.to_thread(callers.wait, 40)
        await nothing_is_left(router, server)
        queued = [event for event in router.events(e.Enqueued) if event.reason == "arrival"]
        assert len(queued) == calls
        came = Counter((one.queue, one.attributes.get("account")) for one in queued)
        assert came == {("sales", "12345"): calls}
