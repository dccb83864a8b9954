"""Which addresses may be reached. A name is only a name: what it leads to is looked at, and
what was looked at is what is connected to.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_Address = IPv4Address | IPv6Address

_NEVER: Final = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "169.254.0.0/16",  # link-local: the machine's own data in a cloud, its keys among them
        "100.100.100.200/32",  # the same, elsewhere
        "192.0.0.192/32",
        "fd00:ec2::254/128",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
_PRIVATE: Final = tuple(
    ip_network(one)
    for one in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "::1/128",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",  # tunnels that nobody offers any more
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
    )
)
_V4_INSIDE: Final = (ip_network("64:ff9b::/96"), ip_network("::/96"))
_LOCAL_NAT: Final = ip_network("64:ff9b:1::/48")


def may_reach(address: str, *, private: bool) -> bool:
    """Whether ``address`` (as a resolver gives it) may be connected to. ``private``: also this
    machine and networks that are not public; link-local addresses never.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return all(_may(one, private=private) for one in (found, *_inside(found)))


def _may(address: _Address, *, private: bool) -> bool:
    if _in(address, _NEVER):
        return False
    return private or (address.is_global and not _in(address, _PRIVATE))


def _in(address: _Address, networks: tuple[object, ...]) -> bool:
    return any(address in network for network in networks)  # type: ignore[operator]


def _inside(address: _Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address leads to by way of a translator or a tunnel."""
    if not isinstance(address, IPv6Address):
        return ()
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _V4_INSIDE) and int(address) > 1:
        found.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    if address in _LOCAL_NAT:
        found.append(IPv4Address(0))  # where it leads is not known
    return tuple(one for one in found if one is not None)
