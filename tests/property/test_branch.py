"""A branch and its centre over a network that loses, doubles and delays, while either end dies:
each contact's requests take effect in their order, each at most once, and in the end each is
answered.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from router.branch.following import Following
from router.branch.messages import Alive, Answer, Commanded, Have, Hello, Item, Welcome
from router.branch.outbox import SENT_AGAIN, Outbox, Waiting
from router.branch.serving import Session
from router.core import commands as c
from router.core.durations import SECOND

CONTACTS = ("lee:1", "lee:2")


class BranchWorld(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000 * SECOND
        self.disk: dict[int, Waiting] = {}  # of the branch
        self.last_number = 0
        self.last_session = 0
        self.up: list[Hello | Have | Item] = []
        self.down: list[Welcome | Answer | Alive] = []
        self.session: Session | None = None  # at the centre
        self.in_hand: dict[tuple[int, int], Item] = {}
        self.closed: set[str] = set()  # contacts whose requests are refused now
        self.known: set[str] = set()  # ids that took effect
        self.effects: dict[str, list[int]] = {one: [] for one in CONTACTS}
        self.answers: dict[int, bool] = {}  # as the branch heard them
        self.made: dict[int, str] = {}
        self._start_branch()
        self.for_a_moment_all_is_well(decided=True)

    # -- the branch -----------------------------------------------------------------------------

    def _start_branch(self) -> None:
        waiting = [
            Waiting(number=one.number, request=one.request, since=one.since)
            for one in self.disk.values()
        ]
        self.outbox = Outbox(waiting, next_number=self.last_number + 1)
        self.following = Following(0, 0, self.last_session)
        self._connect()

    def _connect(self) -> None:
        """What was on the wire is lost with the connection."""
        self.up, self.down = [], []
        self.up.append(self.following.hello(self.outbox.floor, self.now))

    @rule(contact=st.sampled_from(CONTACTS), count=st.integers(1, 3))
    def the_channel_tells_something(self, contact, count):
        for _ in range(count):
            self._tell(contact)

    def _tell(self, contact):
        number = self.outbox.take_number()
        self.last_number = number
        command = c.Hold(id=f"{contact}/tell/{number}", contact=contact)
        one = Waiting(number=number, request=Commanded(command=command), since=self.now)
        self.disk[number] = one
        self.made[number] = contact
        self.outbox.add(one)

    @rule(count=st.integers(1, 4))
    def the_branch_speaks(self, count):
        if self.following.in_step:
            for one in self.outbox.due(self.now)[:count]:
                session = self.following.session
                self.up.append(Item(session=session, number=one.number, request=one.request))

    @rule()
    def a_sign_of_life(self):
        self.up.append(self.following.sign(self.outbox.floor, self.now))

    @rule(seconds=st.integers(1, 15))
    def time_passes(self, seconds):
        self.now += seconds * SECOND

    @rule(write_session=st.booleans())
    def the_branch_is_killed(self, write_session):
        if write_session:
            self.last_session = self.following.session
        self.now += 1
        self._start_branch()

    @rule()
    def the_connection_is_cut(self):
        self.following.cut()
        self._connect()

    # -- the network ----------------------------------------------------------------------------

    @rule(which=st.integers(0, 30), copies=st.integers(0, 2))
    def something_arrives_at_the_centre(self, which, copies):
        """Out of order, not at all, or again later."""
        if self.up:
            message = self.up.pop(which % len(self.up))
            if copies:
                self._hear_at_centre(message)
            if copies == 2:
                self.up.append(message)

    @rule(which=st.integers(0, 30), copies=st.integers(0, 2))
    def something_arrives_at_the_branch(self, which, copies):
        if self.down:
            message = self.down.pop(which % len(self.down))
            if copies:
                self._hear_at_branch(message)
            if copies == 2:
                self.down.append(message)

    def _hear_at_branch(self, message):
        welcomed = self.following.welcomed
        heard = self.following.hear(message, self.now)
        if self.following.welcomed and not welcomed:
            self.outbox.begin()
        if heard is True and isinstance(message, Answer) and self.outbox.answered(message.number):
            del self.disk[message.number]
            self.answers[message.number] = not message.code

    # -- the centre -----------------------------------------------------------------------------

    def _hear_at_centre(self, message):
        session = self.session
        if isinstance(message, Hello):
            if session is None or message.session > session.number:
                self.session = Session(message.session, 0, message.floor, self.now)
                self.down.append(Welcome(session=message.session, position=0))
        elif session is None or session.number != message.session:
            return
        elif isinstance(message, Have):
            session.have(message.position, message.floor, self.now)
            self.down.append(Alive(session=session.number, position=session.sent))
        else:
            match session.take(message.number):
                case Answer() as known:
                    self.down.append(known)
                case "decide":
                    self.in_hand[session.number, message.number] = message

    @rule(decided=st.booleans())
    def for_a_moment_all_is_well(self, decided):
        """The two find each other; copies of what was refused or answered may still be about."""
        if not self.following.welcomed:
            self.up.append(self.following.hello(self.outbox.floor, self.now))
        self.a_sign_of_life()
        for _ in range(2):
            self.the_branch_speaks(64)
            for message in self.up[:]:
                self._hear_at_centre(message)
                if not isinstance(message, Item):
                    self.up.remove(message)
            while decided and self.in_hand:
                self.a_request_is_decided(0, answered=True)
            while self.down:
                self._hear_at_branch(self.down.pop(0))

    @rule(which=st.integers(0, 30), answered=st.booleans())
    def a_request_is_decided(self, which, answered):
        """Also one of a session that is over; its answer is nobody's then."""
        if not self.in_hand:
            return
        key = sorted(self.in_hand)[which % len(self.in_hand)]
        item = self.in_hand[key]
        for other in [one for one in self.in_hand if one[1] == key[1]]:
            self._decide(other, item, answered=answered)

    def _decide(self, key, item, *, answered):
        """Two of one number share what is decided, as in ``centre``."""
        del self.in_hand[key]
        request_id, contact = item.request.command.id, item.request.command.contact
        accepted = request_id in self.known or contact not in self.closed
        if accepted and request_id not in self.known:
            self.known.add(request_id)
            self.effects[contact].append(item.number)
        session = self.session
        if session is None or session.number != key[0]:
            return
        if answered:
            code = "" if accepted else "wrong_state"
            answer = Answer(session=session.number, number=item.number, code=code)
            session.decided(answer)
            self.down.append(answer)
        elif accepted:  # it took effect, and the centre died before it said so
            self._new_centre()

    @rule(contact=st.sampled_from(CONTACTS))
    def a_contact_opens_or_closes(self, contact):
        self.closed ^= {contact}

    @rule()
    def the_centre_is_killed(self):
        self._new_centre()

    def _new_centre(self):
        """Another begins with the log, and with a connection of its own to the broker."""
        self.session = None
        self.in_hand = {}
        self.up, self.down = [], []

    # -- what must hold -------------------------------------------------------------------------

    @invariant()
    def each_takes_effect_once_and_in_order(self):
        for effects in self.effects.values():
            assert effects == sorted(set(effects))

    @invariant()
    def what_was_accepted_took_effect(self):
        for number, accepted in self.answers.items():
            if accepted:
                assert number in self.effects[self.made[number]]

    def teardown(self):
        """On a network that works at last everything is answered."""
        self.closed = set()
        for _ in range(200 + 20 * len(self.disk)):
            if not self.disk:
                break
            self.now += SENT_AGAIN
            if self.session is not None:
                self.session.heard(self.now)
            self.a_sign_of_life()
            while self.up or self.down or self.in_hand:
                for message in self.up[:]:
                    self.up.remove(message)
                    self._hear_at_centre(message)
                while self.in_hand:
                    self.a_request_is_decided(0, answered=True)
                for message in self.down[:]:
                    self.down.remove(message)
                    self._hear_at_branch(message)
                self.the_branch_speaks(64)
        assert self.disk == {}
        assert len(self.outbox) == 0


TestBranch = BranchWorld.TestCase
TestBranch.settings = settings(max_examples=250, stateful_step_count=50, deadline=None)
