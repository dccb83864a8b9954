"""Callers whom a flow asks something, on an Asterisk in memory."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from router.core import events as e
from router.core.durations import SECOND
from router.core.model import ContactState
from router.ports import FlowPrompt, PromptLine
from tests.asterisk.centre import Centre, Speakers
from tests.asterisk.fake_commands import SOUND_LASTS
from tests.asterisk.scripted_flow import ScriptedFlow
from tests.asterisk.virtual_time import in_virtual_time

LASTS = SOUND_LASTS / SECOND
WELCOME, MENU = PromptLine(text="Welcome."), PromptLine(text="Press 1.", language="zh")
SOUNDS = ["spoken/8-en", "spoken/8-zh"]


def prompt(kind="choice", *lines, **more):
    fields = {"turn": 1, "within": 5 * SECOND, "between": 2 * SECOND} | more
    return FlowPrompt(kind=kind, say=lines or (WELCOME, MENU), **fields)


def number(**more):
    return prompt("text", **{"digits": True, "longest": 6, "end_key": "#"} | more)


def press(centre, customer, keys):
    for key in keys:
        centre.asterisk.press(customer, key)


@in_virtual_time
async def test_the_lines_of_a_prompt_are_said_one_after_the_other_and_then_there_is_silence():
    flow = ScriptedFlow(prompt())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        assert customer.heard == SOUNDS[:1]
        await centre.passes(LASTS + 0.6)
        assert customer.heard == SOUNDS
        assert not customer.music
        await centre.passes(LASTS + 0.6)
        assert customer.running is None
        assert not customer.music
        assert centre.contact.state is ContactState.IN_FLOW


@in_virtual_time
async def test_silence_is_told_as_long_after_the_end_of_the_prompt_as_the_flow_says():
    flow = ScriptedFlow(prompt(), prompt())
    async with Centre(flow=flow) as centre:
        await centre.call()
        await centre.passes(2 * LASTS + 4.9)
        assert flow.answers == []
        await centre.passes(1)
        assert flow.answers == [None]


@in_virtual_time
async def test_silence_is_told_to_the_millisecond_not_with_the_next_sweep():
    silent = FlowPrompt(turn=1, kind="choice", within=1_250_000)
    flow = ScriptedFlow(silent, prompt())
    async with Centre(flow=flow) as centre:
        await centre.call()
        await centre.passes(1.249)
        assert flow.answers == []
        await centre.passes(0.002)
        assert flow.answers == [None]


@in_virtual_time
async def test_a_key_stops_the_prompt_at_once_and_is_the_answer():
    flow = ScriptedFlow(prompt(), prompt("choice", PromptLine(text="Second")))
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        press(centre, customer, "1")
        await centre.rest()
        assert flow.answers == ["1"]
        assert customer.heard == [SOUNDS[0], "spoken/6-en"]


@in_virtual_time
async def test_a_key_between_two_lines_keeps_the_second_from_being_said_to_its_end():
    flow = ScriptedFlow(number())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        await centre.passes(LASTS - 0.1)
        running = customer.running
        customer.running = None  # the sound has ended, which is not told yet
        press(centre, customer, "1")
        customer.running = running
        await centre.passes(1)
        assert customer.heard == SOUNDS[:1]
        assert customer.running is None


@in_virtual_time
async def test_a_prompt_that_did_not_stop_by_itself_is_broken_off():
    flow = ScriptedFlow(number())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        customer.running.stopped_by = ""
        press(centre, customer, "1")
        await centre.passes(0.29)
        assert customer.running is not None
        await centre.passes(0.02)
        assert customer.running is None
        press(centre, customer, "2#")
        await centre.rest()
        assert flow.answers == ["12"]


@in_virtual_time
async def test_without_barge_in_keys_pressed_meanwhile_neither_stop_it_nor_count():
    flow = ScriptedFlow(number(barge_in=False))
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        press(centre, customer, "99")
        await centre.passes(2 * LASTS + 1)
        assert customer.heard == SOUNDS
        press(centre, customer, "12#")
        await centre.rest()
        assert flow.answers == ["12"]


@in_virtual_time
async def test_digits_keyed_ahead_count_and_the_answer_ends_when_no_more_come():
    flow = ScriptedFlow(number(), prompt())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        press(centre, customer, "12")
        await centre.passes(1.5)
        press(centre, customer, "34")
        await centre.passes(1.99)
        assert flow.answers == []
        await centre.passes(0.02)
        assert flow.answers == ["1234"]


@pytest.mark.parametrize("keys", ["123456", "12345#"])
@in_virtual_time
async def test_digits_end_at_once_with_the_last_or_the_end_key(keys):
    flow = ScriptedFlow(number(), prompt())
    async with Centre(flow=flow) as centre:
        press(centre, await centre.call(), keys)
        await centre.rest()
        assert flow.answers == [keys.removesuffix("#")]


@in_virtual_time
async def test_who_has_keyed_ahead_of_a_question_does_not_hear_it():
    flow = ScriptedFlow(number(begun="7", barge_in=False), prompt())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        press(centre, customer, "89#")
        await centre.rest()
        assert flow.answers == ["789"]
        assert customer.heard == SOUNDS[:1], "of the next question"


@in_virtual_time
async def test_an_empty_prompt_can_be_answered():
    flow = ScriptedFlow(FlowPrompt(turn=1, kind="choice", within=5 * SECOND), prompt())
    async with Centre(flow=flow) as centre:
        press(centre, await centre.call(), "7")
        await centre.rest()
        assert flow.answers == ["7"]


@in_virtual_time
async def test_what_is_only_said_goes_on_when_it_was_heard():
    flow = ScriptedFlow(prompt("play"), prompt())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        await centre.passes(LASTS)
        assert flow.answers == []
        await centre.passes(LASTS + 1)
        assert flow.answers == [...]
        assert customer.heard == [*SOUNDS, SOUNDS[0]]


@in_virtual_time
async def test_a_key_skips_what_is_only_said():
    flow = ScriptedFlow(prompt("play"), prompt())
    async with Centre(flow=flow) as centre:
        press(centre, await centre.call(), "5")
        await centre.rest()
        assert flow.answers == ["5"]


@in_virtual_time
async def test_while_a_flow_waits_for_something_else_there_are_its_words_and_then_music():
    flow = ScriptedFlow(prompt("wait"), prompt("choice", PromptLine(text="Second")))
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        assert customer.heard == SOUNDS[:1]
        press(centre, customer, "1")
        await centre.passes(2 * LASTS + 1)
        assert customer.heard == SOUNDS
        assert customer.music
        await flow.go_on(centre.contact.id)
        await centre.rest()
        assert not customer.music
        assert customer.heard[-1] == "spoken/6-en"
        assert flow.answers == []


@in_virtual_time
async def test_words_for_a_wait_that_is_over_are_said_to_their_end():
    flow = ScriptedFlow(prompt("wait"), prompt("choice", PromptLine(text="Second")))
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        await flow.go_on(centre.contact.id)
        await centre.passes(2 * LASTS + 2)
        assert customer.heard == [*SOUNDS, "spoken/6-en"]


@in_virtual_time
async def test_a_recording_is_played_and_where_there_is_none_the_text_is_spoken():
    lines = (PromptLine(text="Welcome.", audio="our-welcome"), PromptLine(text="Ab", audio="lost"))
    async with Centre(flow=ScriptedFlow(prompt("choice", *lines))) as centre:
        customer = await centre.call()
        await centre.passes(LASTS + 1)
        assert customer.heard == ["recorded/our-welcome", "spoken/2-en"]


@in_virtual_time
async def test_who_hangs_up_in_a_flow_has_abandoned():
    async with Centre(flow=ScriptedFlow(prompt())) as centre:
        customer = await centre.call()
        await centre.hang_up(customer)
        assert centre.names()[-1] == "Abandoned"
        await centre.passes(20)
        centre.quiet()


@in_virtual_time
async def test_a_flood_of_keys_is_bounded_in_every_way():
    flow = ScriptedFlow(*[prompt()] * 300)
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        for _ in range(1_000):
            press(centre, customer, "11")
            await centre.passes(0.001)
        assert len(flow.answers) <= 100 + 1_000 // 50 + 1
        assert len(centre.asked()) < 5_000
        await centre.hang_up(customer)
        centre.quiet()


@in_virtual_time
async def test_ten_thousand_digits_in_a_second_change_nothing_for_anybody_else():
    """During what is said, between two prompts, while something is looked up, in a number."""
    kinds = [prompt("play"), prompt(), prompt("wait"), number(), number(barge_in=False)]
    flow = ScriptedFlow(*kinds * 60)
    async with Centre(flow=flow) as centre:
        flooding, other = await centre.call(), await centre.call()
        first, second = sorted(centre.contacts, key=lambda one: one.number)
        for number_of in range(1_000):
            press(centre, flooding, "7913#42*08")
            await centre.passes(0.001)
            if number_of % 100 == 0 and flow.prompt(first.id).kind == "wait":
                await flow.go_on(first.id)
        assert len(flow.answers) <= 100 + 1_000 // 50 + 10
        assert all(one is ... or len(one or "") <= 6 for one in flow.answers)
        assert second.flow_turn == 1, "who pressed nothing is still being told"
        press(centre, other, "1")
        await centre.passes(1)
        assert second.flow_turn >= 2
        for customer in (flooding, other):
            await centre.hang_up(customer)
        assert centre.names([e.Abandoned]) == ["Abandoned"] * 2
        centre.quiet()


@in_virtual_time
async def test_an_answer_that_the_router_does_not_take_is_told_again():
    flow = ScriptedFlow(prompt(), prompt())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        centre.door.busy = True
        press(centre, customer, "3")
        await centre.passes(5)
        centre.door.busy = False
        await centre.passes(5)
        assert set(flow.answers) == {"3"}
        assert centre.contact.flow_turn == 2
        assert customer.heard[-1] == SOUNDS[-1]


@in_virtual_time
async def test_a_restart_in_a_flow_says_the_prompt_again_and_asks_it_once():
    flow = ScriptedFlow(prompt(), prompt("choice", PromptLine(text="Second")))
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        press(centre, customer, "1")
        await centre.passes(0.5)
        await centre.restart()
        assert customer.heard == [SOUNDS[0], "spoken/6-en", "spoken/6-en"]
        assert centre.asked("Redirect") == ["Redirect"]
        press(centre, customer, "2")
        await centre.rest()
        assert flow.answers == ["1", "2"]
        assert centre.contact.state is ContactState.QUEUED
        await centre.hang_up(customer)
        centre.quiet()


@in_virtual_time
async def test_a_cut_in_a_flow_counts_nobody_as_silent_and_says_the_prompt_again():
    flow = ScriptedFlow(prompt(), prompt())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        await centre.passes(2 * LASTS + 1)
        centre.asterisk.cut()
        await centre.passes(60)
        assert flow.answers == []
        centre.asterisk.restore()
        await centre.passes(2 * LASTS + 1)
        assert customer.heard == SOUNDS * 2
        await centre.passes(5)
        assert flow.answers == [None]


@pytest.mark.parametrize("by", ["cut", "restart", "kill"])
@in_virtual_time
async def test_who_hangs_up_while_nobody_listens_has_abandoned(by):
    flow = ScriptedFlow(prompt(), prompt())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        if by == "restart":
            await centre.stop()
            centre.asterisk.hang_up(customer)
            await centre.start()
        else:
            (centre.asterisk.kill if by == "kill" else centre.asterisk.cut)()
            centre.asterisk.hang_up(customer)
            await centre.passes(20)
            centre.asterisk.restore()
            await centre.rest()
        assert centre.names()[-1] == "Abandoned"
        assert flow.answers == []
        centre.quiet()


@in_virtual_time
async def test_what_is_heard_before_stock_is_taken_makes_nobody_silent():
    flow = ScriptedFlow(prompt(), prompt())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        await centre.passes(2 * LASTS + 1)
        centre.asterisk.cut()
        await centre.passes(60)
        centre.asterisk.restore()
        centre.asterisk.press(customer, "x")  # an event, whatever it is
        await centre.rest()
        assert flow.answers == []


class Slow(Speakers):
    """Speaks when it is let."""

    def __init__(self):
        self.gate = asyncio.Event()

    async def sound_for(self, text, language):
        await self.gate.wait()
        return await super().sound_for(text, language)


@pytest.mark.parametrize("waits", [0.1, 5])
@in_virtual_time
async def test_a_key_while_a_prompt_is_still_being_made_keeps_it_from_being_said(waits):
    flow = ScriptedFlow(number())
    async with Centre(flow=flow) as centre:
        centre.pbx._voices = slow = Slow()
        customer = await centre.call()
        press(centre, customer, "1")
        await centre.passes(waits)
        slow.gate.set()
        press(centre, customer, "2#")
        await centre.passes(1)
        assert not set(SOUNDS) & set(customer.heard)
        assert flow.answers == ["12"] if waits < 2 else ["1"]
        assert centre.contact.state is ContactState.QUEUED


@in_virtual_time
async def test_a_prompt_that_nobody_can_make_can_be_answered():
    class Mute(Speakers):
        async def sound_for(self, text, language):
            return None

    flow = ScriptedFlow(prompt(), prompt())
    async with Centre(flow=flow) as centre:
        centre.pbx._voices = Mute()
        await centre.call()
        await centre.passes(4.9)
        assert flow.answers == []
        await centre.passes(0.2)
        assert flow.answers == [None]


@in_virtual_time
async def test_everything_heard_again_answers_nothing_twice():
    flow = ScriptedFlow(prompt(), number(), prompt())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        press(centre, customer, "1")
        await centre.passes(1)
        press(centre, customer, "12#")
        await centre.passes(1)
        for event in [one for one in centre.asterisk.told if one.name != "DTMFEnd"]:
            centre.asterisk.say(event)
            await centre.rest()
        assert flow.answers == ["1", "12"]


@in_virtual_time
async def test_who_comes_out_of_a_flow_is_served_as_anybody_else():
    flow = ScriptedFlow(prompt())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        press(centre, customer, "1")
        await centre.rest()
        assert centre.contact.state is ContactState.QUEUED
        await centre.passes(1)
        assert customer.music
        await centre.ready("ann")
        await centre.answer("ann")
        assert customer.talks_with == ["ann"]
        await centre.passes(10)
        await centre.hang_up(customer)
        assert centre.names([e.ContactEnded]) == ["ContactEnded"]
        centre.quiet()


@in_virtual_time
async def test_what_a_caller_keys_in_secret_is_in_no_line_of_the_log(caplog):
    caplog.set_level("DEBUG")
    flow = ScriptedFlow(number(secret=True), prompt())
    async with Centre(flow=flow) as centre:
        customer = await centre.call()
        centre.door.busy = True
        press(centre, customer, "7913#")
        await centre.passes(5)
        assert flow.answers[0] == "7913"
        assert "7913" not in caplog.text


@pytest.mark.parametrize("seed", range(20))
@in_virtual_time
async def test_whatever_happens_a_flow_goes_on_and_nobody_is_left_on_the_line(
    seed,
):
    chance = Random(seed)
    flow = ScriptedFlow(prompt("play"), prompt(), prompt("wait"), number(barge_in=False))
    async with Centre(flow=flow, chance=chance) as centre:
        customer = await centre.call()
        for _ in range(chance.randrange(40)):
            match chance.randrange(8):
                case 0:
                    await centre.restart()
                case 1:
                    centre.asterisk.cut()
                    await centre.passes(chance.random())
                    centre.asterisk.restore()
                case 2 if flow.prompt(customer_contact(centre)):
                    await flow.go_on(centre.contact.id)
                case 3:
                    await centre.passes(3 * chance.random())
                case _:
                    press(centre, customer, chance.choice("0123456789*#A"))
            await centre.passes(chance.random())
        while centre.contacts and centre.contact.state is ContactState.IN_FLOW:
            turn = centre.contact.flow_turn
            await centre.passes(20)
            asked = flow.prompt(customer_contact(centre))
            if asked is not None and asked.kind == "wait":
                await flow.go_on(centre.contact.id)
            else:
                assert asked is None or asked.turn > turn, "silence goes on as well"
        await centre.hang_up(customer)
        await centre.passes(5)
        ended = centre.names([e.Abandoned, e.CallbackPromised])
        assert len(ended) == 1
        if ended == ["Abandoned"]:
            centre.quiet()


def customer_contact(centre):
    return centre.contacts[0].id if centre.contacts else ""
