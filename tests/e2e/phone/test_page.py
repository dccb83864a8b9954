"""The page of a desk that is a telephone: what it says, in which language, and how it looks."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.asterisk.baresip import Phone
from tests.asterisk.manager import Manager
from tests.e2e.people import SLOW
from tests.e2e.phone.desk import GOOD, MICROPHONE, PhoneDesk, ann_at, finish, ring, talk
from tests.e2e.test_looks import Eye
from tests.e2e.windows import Windows, picture


def test_without_a_microphone_one_sentence_says_what_to_do(
    windows: Windows, judge: Manager, cleared: None
) -> None:
    ann = ann_at(windows, permissions=[])
    ann.open()
    ann.shows("Phone ready")
    notice = ann.phone.get_by_text("The browser blocks your microphone: allow it")
    expect(notice).to_be_visible()
    ring(judge)
    expect(ann.phone).to_contain_text("calls your phone", timeout=SLOW)
    ann.keys.press("p")
    expect(notice).to_be_visible()
    ann.shows("Phone rings")
    picture(ann.page, "look-phone-no-microphone")
    ann.page.context.grant_permissions(["microphone"])
    expect(notice).to_have_count(0)
    ann.keys.press("p")
    ann.shows("On the phone")


def test_a_phone_that_the_telephone_system_refuses_says_so(windows: Windows) -> None:
    ben = PhoneDesk(windows.window("ben", **MICROPHONE).new_page())
    ben.open()
    ben.shows("Phone refused")
    expect(ben.phone).to_contain_text("The telephone system refuses your phone")


def test_of_two_tabs_one_is_the_phone_and_the_other_takes_over(
    ann: PhoneDesk, judge: Manager
) -> None:
    other = PhoneDesk(ann.page.context.new_page())
    other.open()
    expect(other.page.get_by_role("button", name="Another tab of this browser")).to_be_visible()
    ann.page.close()
    other.shows("Phone ready")
    ring(judge)
    expect(other.phone).to_contain_text("calls your phone", timeout=SLOW)


def test_the_phone_speaks_chinese(windows: Windows, judge: Manager, cleared: None) -> None:
    page = windows.window("ann", locale="zh-CN", **MICROPHONE).new_page()
    page.goto("/desk")
    ann = PhoneDesk(page)
    phone = page.get_by_role("region", name="电话")
    ann.shows("电话就绪")
    ring(judge)
    expect(phone).to_contain_text("María Díaz 正在拨打您的电话", timeout=SLOW)
    ann.keys.press("p")
    expect(phone).to_contain_text("正在与 María Díaz 通话", timeout=SLOW)
    expect(phone).to_contain_text(re.compile("音质： *良好"), timeout=SLOW)
    picture(page, "look-phone-talking-zh")
    ann.keys.press("m")
    expect(phone).to_contain_text("您已静音")
    ann.keys.press("Shift+P")
    ann.shows("电话就绪")


def test_the_phone_looks_well(windows: Windows, caller: Phone, judge: Manager) -> None:
    eye = Eye(windows)
    page = eye.page("ann", **MICROPHONE)
    ann = PhoneDesk(page)
    ann.open()
    ann.shows("Phone ready")
    eye.glance(page, "look-phone-registered")
    ring(judge)
    expect(ann.phone).to_contain_text("calls your phone", timeout=SLOW)
    eye.look(page, "look-phone-rings")
    ann.keys.press("Shift+P")
    ann.shows("Phone ready")
    talk(ann, caller)
    expect(ann.phone).to_contain_text(GOOD, timeout=SLOW)
    eye.glance(page, "look-phone-talking")
    ann.keys.press("m")
    ann.keys.press("#")
    ann.keys.type("42")
    eye.look(page, "look-phone-keypad")
    page.set_viewport_size({"width": 320, "height": 640})
    ann.keys.press("Escape")
    eye.glance(page, "look-phone-320")
    page.set_viewport_size({"width": 1280, "height": 720})
    ann.keys.press("a")
    expect(page.get_by_role("dialog")).to_be_visible()
    eye.look(page, "look-phone-devices")
    ann.keys.press("Escape")
    finish(ann, caller)
