"""Letting several people in at once, as the demo does at every start."""

from router.core.durations import HOUR
from server.accounts import User
from server.roles import Role


async def test_who_is_missing_is_added_and_the_others_get_the_password(centre):
    accounts, now = centre.patchbay.accounts, centre.patchbay.clock.now()
    await accounts.open_session("ann", now, HOUR)
    await accounts.open_session("sue", now, HOUR)
    new = User(id="zoe", name="Zoe Ash", roles=frozenset({Role.AGENT}), agent="ben")
    ann = User(id="ann", name="Somebody else", roles=frozenset({Role.ADMIN}))
    await accounts.let_in([ann, new], "their hash", now)
    hashes = await accounts.password_hashes()
    assert (hashes["ann"], hashes["zoe"], hashes["sue"]) == (
        "their hash",
        "their hash",
        "no password fits",
    )
    known = {user.id: user for user in await accounts.users()}
    assert known["zoe"] == new
    assert known["ann"].roles == frozenset({Role.AGENT})  # only the password is changed
    assert [await accounts.has_session(user, now) for user in ("ann", "sue")] == [False, True]
