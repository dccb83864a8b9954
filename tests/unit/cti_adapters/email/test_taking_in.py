"""``cti_adapters.email.taking_in``: a thread is written as it is now, by one at a time."""

import asyncio

import pytest

from cti_adapters.email.ports import Became
from tests.mail.in_memory import letter
from tests.unit.cti_adapters.email.mail_centre import MailCentre


@pytest.fixture
async def centre():
    centre = MailCentre()
    await centre.start()
    yield centre
    await centre.stop()


async def test_what_is_released_goes_on_with_its_thread_as_others_left_it(centre):
    await centre.sign_in()
    await centre.mail(letter(1))
    await centre.finish(await centre.accept())
    aside = letter(2, In_Reply_To="<m1@example.org>", Auto_Submitted="auto-replied")
    await centre.mail(aside)
    (incoming,) = await centre.store.that_became(Became.SET_ASIDE, 1)
    (thread,) = await centre.store.threads_of(["m1@example.org"])
    async with centre.channel._taking_in._alone_with(thread):
        releasing = asyncio.create_task(centre.channel.release(incoming))
        await centre.settle()
        assert not releasing.done()
        await centre.store.answered(thread.id, "ben", centre.clock.now(), ["eve@example.net"])
    await releasing
    after = await centre.store.thread(thread.id)
    assert after.agent == "ben"
    assert "eve@example.net" in after.participants
    (contact,) = centre.contacts()
    assert contact.preferred == ("ben",)
