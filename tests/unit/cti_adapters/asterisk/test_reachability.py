from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.phones import NOT_REGISTERED, PRIVATE_CALL, Phones
from cti_adapters.asterisk.reachability import SAYS_AGAIN, Reachability
from cti_adapters.asterisk.settings import PbxSettings
from router.clock import ManualClock
from router.core import events as e
from router.core.catalog import AgentDefinition, Catalog, Profile
from router.core.state import State
from router.replica import Replica

AT = 1_000_000


def replica():
    profile = Profile(id="all", label="All", queues=(), capacity={"voice": 1})
    ann = AgentDefinition(id="ann", name="Ann", profile="all")
    state = State()
    catalog = Catalog(version=1, profiles={"all": profile}, agents={"ann": ann})
    state.apply(e.CatalogPublished(catalog=catalog), AT)
    return Replica(state)


def system(pattern="PJSIP/{agent}"):
    phones = Phones(PbxSettings(phone=pattern))
    phones.serve(["ann"])
    phones.take_stock([])
    return phones


def says(phones, state, device="PJSIP/ann"):
    headers = (("Event", "DeviceStateChange"), ("Device", device), ("State", state))
    assert phones.hear(Message(headers)) == "ann"


def test_what_one_system_cannot_ring_is_out_of_reach_though_another_could():
    seen = replica()
    reachability = Reachability(seen, ManualClock(AT))
    here, there = system(), system("PJSIP/{agent}@there")
    reachability.join(here, lambda *_: False)
    reachability.join(there, lambda *_: False)
    assert reachability.news("ann") is None
    says(here, "NOT_INUSE")
    says(there, "UNAVAILABLE", "PJSIP/ann@there")
    news = reachability.news("ann")
    assert (news.reachable, news.reason, news.channel) == (False, NOT_REGISTERED, "voice")
    seen.state.agents["ann"].unreachable = {"voice": NOT_REGISTERED}
    assert reachability.news("ann") is None
    says(there, "NOT_INUSE", "PJSIP/ann@there")
    assert reachability.news("ann").reachable


def test_a_system_that_is_not_connected_takes_nobody_away():
    seen = replica()
    reachability = Reachability(seen, ManualClock(AT))
    here, there = system(), system("PJSIP/{agent}@there")
    reachability.join(here, lambda *_: False)
    reachability.join(there, lambda *_: False)
    says(there, "UNAVAILABLE", "PJSIP/ann@there")
    assert reachability.news("ann").reason == NOT_REGISTERED
    seen.state.agents["ann"].unreachable = {"voice": NOT_REGISTERED}
    there.forget()
    assert reachability.news("ann").reachable


def test_while_no_system_is_connected_nothing_new_is_known():
    seen = replica()
    reachability = Reachability(seen, ManualClock(AT))
    phones = system()
    reachability.join(phones, lambda *_: False)
    seen.state.agents["ann"].unreachable = {"voice": NOT_REGISTERED}
    phones.forget()
    assert reachability.news("ann") is None
    phones.take_stock([])
    assert reachability.news("ann").reachable


def test_a_phone_that_another_system_uses_for_us_is_in_no_private_call():
    reachability = Reachability(replica(), ManualClock(AT))
    here, used = system(), []
    reachability.join(here, lambda *_: False)
    reachability.join(system("PJSIP/{agent}@there"), lambda agent, _: agent in used)
    says(here, "INUSE")
    used.append("ann")
    assert reachability.news("ann") is None
    used.clear()
    assert reachability.news("ann").reason == PRIVATE_CALL
    assert reachability.news("ann") is None


def test_what_the_router_was_told_and_does_not_show_yet_is_taken_back():
    reachability = Reachability(replica(), ManualClock(AT))
    phones = system()
    reachability.join(phones, lambda *_: False)
    says(phones, "INUSE")
    assert not reachability.news("ann").reachable
    says(phones, "NOT_INUSE")
    assert reachability.news("ann").reachable


def test_what_the_router_was_told_in_vain_is_told_again():
    clock = ManualClock(AT)
    reachability = Reachability(replica(), clock)
    phones = system()
    reachability.join(phones, lambda *_: False)
    says(phones, "UNAVAILABLE")
    first = reachability.news("ann")
    clock.advance(SAYS_AGAIN - 1)
    assert reachability.news("ann") is None
    clock.advance(1)
    again = reachability.news("ann")
    assert again.reason == NOT_REGISTERED
    assert again.id != first.id


def test_an_agent_the_router_does_not_know_is_no_news():
    assert Reachability(replica(), ManualClock(AT)).news("nobody") is None


def test_without_a_telephone_system_nobody_stays_out_of_reach():
    seen = replica()
    reachability = Reachability(seen, ManualClock(AT))
    assert reachability.forgotten() == []
    seen.state.agents["ann"].unreachable = {"voice": NOT_REGISTERED}
    [news] = reachability.forgotten()
    assert news.agent == "ann"
    assert news.reachable
    reachability.join(system(), lambda *_: False)
    assert reachability.forgotten() == []
