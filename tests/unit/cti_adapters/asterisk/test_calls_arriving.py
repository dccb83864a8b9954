from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.calls import Calls
from cti_adapters.asterisk.legs import Ask
from cti_adapters.asterisk.settings import PbxSettings
from router.core.state import State
from router.ports import Arrival
from router.replica import Replica

AT = 0x1234
HOSTILE_CHARACTERS = '"\\${}(),<>\u202e'
HOSTILE = 'Bob"\\ ${SHELL(x)},\u202e<b>'


def calls(state=None):
    settings = PbxSettings(id="main", numbers={"100": "line"})
    return Calls(settings, Replica(state or State()))


def start(unique="1.0", **headers):
    given = {
        "Channel": "PJSIP/trunk-00000000",
        "ChannelStateDesc": "Ring",
        "CallerIDNum": "+442079460018",
        "CallerIDName": "",
        "Uniqueid": unique,
        "Linkedid": "1.0",
        "Context": "patchbay",
        "Exten": "100",
        "Priority": "1",
    }
    return Message((("Event", "AsyncAGIStart"), *(given | headers).items()))


def heard(board, *messages):
    for message in messages:
        board.hear(message, AT)
    acts = board.drain()
    asked = [act for act in acts if isinstance(act, Ask)]
    return [act for act in acts if isinstance(act, Arrival)], asked


def test_a_call_is_a_contact_named_after_its_linkedid_and_is_answered():
    [arrival], [answer, *_] = heard(calls(), start())
    assert arrival.contact == "main:1.0"
    assert (arrival.entry_point, arrival.address) == ("line", "+442079460018")
    assert dict(answer.headers)["Command"] == "ANSWER"


def test_the_same_event_twice_is_one_call():
    arrivals, _ = heard(calls(), start(), start())
    assert len(arrivals) == 1


def test_a_call_that_comes_back_after_its_contact_has_ended_is_a_contact_of_its_own():
    state = State()
    state.commands["main:1.0/arrive"] = None
    [arrival], _ = heard(calls(state), start())
    assert arrival.contact == f"main:1.0:{AT:x}"


def test_a_second_channel_of_a_live_call_is_a_contact_of_its_own():
    arrivals, _ = heard(calls(), start(), start("1.1", Channel="PJSIP/trunk-00000001"))
    assert [arrival.contact for arrival in arrivals] == ["main:1.0", f"main:1.0:{AT:x}"]


def test_a_hostile_name_is_made_a_plain_one():
    [arrival], _ = heard(calls(), start(CallerIDName=HOSTILE))
    assert not set(arrival.attributes["name"]) & set(HOSTILE_CHARACTERS)


def test_a_forged_channel_is_never_acted_on():
    forged = Message(
        (("Event", "Newchannel"), ("Uniqueid", "pb:1:x:y"), ("Channel", "/.*/"), ("Linkedid", "z"))
    )
    assert heard(calls(), forged) == ([], [])


def test_what_was_before_is_told_to_a_new_connection_and_nobody_is_hung_up_for_it():
    """Until the channels are listed nobody is known, whoever it is."""
    channel = (("Channel", "PJSIP/trunk-00000000"), ("Uniqueid", "1.0"), ("Context", "patchbay"))
    board = calls()
    board.stock_begins()
    done = Message((("Event", "AsyncAGIExec"), *channel, ("CommandID", "music")))
    assert heard(board, done, start()) == ([], [])
    board.take_stock([Message((*channel, ("Linkedid", "1.0"), ("Application", "AGI")))], AT)
    [arrival], _ = heard(board)
    assert arrival.contact == "main:1.0"
