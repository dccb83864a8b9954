"""Recording conversations on an Asterisk in memory: what is begun, paused, and told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.core import commands as c
from tests.asterisk.centre import Centre
from tests.asterisk.virtual_time import in_virtual_time

FOLDER = {"recordings": Path("/nowhere"), "recordings_there": "/r"}


async def ask(centre, state):
    await centre.act(c.EditContact, contact=centre.contact.id, attributes={"recording": state})


def told(centre):
    attributes = centre.contact.attributes
    return attributes.get("recording"), attributes.get("recording_file")


@in_virtual_time
async def test_a_queues_conversations_are_recorded_from_their_beginning_into_one_file():
    async with Centre(**FOLDER, record=("care",)) as centre:
        customer = await centre.talking("ann")
        assert customer.recorded
        state, file = told(centre)
        assert state == "on"
        assert file.startswith("main_")
        await centre.act(c.Hold, contact=centre.contact.id)
        await centre.act(c.Retrieve, contact=centre.contact.id)
        assert told(centre) == ("on", file)


@pytest.mark.parametrize("queue", ["sales", "none"])
@in_virtual_time
async def test_what_is_not_recorded_is_not_said_to_be(queue):
    async with Centre(**FOLDER, record=(queue,)) as centre:
        customer = await centre.talking("ann")
        assert not customer.recorded
        assert told(centre) == (None, None)


@in_virtual_time
async def test_a_recording_that_is_asked_for_before_the_conversation_begins_with_it():
    async with Centre(**FOLDER) as centre:
        customer = await centre.call()
        await ask(centre, "on")
        assert not customer.recorded
        await centre.ready("ann")
        await centre.answer("ann")
        assert customer.recorded
        assert told(centre)[1].endswith("-call.wav")


@in_virtual_time
async def test_a_recording_is_paused_and_goes_on_as_it_is_asked_to():
    async with Centre(**FOLDER, record=("*",)) as centre:
        customer = await centre.talking("ann")
        await ask(centre, "paused")
        assert customer.muted
        await ask(centre, "on")
        assert not customer.muted


@in_virtual_time
async def test_a_pause_that_was_asked_for_while_the_connection_was_cut_is_made_up_for():
    async with Centre(**FOLDER, record=("*",)) as centre:
        customer = await centre.talking("ann")
        centre.asterisk.cut()
        await ask(centre, "paused")
        assert not customer.muted
        centre.asterisk.restore()
        await centre.rest()
        assert customer.muted


@in_virtual_time
async def test_a_restart_begins_no_second_recording_and_keeps_the_pause():
    async with Centre(**FOLDER, record=("*",)) as centre:
        customer = await centre.talking("ann")
        await ask(centre, "paused")
        before = told(centre)
        await centre.restart()
        assert told(centre) == before
        assert customer.muted


@in_virtual_time
async def test_without_a_place_for_recordings_there_are_none():
    async with Centre(record=("*",)) as centre:
        customer = await centre.talking("ann")
        await ask(centre, "on")
        assert not customer.recorded
