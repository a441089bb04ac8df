"""Connections that go nowhere but to checked addresses, and end in time.

What is said over them, and to whom, is `fetch`'s business; nothing else in the package opens a connection by a name
that a feed or a page gives.
"""

from __future__ import annotations

import ipaddress
import math
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What `ipaddress` takes for global in one version of Python or another, though it leads into somebody's own network.
_ALSO_FORBIDDEN = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # the platform address inside Azure's virtual networks
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890); clouds use it for metadata
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "2001::/23",  # IETF protocol assignments, Teredo among them (RFC 2928)
        "2002::/16",  # 6to4: embeds an IPv4 address (RFC 3056)
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # the only part of IPv6 that IANA hands out; NAT64 lies outside it


class ForbiddenAddressError(Exception):
    """A host is, or its name leads to, an address that may not be asked."""

    def __init__(self, host: str, address: str) -> None:
        self.literal = host == address
        super().__init__(address if self.literal else f"{host} is {address}")


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet (IANA's registries of special-purpose addresses).

    Addresses that embed another one (IPv4-mapped, NAT64, 6to4, Teredo) are not: they hide where they lead.
    """
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return not any(address in network for network in _ALSO_FORBIDDEN)


class Budget:
    """The time that a request may still spend on the wire."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._left, self._clock = seconds, clock
        self._end = -math.inf

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the time run."""
        self._end = self._clock() + self._left
        try:
            yield
        finally:
            self._left = self._end - self._clock()

    def within(self, timeout: float | None = None) -> float:
        """Return a time-out that ends with the budget at the latest.

        Raises:
            httpcore.ReadTimeout: nothing is left.
        """
        left = self._end - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout("the time of the request is used up")
        return left if timeout is None else min(left, timeout)


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends with the budget, so that one byte a second is no way around the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, budget: Budget) -> None:
        self._stream, self._budget = stream, budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._budget.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._budget.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            secured = self._stream.start_tls(ssl_context, server_hostname, self._budget.within(timeout))
        except BaseException:
            self.close()
            raise
        return _TimedStream(secured, self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class GuardedNetwork(httpcore.NetworkBackend):
    """Connects to addresses that were looked up and checked; TLS and the Host header keep the name."""

    def __init__(self, budget: Budget, allowed: Callable[[Address], bool], resolve: Callable[..., Any]) -> None:
        self._budget, self._allowed, self._resolve = budget, allowed, resolve
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Look a name up, check each of its addresses, and connect to one of them.

        Raises:
            ForbiddenAddressError: one of the addresses may not be asked; nothing was sent.
            socket.gaierror: the name has no address.
            httpcore.TimeoutException, httpcore.ConnectError: no address answers.
        """
        seconds = self._budget.within(timeout)
        addresses = self._addresses(host, port, seconds)
        share = max(seconds / len(addresses), 1.0)  # an address that is dead leaves time for the next one
        for address in addresses:
            try:
                limit = self._budget.within(share)
                stream = self._network.connect_tcp(address, port, limit, local_address, socket_options)
                return _TimedStream(stream, self._budget)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _addresses(self, host: str, port: int, seconds: float) -> list[str]:
        """Look a name up; return its addresses if each is allowed: one that is not makes all of them suspect."""
        found: Future[list[Any]] = Future()

        def look_up() -> None:
            try:
                found.set_result(self._resolve(host, port, type=socket.SOCK_STREAM))
            except Exception as error:  # whatever it is, it is raised where the result is awaited
                found.set_exception(error)

        # The resolver of the system cannot be given a time-out; a thread that does not end is left behind.
        threading.Thread(target=look_up, name="look-up", daemon=True).start()
        try:
            rows = found.result(seconds)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"the look-up of {host} took too long") from error
        addresses = list(dict.fromkeys(str(row[4][0]) for row in rows))
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
        for address in addresses:
            if not self._allowed(ipaddress.ip_address(address)):
                raise ForbiddenAddressError(host, address)
        return addresses
