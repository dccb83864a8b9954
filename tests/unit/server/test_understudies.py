from server.understudies import LEAVE_AFTER, Understudies


def watched() -> tuple[Understudies, list[str]]:
    happened: list[str] = []
    understudies = Understudies(["chi", "dora"])
    understudies.on_claim = lambda agent: happened.append(f"claim {agent}")
    understudies.on_release = lambda agent: happened.append(f"release {agent}")
    return understudies, happened


def test_a_person_who_opens_a_desk_takes_the_part_over_once():
    understudies, happened = watched()
    understudies.claim("chi")
    understudies.claim("chi")
    assert happened == ["claim chi"]
    assert "chi" not in understudies
    assert "dora" in understudies


def test_an_agent_nobody_plays_is_not_claimed():
    understudies, happened = watched()
    understudies.claim("ann")
    assert happened == []


def test_the_part_goes_back_when_the_person_has_been_gone_for_a_while():
    understudies, happened = watched()
    understudies.claim("chi")
    understudies.look(frozenset(), 0)
    understudies.look(frozenset(), LEAVE_AFTER - 1)
    assert happened == ["claim chi"]
    understudies.look(frozenset(), LEAVE_AFTER)
    assert happened == ["claim chi", "release chi"]
    assert "chi" in understudies


def test_a_reload_does_not_give_the_part_back():
    understudies, happened = watched()
    understudies.claim("chi")
    understudies.look(frozenset(), 0)
    understudies.look(frozenset({"chi"}), LEAVE_AFTER // 2)
    understudies.look(frozenset(), LEAVE_AFTER)
    understudies.look(frozenset(), LEAVE_AFTER + 1)
    assert happened == ["claim chi"]
