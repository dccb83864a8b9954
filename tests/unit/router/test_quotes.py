"""``quotes``: the wait that those who wait are told never grows while nothing got worse."""

from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.catalog import AgentDefinition, Catalog, Profile, ProfileQueue, Queue
from router.core.commands import PublishCatalog, SetReady, SignIn
from router.core.durations import MINUTE, SECOND
from router.core.estimates import Estimate
from router.core.machine import RoutingCore
from router.core.state import State
from router.quotes import next_quote, serving


def estimate(position=3, low=60, high=120):
    return Estimate(
        position=position,
        low=None if low is None else low * SECOND,
        high=None if high is None else high * SECOND,
    )


def test_the_range_is_rounded_outwards():
    quote = next_quote(None, estimate(low=64, high=111), 2, 0)
    assert (quote.low, quote.high) == (60 * SECOND, 120 * SECOND)
    long = next_quote(None, estimate(low=640, high=901), 2, 0)
    assert (long.low, long.high) == (10 * MINUTE, 16 * MINUTE)


def test_a_wobbling_estimate_does_not_make_it_grow():
    first = next_quote(None, estimate(low=60, high=120), 2, 0)
    second = next_quote(first, estimate(low=90, high=240), 2, SECOND)
    assert (second.low, second.high) == (first.low, first.high)


def test_it_shrinks_as_soon_as_it_can():
    first = next_quote(None, estimate(low=60, high=120), 2, 0)
    second = next_quote(first, estimate(position=2, low=30, high=60), 2, SECOND)
    assert (second.position, second.low, second.high) == (2, 30 * SECOND, 60 * SECOND)


def test_somebody_going_ahead_is_a_reason_to_grow():
    first = next_quote(None, estimate(position=2, high=120), 2, 0)
    assert next_quote(first, estimate(position=3, high=180), 2, SECOND).high == 180 * SECOND


def test_an_agent_leaving_is_a_reason_to_grow():
    first = next_quote(None, estimate(high=120), 2, 0)
    assert next_quote(first, estimate(high=180), 1, SECOND).high == 180 * SECOND


def test_a_broken_promise_is_a_reason_to_grow():
    first = next_quote(None, estimate(high=120), 2, 0)
    kept = next_quote(first, estimate(high=180), 2, 120 * SECOND)
    assert kept.high == 120 * SECOND
    broken = next_quote(kept, estimate(high=180), 2, 121 * SECOND)
    assert broken.high == 180 * SECOND


def test_nothing_known_shows_no_wait_and_what_was_known_stays():
    unknown = next_quote(None, estimate(low=None, high=None), 2, 0)
    assert (unknown.low, unknown.high) == (None, None)
    known = next_quote(unknown, estimate(low=60, high=120), 2, SECOND)
    assert known.high == 120 * SECOND
    assert next_quote(known, estimate(low=None, high=None), 2, SECOND).high == 120 * SECOND


waits = st.one_of(st.none(), st.integers(0, 4 * 3600 * SECOND))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 5), waits, waits, st.integers(0, 3), st.integers(0, 60 * SECOND)),
        min_size=2,
        max_size=20,
    )
)
def test_any_history_of_estimates_grows_only_with_a_reason(history):
    at, shown = 0, None
    for position, low, extra, staffed, passed in history:
        at += passed
        high = None if low is None or extra is None else low + extra
        quote = next_quote(shown, Estimate(position=position, low=low, high=high), staffed, at)
        if quote.low is not None:
            assert 0 <= quote.low <= quote.high
        if shown is not None and shown.high is not None and quote.high is not None:
            reason = position > shown.position or staffed < shown.staffed or at > shown.until
            assert quote.high <= shown.high or reason
        shown = quote


def test_only_agents_at_work_in_the_queue_count():
    core = RoutingCore(State())
    serves = (ProfileQueue(queue="care"),)
    catalog = Catalog(
        version=1,
        queues={name: Queue(id=name, label=name) for name in ("care", "sales")},
        profiles={"p": Profile(id="p", label="P", queues=serves, capacity={"voice": 1})},
        agents={"ann": AgentDefinition(id="ann", name="Ann", profile="p")},
    )
    core.handle(PublishCatalog(id="1", catalog=catalog, replaces=0), 0)
    core.handle(SignIn(id="2", agent="ann"), 0)
    assert serving(core.state, "care") == 0
    core.handle(SetReady(id="3", agent="ann"), 0)
    assert serving(core.state, "care") == 1
    assert serving(core.state, "sales") == 0
