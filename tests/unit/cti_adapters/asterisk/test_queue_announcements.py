"""``asterisk.queue_announcements``: who waits hears what is new, in time, and not too often."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cti_adapters.asterisk.queue_announcements import (
    LOOKS_AGAIN,
    OfferCallback,
    Said,
    Say,
    due,
    next_due,
    taken_up,
)
from cti_adapters.asterisk.settings import Announcing, OutboundRules, PbxSettings
from cti_adapters.asterisk.wording import Spoken
from router.core import commands as c
from router.core.catalog import Announcement, CallbackOffer
from router.core.durations import MINUTE, SECOND
from router.core.experience import ServiceTime
from router.core.model import ContactState
from tests.unit.router.core.centre import Centre, agent, queue

NUMBER = "+442079460018"
SILENT = Announcing(position_every=0, wait_every=0)
PLAIN = PbxSettings(
    announcing=SILENT,
    trunk="PJSIP/{number}@trunk",
    outbound=OutboundRules(country="GB", allow=("+44",)),
)
FIGURES = replace(PLAIN, announcing=Announcing())
THANKS = Announcement(text="Thank you for waiting.", after=30 * SECOND, every=60 * SECOND)
WEBSITE = Announcement(text="Have a look at our website.", after=45 * SECOND)


class Caller:
    """One who waits behind others, and hears what is due at the moments that were asked for."""

    def __init__(self, given=PLAIN, *, ahead=0, address=NUMBER, attributes=None, **rules):
        self.centre = Centre(queue(**rules), agent("ann"), agent("ben"))
        self.centre.ready("ann", "ben")
        for name in ("ann", "ben"):
            self.centre.talk(f"with {name}")
        for number in range(ahead):
            self.centre.at += 1
            self.centre.arrive(f"k{number}")
        self.centre.at += 1
        self.centre.arrive("me", address=address, attributes=attributes or {})
        self.settings = given
        self.began = self.centre.at
        self.said = Said()
        self.heard = []

    @property
    def contact(self):
        return self.centre.contact("me")

    def known(self, mean):
        """As if conversations had long taken ``mean`` seconds."""
        self.centre.state.service["q voice"] = ServiceTime(mean=mean * SECOND, count=64)

    def ask(self):
        return due(self.contact, self.centre.state, self.said, self.centre.at, self.settings)

    def ask_when(self):
        return next_due(self.contact, self.centre.state, self.said, self.centre.at, self.settings)

    def listen(self, seconds):
        """What is heard until then, with the second since the beginning."""
        until, heard = self.centre.at + seconds * SECOND, []
        while True:
            while (found := self.ask()) is not None:
                self.said = found.said
                texts = found.texts if isinstance(found, Say) else (found.text,)
                second = (self.centre.at - self.began) // SECOND
                heard += [(second, spoken.text) for spoken in texts]
            moment = self.ask_when()
            if moment is None or moment > until:
                break
            assert moment > self.centre.at
            self.centre.wait((moment - self.centre.at) / SECOND)
        self.centre.wait((until - self.centre.at) / SECOND)
        self.heard += heard
        return heard


# -- the queue's announcements ------------------------------------------------------------------


def test_announcements_come_when_the_catalog_says():
    caller = Caller(announcements=(THANKS, WEBSITE))
    assert caller.listen(200) == [
        (30, THANKS.text),
        (45, WEBSITE.text),
        (90, THANKS.text),
        (150, THANKS.text),
    ]


def test_two_at_one_moment_are_said_one_after_the_other():
    both = (THANKS, replace(WEBSITE, after=THANKS.after))
    assert Caller(announcements=both).listen(30) == [(30, THANKS.text), (30, WEBSITE.text)]


def test_those_that_nobody_said_in_time_are_not_made_up_for():
    caller = Caller(announcements=(THANKS,))
    caller.centre.wait(400)
    assert caller.listen(40) == [(400, THANKS.text)]
    assert caller.listen(20) == [(450, THANKS.text)]


def test_a_queue_without_announcements_is_silent():
    caller = Caller()
    assert caller.listen(1_000) == []
    assert caller.ask_when() is None


def test_a_catalog_that_moves_an_announcement_does_not_repeat_it():
    caller = Caller(announcements=(WEBSITE,))
    caller.listen(60)
    catalog = caller.centre.state.catalog
    changed = replace(catalog.queues["q"], announcements=(THANKS, WEBSITE))
    changed = replace(catalog, version=catalog.version + 1, queues={"q": changed})
    caller.centre.do(c.PublishCatalog(id="", catalog=changed, replaces=catalog.version))
    assert caller.listen(1) == [(60, THANKS.text)]


def test_nothing_begins_while_a_phone_rings_and_it_goes_on_in_the_next_queue():
    caller = Caller(announcements=(THANKS,))
    caller.centre.end("with ann")
    assert caller.contact.state is ContactState.OFFERED
    assert caller.listen(15) == []
    assert caller.ask_when() is None
    caller.centre.reject("me")
    caller.centre.wait(25)
    assert caller.listen(0) == [(40, THANKS.text)]


def test_a_restart_says_nothing_again():
    caller = Caller(announcements=(THANKS, WEBSITE))
    caller.listen(60)
    caller.said = taken_up(caller.contact, caller.centre.at)
    assert caller.listen(100) == [(90, THANKS.text), (150, THANKS.text)]


def test_another_queue_begins_anew():
    caller = Caller(announcements=(THANKS,))
    caller.listen(40)
    caller.said = replace(caller.said, stay=("another", 1))
    assert caller.listen(0) == [(40, THANKS.text)]


def test_the_callers_language_is_said_with_the_words():
    caller = Caller(announcements=(THANKS,), attributes={"language": "es"})
    caller.centre.wait(30)
    assert [spoken.language for spoken in caller.ask().texts] == ["es"]


# -- place and wait -----------------------------------------------------------------------------


def test_the_place_is_told_early_and_then_when_it_is_better():
    caller = Caller(FIGURES, ahead=2)
    assert caller.listen(50) == [(20, "You are number 3.")]
    caller.centre.end("with ann")  # somebody goes first, and is talked to
    caller.centre.accept("k0")
    assert caller.listen(60) == [(80, "You are number 2.")]
    assert caller.listen(140) == []
    assert caller.listen(100) == [(260, "You are number 2.")], "no better, but long ago"


def test_what_gets_better_after_the_interval_is_soon_told():
    caller = Caller(FIGURES, ahead=1)
    caller.listen(100)
    caller.centre.end("with ann")
    caller.centre.accept("k0")
    (heard,) = caller.listen(10)
    assert heard[1] == "You are next."
    assert heard[0] * SECOND <= 100 * SECOND + LOOKS_AGAIN


def test_the_wait_is_told_with_the_place_once_something_is_known():
    caller = Caller(FIGURES, ahead=2)
    caller.known(120)
    (place, wait) = caller.listen(30)
    assert place == (20, "You are number 3.")
    assert wait[0] == 20
    assert wait[1].startswith("The wait is about")


def test_the_wait_does_not_grow_for_nothing_and_the_same_words_are_no_news():
    caller = Caller(FIGURES, ahead=2)
    caller.known(120)
    first = caller.listen(30)[1][1]
    caller.known(150)
    assert [text for _, text in caller.listen(120) if "wait" in text] == []
    again = [text for _, text in caller.listen(120) if "wait" in text]
    assert again == [first] or "minutes" in again[0]


def test_a_shorter_wait_is_told():
    caller = Caller(FIGURES, ahead=2)
    caller.known(600)
    caller.listen(30)
    caller.known(60)
    waits = [text for _, text in caller.listen(60) if "wait" in text]
    assert waits == ["The wait is about 1 to 3 minutes."]


def test_each_figure_can_be_left_out():
    only_wait = replace(FIGURES, announcing=Announcing(position_every=0))
    caller = Caller(only_wait, ahead=2)
    caller.known(120)
    assert all("wait" in text for _, text in caller.listen(300))
    assert caller.heard
    only_place = Caller(replace(FIGURES, announcing=Announcing(wait_every=0)), ahead=2)
    only_place.known(120)
    assert {text for _, text in only_place.listen(300)} == {"You are number 3."}


def test_figures_are_in_the_callers_language_or_the_usual_one():
    chinese = Caller(FIGURES, attributes={"language": "zh-CN"})
    assert chinese.listen(20) == [(20, "下一位就是您。")]
    unknown = Caller(replace(FIGURES, language="zh"), attributes={"language": "fr"})
    assert unknown.listen(20) == [(20, "下一位就是您。")]


# -- the offer to be called back ----------------------------------------------------------------

OFFER = "To be called back on this number without losing your place, press 1."


def test_a_callback_is_offered_when_the_queue_does_and_again_after_a_while():
    caller = Caller(callback=CallbackOffer(after=60 * SECOND))
    assert caller.listen(400) == [(60, OFFER), (240, OFFER)]


def test_the_offer_names_its_key():
    given = replace(PLAIN, announcing=replace(SILENT, callback_key="*", callback_every=0))
    caller = Caller(given, callback=CallbackOffer())
    found = caller.ask()
    assert isinstance(found, OfferCallback)
    assert found.key == "*"
    assert len(caller.listen(2_000)) == 1, "once, when no interval is set"


def test_what_is_due_with_it_is_said_first():
    caller = Caller(callback=CallbackOffer(after=THANKS.after), announcements=(THANKS,))
    assert caller.listen(30) == [(30, THANKS.text), (30, OFFER)]


def test_nobody_is_offered_a_call_that_cannot_be_made():
    caller = Caller(callback=CallbackOffer())
    caller.contact.dialable = False
    assert caller.listen(600) == []


def test_without_a_trunk_or_an_offer_of_the_queue_nothing_is_offered():
    assert Caller(replace(PLAIN, trunk=""), callback=CallbackOffer()).listen(600) == []
    assert Caller().listen(600) == []


def test_who_is_to_be_called_back_is_no_longer_on_the_line():
    caller = Caller(FIGURES, callback=CallbackOffer(), announcements=(THANKS,))
    caller.centre.do(c.PromiseCallback(id="", contact="me", address=NUMBER))
    assert caller.listen(600) == []
    assert caller.ask_when() is None


# -- its own -------------------------------------------------------------------------------------


def test_a_caller_whose_flow_gave_them_announcements_hears_those_and_not_the_queues():
    caller = Caller(announcements=(THANKS,))
    caller.contact.announcements = (replace(WEBSITE, language="fr", audio="web"),)
    assert caller.listen(44) == []
    found = due(caller.contact, caller.centre.state, caller.said, caller.began + 45 * SECOND, PLAIN)
    assert found.texts == (Spoken(WEBSITE.text, "fr", "web", caller.contact.arrived_at),)
    caller.contact.announcements = ()
    assert caller.listen(200) == [], "none is less than the queue's"


def test_a_flow_decides_whether_a_callback_is_offered():
    caller = Caller(callback=CallbackOffer(after=60 * SECOND))
    caller.contact.offer_callback = False
    assert caller.listen(400) == []
    caller.contact.offer_callback = True
    assert caller.listen(1) == [(400, OFFER)]
    alone = Caller()
    alone.contact.offer_callback = True
    assert alone.listen(1) == [(0, OFFER)]


def test_recordings_without_words_are_told_apart():
    caller = Caller()
    caller.contact.announcements = tuple(
        Announcement(text="", audio=name, after=9 * SECOND) for name in ("one", "two")
    )
    assert caller.listen(60) == [(9, ""), (9, "")]


# -- whatever the rules -------------------------------------------------------------------------

announcements = st.builds(
    Announcement,
    text=st.sampled_from("abc"),
    after=st.integers(0, 300).map(lambda s: s * SECOND),
    every=st.sampled_from([0, 5, 60, 90]).map(lambda s: s * SECOND),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(announcements, max_size=4).map(tuple),
    st.booleans(),
    st.sampled_from([0, 10, 60]),
    st.integers(0, 400),
    st.floats(0, 1),
)
@example((), False, 10, 376, 1.0)
def test_nothing_is_due_before_the_moment_that_was_named(queue_says, offers, every, start, share):
    announcing = Announcing(position_every=every * SECOND, wait_every=0)
    caller = Caller(
        replace(PLAIN, announcing=announcing),
        callback=CallbackOffer() if offers else None,
        announcements=queue_says,
    )
    caller.listen(start)
    assert caller.ask() is None
    moment = caller.ask_when()
    assert moment is None or moment > caller.centre.at
    left = (moment or caller.centre.at + 10 * MINUTE) - caller.centre.at
    caller.centre.wait(share * (left - 1) / SECOND)
    assert caller.ask() is None
