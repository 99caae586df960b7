"""A mobile or desktop application: one refresh at a time, and an answer that was lost is asked for again."""

import threading
import time
import uuid
from typing import Protocol

from autional_client import Client, Options, UnauthenticatedError
from autional_client.schemas import TokenPairResponse


class Storage(Protocol):
    """The keychain of the device."""

    refresh_token: str
    pending_key: str | None


class Tokens:
    """Hands out an access token that is good for a while. `client` needs no API key: the refresh token is enough."""

    def __init__(self, client: Client, storage: Storage) -> None:
        self._client, self._storage, self._lock = client, storage, threading.Lock()
        self._access, self._good_until = "", 0.0

    def access_token(self) -> str:
        """Raises UnauthenticatedError where the user has to sign in again, NoAnswerError without a connection."""
        with self._lock:
            if time.monotonic() > self._good_until - 30:
                self._refresh()
            return self._access

    def _refresh(self) -> None:
        # the key is written down before it is used: after a crash the same exchange gets the same answer
        key = self._storage.pending_key = self._storage.pending_key or str(uuid.uuid4())
        try:
            pair: TokenPairResponse = self._client.refresh_session(
                refresh_token=self._storage.refresh_token, options=Options(idempotency_key=key)
            )
        except UnauthenticatedError:
            self._storage.pending_key = None
            raise
        self._storage.refresh_token, self._storage.pending_key = pair.refresh_token, None
        self._access, self._good_until = pair.access_token, time.monotonic() + pair.expires_in
