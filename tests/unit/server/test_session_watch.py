import msgspec
import pytest

from router.clock import ManualClock
from server.accounts import Identity, User
from server.roles import Role
from server.session_watch import SessionWatch, WatchedSocket

ANN = Identity(
    session="s1",
    user=User(id="ann", name="Ann", roles=frozenset({Role.AGENT}), agent="ann"),
    expires_at=10,
)


class Accounts:
    """Who holds which session now."""

    def __init__(self, *identities: Identity) -> None:
        self.good = {identity.session: identity for identity in identities}

    async def identities(self, sessions, at):
        return {s: self.good[s] for s in sessions if s in self.good}


def socket_of(identity: Identity, operation: str = "desk_socket") -> tuple[WatchedSocket, list]:
    closed: list[bool] = []
    return WatchedSocket(identity, operation, lambda: closed.append(True)), closed


def with_user(**changes: object) -> Identity:
    return msgspec.structs.replace(ANN, user=msgspec.structs.replace(ANN.user, **changes))


async def test_a_good_session_keeps_its_socket():
    socket, closed = socket_of(ANN)
    watch = SessionWatch(Accounts(ANN), ManualClock())
    watch.add(socket)
    await watch.look()
    assert socket.authorised
    assert closed == []


@pytest.mark.parametrize(
    "now", [None, with_user(roles=frozenset({Role.SUPERVISOR})), with_user(agent="ben")]
)
async def test_a_revoked_session_another_role_or_another_agent_closes_it(now):
    socket, closed = socket_of(ANN)
    watch = SessionWatch(Accounts(*([now] if now else [])), ManualClock())
    watch.add(socket)
    await watch.look()
    assert not socket.authorised
    assert closed == [True]


async def test_signing_out_closes_the_sockets_of_that_session_at_once_and_no_others():
    mine, mine_closed = socket_of(ANN)
    other, other_closed = socket_of(msgspec.structs.replace(ANN, session="s2"))
    watch = SessionWatch(Accounts(ANN), ManualClock())
    watch.add(mine)
    watch.add(other)
    watch.revoke("s1")
    assert (mine_closed, other_closed) == ([True], [])


async def test_it_knows_which_agents_have_a_desk_open():
    desk, _ = socket_of(ANN)
    board, _ = socket_of(with_user(id="sue", agent="sue"), "board_socket")
    watch = SessionWatch(Accounts(ANN), ManualClock())
    watch.add(desk)
    watch.add(board)
    assert watch.agents() == {"ann"}
    watch.remove(desk)
    assert watch.agents() == frozenset()
