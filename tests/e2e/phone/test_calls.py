"""The telephone in the desk, against a real Asterisk: it rings, is answered, is heard."""

from __future__ import annotations

import base64
import hashlib
import re
import socket

from playwright.sync_api import expect

from tests.asterisk.baresip import Phone
from tests.asterisk.manager import Manager, Message
from tests.asterisk.media import packets
from tests.asterisk.server import MUSIC, AsteriskServer
from tests.e2e.people import SLOW
from tests.e2e.phone.desk import (
    GOOD,
    PATIENCE,
    PhoneDesk,
    cause_of_end,
    finish,
    hears,
    is_heard_by,
    is_not_heard_by,
    ring,
    talk,
)
from tests.e2e.windows import Windows

# Causes of Q.850; Asterisk has none for a call that was simply ended
NORMAL, DECLINED, OUT_OF_ORDER = "0", "21", "27"
WEBSOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # of RFC 6455
UPGRADED = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: {accepted}\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
)


def test_accepting_the_offer_answers_the_phone_and_both_sides_hear_each_other(
    ann: PhoneDesk, caller: Phone, asterisk: AsteriskServer
) -> None:
    talk(ann, caller)
    hears(ann)
    is_heard_by(caller)
    counted = packets(asterisk).values()
    assert len(counted) == 2
    assert all(count.received and count.sent for count in counted)
    expect(ann.phone).to_contain_text(GOOD, timeout=SLOW)
    ann.keys.press("m")
    expect(ann.phone).to_contain_text("You are muted")
    is_not_heard_by(caller)
    ann.keys.press("m")
    is_heard_by(caller)
    finish(ann, caller)


def test_a_customer_on_hold_hears_music_and_is_taken_back(ann: PhoneDesk, caller: Phone) -> None:
    talk(ann, caller)
    ann.keys.press("h")
    ann.shows("On hold")
    caller.wait_to_hear(MUSIC)
    ann.keys.press("h")
    ann.shows("On the phone")
    is_heard_by(caller)
    hears(ann)
    caller.hang_up()
    ann.shows("Phone ready")
    ann.wrap_up("Solved")


def test_digits_go_to_asterisk_and_to_no_key_of_the_desk(
    ann: PhoneDesk, caller: Phone, judge: Manager
) -> None:
    talk(ann, caller)
    ann.keys.press("#")
    keypad = ann.phone.get_by_role("group", name="Keypad")
    expect(keypad).to_be_visible()
    ann.keys.type("4e2#")
    ann.phone.get_by_role("button", name="7", exact=True).click()
    expect(ann.phone.get_by_label("Digits sent")).to_have_text("42#7")
    expect(ann.page.get_by_role("dialog")).to_have_count(0)  # E is a key of the desk
    ann.keys.press("Escape")
    expect(keypad).to_have_count(0)
    pressed = [("PJSIP/ann", digit) for digit in "42#7"]
    judge.wait(lambda event: _pressed(event) == pressed[-1], "last digit")
    assert [one for event in judge.seen if (one := _pressed(event))[0] == "PJSIP/ann"] == pressed
    finish(ann, caller)


def _pressed(event: Message) -> tuple[str, str]:
    """Whose telephone, which digit."""
    if event["Event"] != "DTMFEnd" or event["Direction"] != "Received":
        return "", ""
    return event["Channel"].partition("-")[0], event["Digit"]


def test_a_private_call_waits_for_the_person_and_is_ended_by_them(
    ann: PhoneDesk, judge: Manager
) -> None:
    ring(judge)
    expect(ann.phone).to_contain_text("María Díaz calls your phone", timeout=SLOW)
    ann.shows("Phone rings")
    ann.keys.press("p")
    expect(ann.phone).to_contain_text("Talking with María Díaz", timeout=SLOW)
    hears(ann)
    ann.keys.press("Shift+P")
    ann.shows("Phone ready")
    assert cause_of_end(judge) == NORMAL
    ring(judge)
    expect(ann.phone).to_contain_text("calls your phone", timeout=SLOW)
    ann.keys.press("Shift+P")
    ann.shows("Phone ready")
    assert cause_of_end(judge) == DECLINED


def test_a_call_survives_a_reload_of_the_page(
    ann: PhoneDesk, caller: Phone, judge: Manager, windows: Windows
) -> None:
    talk(ann, caller)
    ann.keys.press("m")
    windows.leave(ann.page)
    ann.page.reload()
    # For the telephone system a phone was lost, and nobody has hung up: it rings again.
    assert cause_of_end(judge) == OUT_OF_ORDER
    ann.shows("On the phone")
    expect(ann.phone).to_contain_text("You are muted")
    ann.keys.press("m")
    is_heard_by(caller)
    hears(ann)
    finish(ann, caller)


def test_a_phone_comes_back_after_a_restart_of_the_telephone_system(
    ann: PhoneDesk, caller: Phone, asterisk: AsteriskServer
) -> None:
    """One that takes connections before it answers."""
    asterisk.kill()
    with a_line_that_is_silent(asterisk.ports.http):
        asterisk.start()
        ann.shows("Phone connecting…")
        ann.shows("Phone ready")
    # The router has to know it, too, before the next call comes.
    expect(ann.page.get_by_role("banner")).not_to_contain_text("no calls", timeout=SLOW)
    talk(ann, caller)
    is_heard_by(caller)
    finish(ann, caller)


def a_line_that_is_silent(port: int) -> socket.socket:
    """The websocket of the next telephone that connects, once it has said something."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        listening.settimeout(PATIENCE)
        line, _ = listening.accept()
    line.settimeout(PATIENCE)
    asked = b""
    while b"\r\n\r\n" not in asked:
        asked += line.recv(4_096)
    key = re.findall(rb"(?i)sec-websocket-key: (\S+)", asked)[0]
    accepted = base64.b64encode(hashlib.sha1(key + WEBSOCKET).digest()).decode()
    line.sendall(UPGRADED.format(accepted=accepted).encode())
    assert line.recv(1)
    return line
