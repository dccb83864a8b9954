"""Who is called up, and when."""

from __future__ import annotations

from msgspec.structs import replace

from router.core import commands as c
from router.core import events as e
from router.core.catalog import CallbackOffer
from tests.asterisk.centre import SETTINGS, Centre
from tests.asterisk.virtual_time import in_virtual_time

NUMBERS = ("+442079460001", "+442079460002", "+442079460003")


@in_virtual_time
async def test_promises_are_kept_however_much_an_agent_has_dialled():
    care = {"callback": CallbackOffer(attempts=1)}
    async with Centre(care, outbound=replace(SETTINGS.outbound, per_agent=1)) as centre:
        for number in NUMBERS:
            await centre.call(number=number)
            promised = centre.contacts[-1].id
            await centre.act(c.PromiseCallback, contact=promised, address=number)
            await centre.passes(3)
        await centre.ready("ann")
        for number in NUMBERS:
            await centre.answer("ann")
            await centre.answer(number)
            await centre.hang_up(centre.asterisk.channel_of(number))
            await centre.passes(3)
        assert [one.reason for one in centre.said if isinstance(one, e.Completed)] == [
            "handled"
        ] * 3


@in_virtual_time
async def test_a_number_that_may_be_dialled_no_more_is_not_dialled():
    async with Centre({"callback": CallbackOffer(attempts=1)}) as centre:
        await centre.call(number=NUMBERS[0])
        await centre.act(c.PromiseCallback, contact=centre.contact.id, address=NUMBERS[0])
        await centre.passes(3)
        centre.settings = replace(centre.settings, outbound=replace(SETTINGS.outbound, allow=()))
        await centre.restart()
        await centre.ready("ann")
        await centre.answer("ann")
        assert not centre.asterisk.rings(NUMBERS[0])
        assert centre.names()[-1] == "Completed"
        assert centre.said[-1].reason == "callback_failed"
