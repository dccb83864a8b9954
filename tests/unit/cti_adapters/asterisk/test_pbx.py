"""One telephone system among several, and what it warns of."""

from __future__ import annotations

from msgspec.structs import replace

from cti_adapters.asterisk.phones import Phones
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
