"""``webchat.announcer``: those who wait hear what their queue says, each time once."""

import pytest
from msgspec.structs import replace

from cti_adapters.webchat import announcer
from cti_adapters.webchat.hub import ChatHub
from router.core.catalog import Announcement
from router.core.commands import PublishCatalog, Requeue
from router.core.durations import SECOND
from router.ports import Overloaded

ONCE = Announcement(text="Thank you for waiting.", after=30 * SECOND)
AGAIN = Announcement(text="Still with you.", after=20 * SECOND, every=60 * SECOND)


def announce(centre, *announcements):
    catalog = centre.replica.state.catalog
    care = replace(catalog.queues["care"], announcements=announcements)
    changed = replace(catalog, version=catalog.version + 1, queues={**catalog.queues, "care": care})
    ident = f"publish-{changed.version}"
    centre.apply(PublishCatalog(id=ident, catalog=changed, replaces=catalog.version))


async def wait(centre, hub, tab, seconds):
    """Time passes, the sweeper comes by, and what it did is seen."""
    centre.pass_time(seconds * SECOND)
    await hub.sweep()
    await tab.look()
    return tab.lines[1:]


async def test_one_without_every_is_said_once(centre, hub, browser):
    announce(centre, ONCE)
    tab = browser()
    await tab.start()
    assert await wait(centre, hub, tab, 29) == []
    assert await wait(centre, hub, tab, 1) == [ONCE.text]
    for _ in range(5):
        await wait(centre, hub, tab, 60)
    assert tab.lines[1:] == [ONCE.text]
    assert [line["line"]["author"] for line in tab.of("line_added")][-1] == "system"


async def test_one_with_every_comes_again_and_missed_ones_are_not_made_up_for(centre, hub, browser):
    announce(centre, AGAIN)
    tab = browser()
    await tab.start()
    assert await wait(centre, hub, tab, 20) == [AGAIN.text]
    assert await wait(centre, hub, tab, 59) == [AGAIN.text]
    assert await wait(centre, hub, tab, 1) == [AGAIN.text] * 2
    assert await wait(centre, hub, tab, 600) == [AGAIN.text] * 3


async def test_sweeps_and_restarts_in_between_say_nothing_twice(centre, hub, browser, settings):
    announce(centre, ONCE, AGAIN)
    tab = browser()
    await tab.start()
    centre.pass_time(30 * SECOND)
    reborn = ChatHub(centre, centre.intake, centre.replica, centre.clock, settings)
    reborn.find(tab.contact)
    for sweeper in (hub, hub, reborn, reborn):
        await sweeper.sweep()
    await tab.look()
    assert sorted(tab.lines[1:]) == sorted([ONCE.text, AGAIN.text])


async def test_what_its_flow_gave_a_chat_to_read_stands_in_for_the_queues(centre, hub, browser):
    announce(centre, ONCE)
    tab = browser()
    await tab.start()
    spoken = replace(ONCE, text="", audio="thanks")
    centre.replica.state.contacts[tab.contact].announcements = (AGAIN, spoken)
    assert await wait(centre, hub, tab, 40) == [AGAIN.text]


async def test_a_catalog_that_moves_an_announcement_does_not_repeat_it(centre, hub, browser):
    announce(centre, ONCE)
    tab = browser()
    await tab.start()
    await wait(centre, hub, tab, 30)
    announce(centre, replace(AGAIN, after=60 * SECOND), ONCE)
    assert await wait(centre, hub, tab, 1) == [ONCE.text]


async def test_nothing_is_said_while_an_agent_has_it_and_waiting_goes_on_when_given_back(
    centre, hub, browser
):
    announce(centre, AGAIN)
    tab = browser()
    await tab.start()
    await wait(centre, hub, tab, 20)
    centre.ready("ann")
    centre.accept(tab.contact)
    assert await wait(centre, hub, tab, 300) == [AGAIN.text]
    centre.apply(Requeue(id="back", contact=tab.contact))
    assert await wait(centre, hub, tab, 59) == [AGAIN.text]
    assert await wait(centre, hub, tab, 1) == [AGAIN.text] * 2


async def test_a_sound_for_telephones_is_no_line(centre, hub, browser):
    announce(centre, replace(ONCE, text="file:custom/welcome"), ONCE)
    tab = browser()
    await tab.start()
    assert await wait(centre, hub, tab, 30) == [ONCE.text]


async def test_what_the_engine_had_no_time_for_is_said_by_the_next_sweep(centre, hub, browser):
    announce(centre, ONCE)
    tab = browser()
    await tab.start()
    centre.pass_time(30 * SECOND)
    centre.trouble = Overloaded()
    with pytest.raises(Overloaded):
        await hub.sweep()
    centre.trouble = None
    assert await wait(centre, hub, tab, 1) == [ONCE.text]


async def test_announcements_leave_room_for_people(centre, hub, browser, monkeypatch):
    monkeypatch.setattr(announcer, "MOST_LINES", 3)
    announce(centre, AGAIN)
    tab = browser()
    await tab.start()
    for _ in range(6):
        await wait(centre, hub, tab, 60)
    assert len(tab.lines) == 3
