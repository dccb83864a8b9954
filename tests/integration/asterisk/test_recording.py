"""Recording with a pause for card data, and supervisors beside a conversation."""

import asyncio

import pytest

from router.core.catalog import OverflowRule, ToVoicemail
from router.core.commands import EditContact
from tests.asterisk import hearing
from tests.asterisk.baresip import Phone
from tests.integration.asterisk.router import Router


@pytest.fixture(scope="module")
def phones(server):
    with (
        Phone(server, "ann", frequency=1000, answers=True) as ann,
        Phone(server, "chi", frequency=1500, answers=True) as supervisor,
        Phone(server, "+441632960001", frequency=440, registers=False) as caller,
    ):
        yield ann, supervisor, caller


async def test_what_is_said_while_the_recording_is_paused_is_silent_in_it(server, phones):
    ann, _, caller = phones
    async with Router(server, record=("care",)) as router:
        await router.ready("ann")
        await asyncio.to_thread(caller.dial, "100")
        contact = await router.contact(state="connected")
        await asyncio.to_thread(ann.wait_to_hear, 440)
        await asyncio.sleep(1)
        await router.act(EditContact, contact=contact.id, attributes={"recording": "paused"})
        await asyncio.sleep(2)
        await router.act(EditContact, contact=contact.id, attributes={"recording": "on"})
        await asyncio.sleep(1)
        name = router.replica.state.contacts[contact.id].attributes["recording_file"]
        assert not router.channel.pbxs[0].lacks_recordings
        await asyncio.to_thread(caller.hang_up)
        await router.until(lambda: not server.channels(), "no channel left")
    file = server.recordings / name
    assert hearing.hears(hearing.read(file, (0.2, 0.9)), 440)
    assert hearing.hears(hearing.read(file, (0.2, 0.9)), 1000)
    assert hearing.is_silent(hearing.read(file, (1.6, 2.6)))
    whole = hearing.read(file)
    assert hearing.hears(whole[-8000 * 6 // 10 :], 440)


NOWHERE = "/proc/nowhere"


async def test_a_recording_that_asterisk_cannot_write_is_noticed(server, phones):
    _, _, caller = phones
    async with Router(server, record=("care",), recordings_there=NOWHERE) as router:
        await router.ready("ann")
        await asyncio.to_thread(caller.dial, "100")
        await router.contact(state="connected")
        (pbx,) = router.channel.pbxs
        await router.until(lambda: pbx.lacks_recordings, "the recording is missed")
        await asyncio.to_thread(caller.hang_up)


@pytest.mark.parametrize("there", ["", NOWHERE])
async def test_a_message_that_asterisk_cannot_write_is_noticed(server, phones, there):
    _, _, caller = phones
    to_box = OverflowRule(when="unstaffed", to=ToVoicemail(box="box"))
    changes = {"voicemail_greeting": "file:beep", "recordings_there": there}
    async with Router(server, queue={"overflow": (to_box,)}, **changes) as router:
        await asyncio.to_thread(caller.dial, "100")
        await asyncio.sleep(6.5)  # and it is being recorded still
        assert router.channel.pbxs[0].lacks_recordings is bool(there)
        await asyncio.to_thread(caller.hang_up)


@pytest.mark.parametrize(
    ("mode", "caller_hears"), [("listen", False), ("whisper", False), ("barge", True)]
)
async def test_a_supervisor_is_heard_as_far_as_the_mode_says(server, phones, mode, caller_hears):
    ann, supervisor, caller = phones
    async with Router(server, phones={"sue": "PJSIP/chi"}) as router:
        await router.ready("ann")
        await asyncio.to_thread(caller.dial, "100")
        contact = await router.contact(state="connected")
        await asyncio.to_thread(ann.wait_to_hear, 440)
        assert router.channel.pbxs[0].listen(contact.id, "sue", mode)
        await asyncio.to_thread(supervisor.wait_to_hear, 440, 1000)
        heard_by_ann = await asyncio.to_thread(ann.listen, 1.0)
        heard_by_caller = await asyncio.to_thread(caller.listen, 1.0)
        assert hearing.hears(heard_by_ann, 1500) is (mode != "listen")
        assert hearing.hears(heard_by_caller, 1500) is caller_hears
        await asyncio.to_thread(caller.hang_up)
        await router.until(lambda: not server.channels(), "no channel left")
