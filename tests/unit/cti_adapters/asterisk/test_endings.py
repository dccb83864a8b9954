import pytest

from cti_adapters.asterisk.endings import ending_of, ending_step, ending_went_on, left_behind
from cti_adapters.asterisk.exchange import Channel
from cti_adapters.asterisk.legs import GONE, Ask, Call, Leave, Leg, Record, Speak, TakeFax, Tell
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.wording import Spoken
from router.core import events as e
from router.core.catalog import ToMessage, ToVoicemail
from router.core.model import Callback

SETTINGS = PbxSettings(trunk="PJSIP/{number}@trunk", recordings_there="/var/spool/calls")
LEG = Leg(unique="17.0")
CHANNEL = Channel(unique="17.0", name="PJSIP/trunk-00000001", up=True, controlled=True)


def a_call(ending=None, **more):
    return Call(contact="main:17.0", number="+441632960001", ending=ending, **more)


def command_of(ask):
    assert isinstance(ask, Ask)
    return dict(ask.headers)["Command"]


@pytest.mark.parametrize(
    ("event", "ending"),
    [
        (
            e.Overflowed(contact="c", sequence=1, to=ToVoicemail(box="b"), cause="wait", queue="q"),
            Record("b"),
        ),
        (
            e.Overflowed(
                contact="c", sequence=1, to=ToMessage(text="Bye"), cause="wait", queue="q"
            ),
            Tell("Bye"),
        ),
        (
            e.CallbackPromised(
                contact="c", sequence=1, callback=Callback(address="1", promised_at=1)
            ),
            Tell(SETTINGS.callback_promised),
        ),
        (e.Abandoned(contact="c", sequence=1, waited=1), None),
        (e.Completed(contact="c", sequence=1), None),
    ],
    ids=["voicemail", "message", "callback", "abandoned", "completed"],
)
def test_what_an_event_leaves_to_hear(event, ending):
    assert ending_of(event, SETTINGS) == ending


@pytest.mark.parametrize(
    ("to", "ending"),
    [
        (ToVoicemail(box="b"), Record("b", greeted=True)),
        (ToMessage(text="Bye"), Tell("")),
    ],
    ids=["voicemail", "message"],
)
def test_what_a_flow_says_in_its_own_words_is_said_in_no_others(to, ending):
    event = e.Overflowed(contact="c", sequence=1, to=to, cause="flow", queue="")
    assert ending_of(event, SETTINGS, worded=True) == ending
    call = a_call(ending, words=(Spoken("So long.", "en"),))
    step = ending_step(call, LEG, CHANNEL, ending, SETTINGS)
    assert isinstance(step, Speak)
    assert step.texts == call.words


def test_who_is_put_through_hears_the_last_words_once_before():
    call = a_call(Leave("+442079460018"), words=(Spoken("One moment.", "en"),))
    words = ending_step(call, LEG, CHANNEL, call.ending, SETTINGS)
    assert isinstance(words, Speak)
    ending_went_on(call, words.what, broken_off=False)
    dialled = ending_step(call, LEG, CHANNEL, call.ending, SETTINGS)
    assert command_of(dialled).startswith("EXEC Dial ")


def test_a_message_is_spoken_and_then_it_is_over():
    call = a_call(Tell("Bye"))
    step = ending_step(call, LEG, CHANNEL, call.ending, SETTINGS)
    assert isinstance(step, Speak)
    assert [one.text for one in step.texts] == ["Bye"]
    ending_went_on(call, step.what, broken_off=False)
    assert call.ending == GONE
    assert left_behind(call) is None


def test_a_voicemail_box_greets_then_records_and_leaves_one_message():
    call = a_call(Record("box"), box="box")
    greeting = ending_step(call, LEG, CHANNEL, call.ending, SETTINGS)
    assert isinstance(greeting, Speak)
    ending_went_on(call, greeting.what, broken_off=False)
    recording = ending_step(call, LEG, CHANNEL, call.ending, SETTINGS)
    file = "new-main_3a17.0__voicemail__box__+441632960001"
    line = f"RECORD FILE /var/spool/calls/{file} wav # 180000 BEEP s=5"
    assert command_of(recording) == line
    ending_went_on(call, recording.what, broken_off=True)
    assert call.ending == GONE
    message = left_behind(call)
    assert (message.contact, message.channel) == ("main:17.0-voicemail", "voicemail")
    assert (message.entry_point, message.address) == ("box", "+441632960001")
    assert message.attributes == {"file": f"{file[4:]}.wav", "call": "main:17.0"}
    assert left_behind(call) is None


def test_who_hangs_up_at_the_greeting_leaves_nothing():
    call = a_call(Record("box"), box="box")
    ending_went_on(call, "spoken", broken_off=True)
    assert left_behind(call) is None


def test_a_fax_is_received_and_leaves_one_document():
    call = a_call(TakeFax("papers"), box="papers")
    step = ending_step(call, LEG, CHANNEL, call.ending, SETTINGS)
    file = "/var/spool/calls/new-main_3a17.0__fax__papers__+441632960001.tif"
    assert command_of(step) == f"EXEC ReceiveFAX {file}"
    ending_went_on(call, step.what, broken_off=False)
    assert call.ending == GONE
    document = left_behind(call)
    assert (document.channel, document.entry_point) == ("fax", "papers")
    assert left_behind(call) is None


def test_who_is_put_through_is_dialled_and_then_it_is_over():
    call = a_call(Leave("+442079460001"))
    step = ending_step(call, LEG, CHANNEL, call.ending, SETTINGS)
    assert command_of(step) == "EXEC Dial PJSIP/+442079460001@trunk,60"
    ending_went_on(call, step.what, broken_off=False)
    assert call.ending == GONE


@pytest.mark.parametrize("ending", [Tell("x"), Record("b"), Leave("+44"), TakeFax("p"), GONE, None])
@pytest.mark.parametrize("what", ["", "music", "answer", "garbage", "bridge pb:1"])
def test_the_end_of_any_other_command_changes_nothing(ending, what):
    call = a_call(ending)
    ending_went_on(call, what, broken_off=False)
    assert (call.ending, call.stage) == (ending, "")
