"""Sockets whose every wait ends with a deadline, so that no drip of bytes outlasts an exchange."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from dirisha.core.fineract.deadline import Deadline

SocketOptions = Iterable[Any]


class BoundedSockets(httpcore.NetworkBackend):
    """For one thread, whose exchanges come one after the other. `until` is that of the one under way."""

    def __init__(self) -> None:
        self.until = Deadline(0)
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        left_s = self.bounded_s(timeout, httpcore.ConnectTimeout)
        return _Bounded(self._sockets.connect_tcp(host, port, left_s, local_address, socket_options), self)

    def bounded_s(self, timeout: float | None, over: type[Exception]) -> float:
        """The seconds that a wait may take; raises `over` where none are left."""
        left_s = self.until.left_s
        if left_s <= 0:
            raise over("no time left")
        return left_s if timeout is None else min(timeout, left_s)


class _Bounded(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, sockets: BoundedSockets) -> None:
        self._stream, self._sockets = stream, sockets

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._sockets.bounded_s(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._sockets.bounded_s(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left_s = self._sockets.bounded_s(timeout, httpcore.ConnectTimeout)
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, left_s), self._sockets)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
