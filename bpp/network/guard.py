"""Where callbacks may go: the guard against requests that a stranger's URL would have us make (SSRF).

A ``bap_uri`` is text from outside. Its form is checked before anything is resolved, and every address is checked again
at the moment a socket for it is made. That is after name resolution and immediately before the connection, so a name
that resolves to something else the second time (DNS rebinding), or to several addresses, gains nothing.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from yarl import URL

MAX_URL = 2048

_AUTHORITY_END = re.compile(r"[/?#]")
_PORT = re.compile(r":[0-9]{1,5}\Z")
_NAT64 = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
AddrInfo = tuple[int, int, int, str, tuple[Any, ...]]
"""One answer of ``getaddrinfo``: family, type, protocol, canonical name, socket address."""


class ForbiddenUrl(ValueError):
    """A URL of a form that we do not call; the text says why."""


class ForbiddenAddress(OSError):
    """An address outside the public internet and the allowed networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressGuard:
    """Which URLs and addresses callbacks may reach.

    ``allowed`` are networks beyond public addresses (``BPP_CALLBACK_ALLOW``). ``require_https`` is on everywhere but in
    the sandbox.
    """

    allowed: tuple[Network, ...] = ()
    require_https: bool = True

    def check_url(self, text: str) -> URL:
        """The parsed URL, which must be used as it is returned: parsing twice may give two hosts.

        Raises ``ForbiddenUrl`` for another scheme than http and https, for user names and passwords, for an address
        that is written out and not permitted, and for what is no URL at all.
        """
        if len(text) > MAX_URL:
            raise ForbiddenUrl("too long")
        if not text.isprintable() or " " in text or "\\" in text:
            raise ForbiddenUrl("white space, control characters or backslashes")
        try:
            url = URL(text)
            host, port = url.host, url.port
        except ValueError as problem:
            raise ForbiddenUrl("not a URL") from problem
        if url.scheme not in ({"https"} if self.require_https else {"http", "https"}):
            raise ForbiddenUrl("https is required" if self.require_https else "neither http nor https")
        authority = _AUTHORITY_END.split(text.partition("://")[2], maxsplit=1)[0]
        if "@" in authority:
            raise ForbiddenUrl("user name or password in the URL")
        if not host or not port:
            raise ForbiddenUrl("no host")
        if url.explicit_port is not None and not _PORT.search(authority):
            raise ForbiddenUrl("a port that is not written in digits")
        address = _address(host)
        if address is not None and not self.permits(address):
            raise ForbiddenUrl(f"{address} is not a public address")
        return url

    def permits(self, address: Address) -> bool:
        """Whether a connection to this address may be made.

        An IPv4 address inside an IPv6 one (mapped, 6to4, NAT64) counts as that IPv4 address, since that is where the
        packets end.
        """
        inner = _embedded(address)
        return any(_within(one, network) for one in (address, inner) for network in self.allowed) or _is_public(inner)

    def make_socket(self, addr_info: AddrInfo) -> socket.socket:
        """The socket factory of the client's connector. Raises ``ForbiddenAddress``."""
        family, kind, protocol, _, where = addr_info
        address = _address(str(where[0]))
        if address is None or not self.permits(address):
            raise ForbiddenAddress(f"{where[0]} is not a public address")
        return socket.socket(family, kind, protocol)


def _address(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0].rstrip("."))
    except ValueError:
        return None


def _embedded(address: Address) -> Address:
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _within(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
