"""One telephone system among several, and what it warns of."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from msgspec.structs import replace

from cti_adapters.asterisk.pbx import WARNS_FOR
from cti_adapters.asterisk.phones import Phones
from router.core.catalog import OverflowRule, ToVoicemail
from router.core.durations import SECOND
from tests.asterisk.centre import AGENTS, SETTINGS, Centre
from tests.asterisk.virtual_time import in_virtual_time


def beside(centre: Centre) -> Phones:
    """Another telephone system, in which every phone is registered."""
    there = Phones(replace(SETTINGS, id="there"))
    there.serve(AGENTS)
    there.take_stock([])
    centre.pbx._reachability.join(there, lambda *_: False)
    return there


@in_virtual_time
async def test_a_system_that_is_cut_off_takes_no_agent_away_from_another():
    async with Centre() as centre:
        beside(centre)
        await centre.ready("ann")
        centre.asterisk.register("ann", here=False)
        await centre.passes(1)
        assert centre.agent("ann").unreachable == {"voice": "phone not registered"}
        centre.asterisk.cut()
        await centre.passes(3)
        assert centre.agent("ann").unreachable == {}
        centre.asterisk.restore()
        await centre.passes(3)
        assert centre.agent("ann").unreachable == {"voice": "phone not registered"}


@in_virtual_time
async def test_the_only_system_that_is_cut_off_brings_no_phone_back():
    async with Centre() as centre:
        centre.asterisk.register("ann", here=False)
        await centre.passes(1)
        centre.asterisk.cut()
        await centre.passes(5)
        assert centre.agent("ann").unreachable == {"voice": "phone not registered"}
        centre.asterisk.register("ann")
        centre.asterisk.restore()
        await centre.passes(1)
        assert centre.agent("ann").unreachable == {}


@pytest.mark.parametrize("written", [True, False])
@in_virtual_time
async def test_a_recording_that_is_not_there_is_warned_of_for_a_while(written):
    with TemporaryDirectory() as folder:
        async with Centre(recordings=Path(folder), record=("care",)) as centre:
            customer = await centre.talking("ann")
            if written:
                (Path(folder) / centre.contact.attributes["recording_file"]).touch()
            assert not centre.pbx.lacks_recordings
            await centre.passes(5)
            assert centre.pbx.lacks_recordings is not written
            await centre.hang_up(customer)
            await centre.passes(WARNS_FOR // SECOND)
            assert not centre.pbx.lacks_recordings


@pytest.mark.parametrize("there", ["", "other"])
@in_virtual_time
async def test_a_message_that_went_elsewhere_is_warned_of(there):
    to_box = {"overflow": (OverflowRule(when="wait", at=2 * SECOND, to=ToVoicemail(box="box")),)}
    with TemporaryDirectory() as folder, TemporaryDirectory() as other:
        places = {"recordings": Path(folder), "recordings_there": there and other}
        async with Centre(to_box, **places) as centre:
            customer = await centre.call(number="+442079460001")
            await centre.passes(12)
            assert centre.pbx.lacks_recordings is bool(there)
            await centre.hang_up(customer)
