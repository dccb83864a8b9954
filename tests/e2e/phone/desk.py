"""A desk that is a telephone, and what people do and hear at both ends of a call."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.asterisk import hearing
from tests.asterisk.baresip import Phone
from tests.asterisk.manager import Manager, Message
from tests.asterisk.tones import RATE
from tests.e2e.centre import until
from tests.e2e.people import SLOW, Desk
from tests.e2e.phone_centre import NUMBER
from tests.e2e.windows import Windows

PATIENCE = 20  # seconds; on a busy machine the browser sends and plays in fits and starts
CALLER = "+441632960001"
GOOD = re.compile("Sound: *good")
MICROPHONE = {"permissions": ["microphone"]}
# Lets a test look at what the browser counts.
CONNECTIONS = """
window.connections = [];
const Original = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Original {
  constructor(...given) { super(...given); window.connections.push(this); }
};
"""
ENERGY = """async () => {
  const report = await window.connections.at(-1)?.getStats() ?? new Map();
  for (const one of report.values()) if (one.type === 'inbound-rtp') return one.totalAudioEnergy;
  return 0;
}"""


class PhoneDesk(Desk):
    """A desk that is a telephone."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.chip = page.locator("header button[aria-keyshortcuts=A]")
        self.phone = page.get_by_role("region", name="Phone")
        self.keys = page.keyboard

    def shows(self, word: str) -> None:
        expect(self.chip).to_contain_text(word, timeout=SLOW)


def ann_at(windows: Windows, **options: object) -> PhoneDesk:
    window = windows.window("ann", **(MICROPHONE | options))
    window.add_init_script(CONNECTIONS)
    return PhoneDesk(window.new_page())


def ring(judge: Manager) -> None:
    """Somebody calls Ann's phone itself; she hears a tone."""
    judge.do(
        "Originate",
        Channel="PJSIP/ann",
        Context="private",
        Exten="call",
        Priority="1",
        CallerID=f"María Díaz <{CALLER}>",
        Async="true",
    )


def cause_of_end(judge: Manager) -> str:
    """Q.850's, of the next call of Ann's phone to end."""
    seen = len(judge.seen)
    ended: Message = judge.wait(
        lambda event: (
            event["Event"] == "Hangup"
            and event["Channel"].startswith("PJSIP/ann")
            and event in judge.seen[seen:]
        ),
        "end of the call",
    )
    return ended["Cause"]


def talk(ann: PhoneDesk, caller: Phone) -> None:
    """A customer calls, the phone rings with the offer, the keyboard accepts both."""
    ann.be_ready()
    caller.dial(NUMBER)
    expect(ann.offer).to_contain_text(CALLER, timeout=SLOW)
    ann.shows("Phone rings")
    ann.accept()
    ann.shows("On the phone")


def hears(ann: PhoneDesk) -> None:
    """The browser plays what comes from Asterisk."""
    before = ann.page.evaluate(ENERGY)
    until(lambda: ann.page.evaluate(ENERGY) > before + 0.01, within=PATIENCE, what="sound arrives")


def is_heard_by(caller: Phone) -> None:
    """The browser's microphone, which beeps every second."""
    mark = caller.mark()
    heard = lambda: not hearing.is_silent(caller.heard(mark))  # noqa: E731
    until(heard, within=PATIENCE, what="the microphone is heard")


def is_not_heard_by(caller: Phone) -> None:
    """No more, for longer than it is silent between two beeps."""
    mark, length = caller.mark(), round(1.5 * RATE)

    def silent() -> bool:
        heard = caller.heard(mark)
        return len(heard) >= length and hearing.is_silent(heard[-length:])

    until(silent, within=PATIENCE, what="the microphone is not heard")


def finish(ann: PhoneDesk, caller: Phone) -> None:
    ann.keys.press("e")
    ann.keys.press("Enter")
    expect(ann.outcome).to_be_visible(timeout=SLOW)
    caller.wait_until("idle")
    ann.shows("Phone ready")
    ann.wrap_up("Solved")
