"""Operations of events. Generated from the service's table of operations: do not edit."""

from types import NoneType
from typing import Any, Literal

from autional_client.calls import NO_OPTIONS, Call, Options, path_of
from autional_client.paging import AsyncPage, Page
from autional_client.schemas import (
    AlertRuleBody,
    AlertsResponse,
    CreatedReceiverResponse,
    DeliveryListResponse,
    DeliveryMethod,
    DeliveryResponse,
    EventsResponse,
    LagResponse,
    PollError,
    PollResponse,
    ReceiptResponse,
    ReceiverListResponse,
    ReceiverResponse,
    ReceiverSecretResponse,
    ReplayResponse,
    SimpleResponse,
    SnapshotResponse,
    StreamConfiguration,
    StreamStatusResponse,
)
from autional_client.sender import AsyncSender, Sender


class Events(Sender):
    """Operations of events."""

    def read_events(
        self, *, after: str | None = None, page_size: int | None = None, options: Options = NO_OPTIONS
    ) -> EventsResponse:
        """Read the revocation log.

        In order, after the event of an id: nothing appears later before what was seen. With `Accept: text/event-stream` as
        server-sent events from now on, or from the `Last-Event-ID`; they go on until the caller may not listen any more.
        Where the log cannot be continued from that event, it says `reset` and goes on from now.

        GET /admin/revocations/events

        after: The id of the last event that was read; without it, from now on.
        page_size: Items per page.
        """
        call = Call[EventsResponse](
            "GET",
            "/admin/revocations/events",
            EventsResponse,
            query={"after": after, "page_size": page_size},
            is_repeatable=True,
        )
        return self.send(call, options)

    def internal_read_events(
        self, *, after: str | None = None, page_size: int | None = None, options: Options = NO_OPTIONS
    ) -> EventsResponse:
        """Read the revocation log.

        In order, after the event of an id: nothing appears later before what was seen. With `Accept: text/event-stream` as
        server-sent events from now on, or from the `Last-Event-ID`; they go on until the caller may not listen any more.
        Where the log cannot be continued from that event, it says `reset` and goes on from now.

        GET /internal/session/revocations

        after: The id of the last event that was read; without it, from now on.
        page_size: Items per page.
        """
        call = Call[EventsResponse](
            "GET",
            "/internal/session/revocations",
            EventsResponse,
            query={"after": after, "page_size": page_size},
            is_repeatable=True,
        )
        return self.send(call, options)

    def internal_read_revocation_snapshot(
        self, *, after: str | None = None, options: Options = NO_OPTIONS
    ) -> SnapshotResponse:
        """Read what is revoked.

        What a verifier has to know before it judges its first token, in parts: ask on with `last_event_id` while there is
        `has_next`, and then read the log from there. An id that cannot be continued begins anew.

        GET /internal/session/revocations/snapshot

        after: The `last_event_id` of the part before.
        """
        call = Call[SnapshotResponse](
            "GET",
            "/internal/session/revocations/snapshot",
            SnapshotResponse,
            query={"after": after},
            is_repeatable=True,
        )
        return self.send(call, options)

    def get_lag(self, *, options: Options = NO_OPTIONS) -> LagResponse:
        """Get how long the channels take.

        From what happened until it was heard: of a receiver until its answer, of the feed until it was sent, of the status
        lists until a bit was set. `late` where something waits for more than five seconds.

        GET /admin/revocations/lag
        """
        call = Call[LagResponse]("GET", "/admin/revocations/lag", LagResponse, is_repeatable=True)
        return self.send(call, options)

    def get_receipt(self, revocation_id: str, *, options: Options = NO_OPTIONS) -> ReceiptResponse:
        """Get the receipt of a revocation.

        By which channel which receiver heard of it, when, and how long that took.

        GET /admin/revocations/{revocation_id}/receipt

        revocation_id: Id of the revocation.
        """
        call = Call[ReceiptResponse](
            "GET",
            path_of("/admin/revocations/{revocation_id}/receipt", revocation_id=revocation_id),
            ReceiptResponse,
            is_repeatable=True,
        )
        return self.send(call, options)

    def get_alerts(self, *, options: Options = NO_OPTIONS) -> AlertsResponse:
        """Get the alert rules, and the latest alerts.

        The last hour is compared with the same hour of the four weeks before, each minute.

        GET /admin/alerts
        """
        call = Call[AlertsResponse]("GET", "/admin/alerts", AlertsResponse, is_repeatable=True)
        return self.send(call, options)

    def update_alert_rules(self, *, rules: list[AlertRuleBody], options: Options = NO_OPTIONS) -> AlertsResponse:
        """Say what is unusual.

        Receivers of the kind `alert` hear of it, by webhook and by the feed.

        PUT /admin/alerts

        rules: What is unusual, one rule for each measure.
        """
        call = Call[AlertsResponse]("PUT", "/admin/alerts", AlertsResponse, body={"rules": rules}, is_repeatable=True)
        return self.send(call, options)

    def list_receivers(self, *, options: Options = NO_OPTIONS) -> ReceiverListResponse:
        """List receivers.

        Who is told of the events of the tenant, what each still has to be told (`waiting`) and what it never was (`dead`).

        GET /admin/receivers
        """
        call = Call[ReceiverListResponse]("GET", "/admin/receivers", ReceiverListResponse, is_repeatable=True)
        return self.send(call, options)

    def create_receiver(
        self,
        *,
        protocol: Literal["webhook", "backchannel_logout", "global_token_revocation"],
        url: str,
        client_id: str | None = None,
        app_id: str | None = None,
        kinds: list[
            Literal["session", "token", "user", "tenant", "restored", "established", "assurance", "tokens", "alert"]
        ]
        | None = None,
        description: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> CreatedReceiverResponse:
        """Add a receiver.

        A webhook (Standard Webhooks), a client of OIDC Back-Channel Logout, or an application with a Global Token
        Revocation endpoint. It is told of what happens from now on, at least once, in order within a user or session.

        POST /admin/receivers

        protocol: How it is told: webhook, backchannel_logout or global_token_revocation.
        url: Where it is told; https, unless it is in AUTIONAL_RECEIVER_NETWORKS.
        client_id: The client whose sessions end: the aud of what it is sent.
        app_id: Tell of sessions of this app only.
        kinds: Kinds of events: session, token, user, tenant, restored, established, assurance, tokens, alert.
        description: What the receiver is for.
        """
        call = Call[CreatedReceiverResponse](
            "POST",
            "/admin/receivers",
            CreatedReceiverResponse,
            body={
                "protocol": protocol,
                "url": url,
                "client_id": client_id,
                "app_id": app_id,
                "kinds": kinds,
                "description": description,
            },
        )
        return self.send(call, options)

    def get_receiver(self, receiver_id: str, *, options: Options = NO_OPTIONS) -> ReceiverResponse:
        """Get a receiver.

        GET /admin/receivers/{receiver_id}

        receiver_id: Id of a receiver.
        """
        call = Call[ReceiverResponse](
            "GET",
            path_of("/admin/receivers/{receiver_id}", receiver_id=receiver_id),
            ReceiverResponse,
            is_repeatable=True,
        )
        return self.send(call, options)

    def update_receiver(
        self,
        receiver_id: str,
        *,
        url: str | None = None,
        kinds: list[
            Literal["session", "token", "user", "tenant", "restored", "established", "assurance", "tokens", "alert"]
        ]
        | None = None,
        description: str | None = None,
        paused: bool | None = None,
        options: Options = NO_OPTIONS,
    ) -> ReceiverResponse:
        """Change, pause or resume a receiver.

        While it is paused its deliveries wait. It is tried again at once.

        PUT /admin/receivers/{receiver_id}

        receiver_id: Id of a receiver.
        url: Where it is told; https, unless it is in AUTIONAL_RECEIVER_NETWORKS.
        kinds: Kinds of events: session, token, user, tenant, restored, established, assurance, tokens, alert.
        description: What the receiver is for.
        paused: Whether nothing is sent to it.
        """
        call = Call[ReceiverResponse](
            "PUT",
            path_of("/admin/receivers/{receiver_id}", receiver_id=receiver_id),
            ReceiverResponse,
            body={"url": url, "kinds": kinds, "description": description, "paused": paused},
            is_repeatable=True,
        )
        return self.send(call, options)

    def delete_receiver(self, receiver_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Remove a receiver.

        With the record of what it was told.

        DELETE /admin/receivers/{receiver_id}

        receiver_id: Id of a receiver.
        """
        call = Call[SimpleResponse](
            "DELETE",
            path_of("/admin/receivers/{receiver_id}", receiver_id=receiver_id),
            SimpleResponse,
            is_repeatable=True,
        )
        return self.send(call, options)

    def rotate_receiver_secret(self, receiver_id: str, *, options: Options = NO_OPTIONS) -> ReceiverSecretResponse:
        """Give a webhook a new secret.

        For 24 hours every message is signed by the new one and by the one before it.

        POST /admin/receivers/{receiver_id}/rotate-secret

        receiver_id: Id of a receiver.
        """
        call = Call[ReceiverSecretResponse](
            "POST",
            path_of("/admin/receivers/{receiver_id}/rotate-secret", receiver_id=receiver_id),
            ReceiverSecretResponse,
        )
        return self.send(call, options)

    def list_deliveries(
        self,
        receiver_id: str,
        *,
        state: Literal["waiting", "delivered", "dead"] | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> Page[DeliveryListResponse, DeliveryResponse]:
        """List deliveries to a receiver.

        Newest first. Those that are `dead` could not be delivered within a day, or were refused for good.

        GET /admin/receivers/{receiver_id}/deliveries

        receiver_id: Id of a receiver.
        state: State of the job.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[DeliveryListResponse](
            "GET",
            path_of("/admin/receivers/{receiver_id}/deliveries", receiver_id=receiver_id),
            DeliveryListResponse,
            query={"state": state, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return Page(self.send, call, options)

    def replay_deliveries(
        self, receiver_id: str, *, positions: list[int] | None = None, options: Options = NO_OPTIONS
    ) -> ReplayResponse:
        """Try dead deliveries again.

        Those at the positions that are named, or all. Each is tried for another day.

        POST /admin/receivers/{receiver_id}/replay

        receiver_id: Id of a receiver.
        positions: Which deliveries; without it, all that are dead.
        """
        call = Call[ReplayResponse](
            "POST",
            path_of("/admin/receivers/{receiver_id}/replay", receiver_id=receiver_id),
            ReplayResponse,
            body={"positions": positions},
        )
        return self.send(call, options)

    def get_ssf_configuration(self, tenant_id: str, *, options: Options = NO_OPTIONS) -> dict[str, Any]:
        """Get the configuration of the transmitter of a tenant.

        OpenID SSF 1.0 §7.1: its issuer, keys and endpoints.

        GET /.well-known/ssf-configuration/{tenant_id}

        tenant_id: The tenant.
        """
        call = Call[dict[str, Any]](
            "GET",
            path_of("/.well-known/ssf-configuration/{tenant_id}", tenant_id=tenant_id),
            dict[str, Any],
            is_repeatable=True,
        )
        return self.send(call, options)

    def create_stream(
        self,
        *,
        delivery: DeliveryMethod | None = None,
        events_requested: list[str] | None = None,
        description: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> StreamConfiguration:
        """Create a stream of security events.

        OpenID SSF 1.0 §8.1.1.1, with events of CAEP 1.0. It belongs to the API key that makes it.

        POST /ssf/streams

        delivery: How it is delivered; polled, if it is left out.
        events_requested: Event types that the receiver asked for; all, if it is left out.
        description: What the stream is for.
        """
        call = Call[StreamConfiguration](
            "POST",
            "/ssf/streams",
            StreamConfiguration,
            body={"delivery": delivery, "events_requested": events_requested, "description": description},
        )
        return self.send(call, options)

    def get_streams(self, *, stream_id: str | None = None, options: Options = NO_OPTIONS) -> Any:
        """Get a stream, or all of this API key.

        OpenID SSF 1.0 §8.1.1.2.

        GET /ssf/streams

        stream_id: Id of a stream.
        """
        call = Call[Any]("GET", "/ssf/streams", object, query={"stream_id": stream_id}, is_repeatable=True)
        return self.send(call, options)

    def update_stream(
        self,
        *,
        stream_id: str,
        delivery: DeliveryMethod | None = None,
        events_requested: list[str] | None = None,
        description: str | None = None,
        iss: str | None = None,
        aud: str | None = None,
        events_supported: list[str] | None = None,
        events_delivered: list[str] | None = None,
        min_verification_interval: int | None = None,
        inactivity_timeout: int | None = None,
        options: Options = NO_OPTIONS,
    ) -> StreamConfiguration:
        """Change a stream.

        OpenID SSF 1.0 §8.1.1.3: what is left out stays.

        PATCH /ssf/streams

        stream_id: Id of a stream.
        delivery: How it is delivered; polled, if it is left out.
        events_requested: Event types that the receiver asked for; all, if it is left out.
        description: What the stream is for.
        iss: Issuer: this service and the tenant.
        aud: May be repeated; stays as it is.
        events_supported: Event types that the transmitter knows.
        events_delivered: Event types that it gets.
        min_verification_interval: May be repeated; not used.
        inactivity_timeout: May be repeated; not used.
        """
        call = Call[StreamConfiguration](
            "PATCH",
            "/ssf/streams",
            StreamConfiguration,
            body={
                "stream_id": stream_id,
                "delivery": delivery,
                "events_requested": events_requested,
                "description": description,
                "iss": iss,
                "aud": aud,
                "events_supported": events_supported,
                "events_delivered": events_delivered,
                "min_verification_interval": min_verification_interval,
                "inactivity_timeout": inactivity_timeout,
            },
        )
        return self.send(call, options)

    def replace_stream(
        self,
        *,
        stream_id: str,
        delivery: DeliveryMethod | None = None,
        events_requested: list[str] | None = None,
        description: str | None = None,
        iss: str | None = None,
        aud: str | None = None,
        events_supported: list[str] | None = None,
        events_delivered: list[str] | None = None,
        min_verification_interval: int | None = None,
        inactivity_timeout: int | None = None,
        options: Options = NO_OPTIONS,
    ) -> StreamConfiguration:
        """Replace a stream.

        OpenID SSF 1.0 §8.1.1.4: what is left out is as in a new one.

        PUT /ssf/streams

        stream_id: Id of a stream.
        delivery: How it is delivered; polled, if it is left out.
        events_requested: Event types that the receiver asked for; all, if it is left out.
        description: What the stream is for.
        iss: Issuer: this service and the tenant.
        aud: May be repeated; stays as it is.
        events_supported: Event types that the transmitter knows.
        events_delivered: Event types that it gets.
        min_verification_interval: May be repeated; not used.
        inactivity_timeout: May be repeated; not used.
        """
        call = Call[StreamConfiguration](
            "PUT",
            "/ssf/streams",
            StreamConfiguration,
            body={
                "stream_id": stream_id,
                "delivery": delivery,
                "events_requested": events_requested,
                "description": description,
                "iss": iss,
                "aud": aud,
                "events_supported": events_supported,
                "events_delivered": events_delivered,
                "min_verification_interval": min_verification_interval,
                "inactivity_timeout": inactivity_timeout,
            },
            is_repeatable=True,
        )
        return self.send(call, options)

    def delete_stream(self, *, stream_id: str, options: Options = NO_OPTIONS) -> None:
        """Delete a stream.

        OpenID SSF 1.0 §8.1.1.5.

        DELETE /ssf/streams

        stream_id: Id of a stream.
        """
        call = Call[None]("DELETE", "/ssf/streams", NoneType, query={"stream_id": stream_id}, is_repeatable=True)
        self.send(call, options)

    def get_stream_status(self, *, stream_id: str, options: Options = NO_OPTIONS) -> StreamStatusResponse:
        """Get the status of a stream.

        OpenID SSF 1.0 §8.1.2.1.

        GET /ssf/status

        stream_id: Id of a stream.
        """
        call = Call[StreamStatusResponse](
            "GET", "/ssf/status", StreamStatusResponse, query={"stream_id": stream_id}, is_repeatable=True
        )
        return self.send(call, options)

    def update_stream_status(
        self,
        *,
        stream_id: str,
        status: Literal["enabled", "paused", "disabled"],
        reason: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> StreamStatusResponse:
        """Enable, pause or disable a stream.

        OpenID SSF 1.0 §8.1.2.2. What happens while it is paused is told later; while it is disabled, never.

        POST /ssf/status

        stream_id: Id of a stream.
        status: enabled; paused: what happens is told later; disabled: it is told of nothing.
        reason: Why.
        """
        call = Call[StreamStatusResponse](
            "POST",
            "/ssf/status",
            StreamStatusResponse,
            body={"stream_id": stream_id, "status": status, "reason": reason},
        )
        return self.send(call, options)

    def add_stream_subject(
        self, *, stream_id: str, subject: dict[str, Any], verified: bool | None = None, options: Options = NO_OPTIONS
    ) -> None:
        """Tell a stream about a user.

        OpenID SSF 1.0 §8.1.3.2. It is told about all users, until one is removed.

        POST /ssf/subjects/add

        stream_id: Id of a stream.
        subject: A subject identifier (RFC 9493).
        verified: Whether the receiver has verified the subject; not used.
        """
        call = Call[None](
            "POST",
            "/ssf/subjects/add",
            NoneType,
            body={"stream_id": stream_id, "subject": subject, "verified": verified},
        )
        self.send(call, options)

    def remove_stream_subject(
        self, *, stream_id: str, subject: dict[str, Any], verified: bool | None = None, options: Options = NO_OPTIONS
    ) -> None:
        """Tell a stream nothing about a user any more.

        OpenID SSF 1.0 §8.1.3.3.

        POST /ssf/subjects/remove

        stream_id: Id of a stream.
        subject: A subject identifier (RFC 9493).
        verified: Whether the receiver has verified the subject; not used.
        """
        call = Call[None](
            "POST",
            "/ssf/subjects/remove",
            NoneType,
            body={"stream_id": stream_id, "subject": subject, "verified": verified},
        )
        self.send(call, options)

    def verify_stream(self, *, stream_id: str, state: str | None = None, options: Options = NO_OPTIONS) -> None:
        """Verify a stream.

        OpenID SSF 1.0 §8.1.4: a verification event with the `state` is sent over it.

        POST /ssf/verification

        stream_id: Id of a stream.
        state: Comes back in the event.
        """
        call = Call[None]("POST", "/ssf/verification", NoneType, body={"stream_id": stream_id, "state": state})
        self.send(call, options)

    def poll_stream(
        self,
        stream_id: str,
        *,
        maxEvents: int | None = None,
        returnImmediately: bool | None = None,
        ack: list[str] | None = None,
        setErrs: dict[str, PollError] | None = None,
        options: Options = NO_OPTIONS,
    ) -> PollResponse:
        """Poll a stream.

        RFC 8936: acknowledges what was taken or refused, and answers what is next: one event of each subject, so that they
        arrive in order. Unless `returnImmediately` is true it waits up to ten seconds for one.

        POST /ssf/streams/{stream_id}/poll

        stream_id: Id of a stream.
        maxEvents: Most security event tokens that are answered; 0: only acknowledge.
        returnImmediately: Whether an answer may be empty at once.
        ack: The jti of tokens that were taken.
        setErrs: Why tokens were refused, by jti.
        """
        call = Call[PollResponse](
            "POST",
            path_of("/ssf/streams/{stream_id}/poll", stream_id=stream_id),
            PollResponse,
            body={"maxEvents": maxEvents, "returnImmediately": returnImmediately, "ack": ack, "setErrs": setErrs},
        )
        return self.send(call, options)

    def revoke_globally(self, *, sub_id: dict[str, Any], options: Options = NO_OPTIONS) -> None:
        """Revoke all tokens and sessions of a user.

        draft-parecki-oauth-global-token-revocation §3: the user by a subject identifier of RFC 9493, `iss_sub` with the
        issuer of the tenant, or `opaque`.

        POST /global-token-revocation

        sub_id: A subject identifier (RFC 9493).
        """
        call = Call[None]("POST", "/global-token-revocation", NoneType, body={"sub_id": sub_id})
        self.send(call, options)


class AsyncEvents(AsyncSender):
    """Operations of events, for AsyncClient."""

    async def read_events(
        self, *, after: str | None = None, page_size: int | None = None, options: Options = NO_OPTIONS
    ) -> EventsResponse:
        """Read the revocation log.

        In order, after the event of an id: nothing appears later before what was seen. With `Accept: text/event-stream` as
        server-sent events from now on, or from the `Last-Event-ID`; they go on until the caller may not listen any more.
        Where the log cannot be continued from that event, it says `reset` and goes on from now.

        GET /admin/revocations/events

        after: The id of the last event that was read; without it, from now on.
        page_size: Items per page.
        """
        call = Call[EventsResponse](
            "GET",
            "/admin/revocations/events",
            EventsResponse,
            query={"after": after, "page_size": page_size},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def internal_read_events(
        self, *, after: str | None = None, page_size: int | None = None, options: Options = NO_OPTIONS
    ) -> EventsResponse:
        """Read the revocation log.

        In order, after the event of an id: nothing appears later before what was seen. With `Accept: text/event-stream` as
        server-sent events from now on, or from the `Last-Event-ID`; they go on until the caller may not listen any more.
        Where the log cannot be continued from that event, it says `reset` and goes on from now.

        GET /internal/session/revocations

        after: The id of the last event that was read; without it, from now on.
        page_size: Items per page.
        """
        call = Call[EventsResponse](
            "GET",
            "/internal/session/revocations",
            EventsResponse,
            query={"after": after, "page_size": page_size},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def internal_read_revocation_snapshot(
        self, *, after: str | None = None, options: Options = NO_OPTIONS
    ) -> SnapshotResponse:
        """Read what is revoked.

        What a verifier has to know before it judges its first token, in parts: ask on with `last_event_id` while there is
        `has_next`, and then read the log from there. An id that cannot be continued begins anew.

        GET /internal/session/revocations/snapshot

        after: The `last_event_id` of the part before.
        """
        call = Call[SnapshotResponse](
            "GET",
            "/internal/session/revocations/snapshot",
            SnapshotResponse,
            query={"after": after},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def get_lag(self, *, options: Options = NO_OPTIONS) -> LagResponse:
        """Get how long the channels take.

        From what happened until it was heard: of a receiver until its answer, of the feed until it was sent, of the status
        lists until a bit was set. `late` where something waits for more than five seconds.

        GET /admin/revocations/lag
        """
        call = Call[LagResponse]("GET", "/admin/revocations/lag", LagResponse, is_repeatable=True)
        return await self.send(call, options)

    async def get_receipt(self, revocation_id: str, *, options: Options = NO_OPTIONS) -> ReceiptResponse:
        """Get the receipt of a revocation.

        By which channel which receiver heard of it, when, and how long that took.

        GET /admin/revocations/{revocation_id}/receipt

        revocation_id: Id of the revocation.
        """
        call = Call[ReceiptResponse](
            "GET",
            path_of("/admin/revocations/{revocation_id}/receipt", revocation_id=revocation_id),
            ReceiptResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def get_alerts(self, *, options: Options = NO_OPTIONS) -> AlertsResponse:
        """Get the alert rules, and the latest alerts.

        The last hour is compared with the same hour of the four weeks before, each minute.

        GET /admin/alerts
        """
        call = Call[AlertsResponse]("GET", "/admin/alerts", AlertsResponse, is_repeatable=True)
        return await self.send(call, options)

    async def update_alert_rules(self, *, rules: list[AlertRuleBody], options: Options = NO_OPTIONS) -> AlertsResponse:
        """Say what is unusual.

        Receivers of the kind `alert` hear of it, by webhook and by the feed.

        PUT /admin/alerts

        rules: What is unusual, one rule for each measure.
        """
        call = Call[AlertsResponse]("PUT", "/admin/alerts", AlertsResponse, body={"rules": rules}, is_repeatable=True)
        return await self.send(call, options)

    async def list_receivers(self, *, options: Options = NO_OPTIONS) -> ReceiverListResponse:
        """List receivers.

        Who is told of the events of the tenant, what each still has to be told (`waiting`) and what it never was (`dead`).

        GET /admin/receivers
        """
        call = Call[ReceiverListResponse]("GET", "/admin/receivers", ReceiverListResponse, is_repeatable=True)
        return await self.send(call, options)

    async def create_receiver(
        self,
        *,
        protocol: Literal["webhook", "backchannel_logout", "global_token_revocation"],
        url: str,
        client_id: str | None = None,
        app_id: str | None = None,
        kinds: list[
            Literal["session", "token", "user", "tenant", "restored", "established", "assurance", "tokens", "alert"]
        ]
        | None = None,
        description: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> CreatedReceiverResponse:
        """Add a receiver.

        A webhook (Standard Webhooks), a client of OIDC Back-Channel Logout, or an application with a Global Token
        Revocation endpoint. It is told of what happens from now on, at least once, in order within a user or session.

        POST /admin/receivers

        protocol: How it is told: webhook, backchannel_logout or global_token_revocation.
        url: Where it is told; https, unless it is in AUTIONAL_RECEIVER_NETWORKS.
        client_id: The client whose sessions end: the aud of what it is sent.
        app_id: Tell of sessions of this app only.
        kinds: Kinds of events: session, token, user, tenant, restored, established, assurance, tokens, alert.
        description: What the receiver is for.
        """
        call = Call[CreatedReceiverResponse](
            "POST",
            "/admin/receivers",
            CreatedReceiverResponse,
            body={
                "protocol": protocol,
                "url": url,
                "client_id": client_id,
                "app_id": app_id,
                "kinds": kinds,
                "description": description,
            },
        )
        return await self.send(call, options)

    async def get_receiver(self, receiver_id: str, *, options: Options = NO_OPTIONS) -> ReceiverResponse:
        """Get a receiver.

        GET /admin/receivers/{receiver_id}

        receiver_id: Id of a receiver.
        """
        call = Call[ReceiverResponse](
            "GET",
            path_of("/admin/receivers/{receiver_id}", receiver_id=receiver_id),
            ReceiverResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def update_receiver(
        self,
        receiver_id: str,
        *,
        url: str | None = None,
        kinds: list[
            Literal["session", "token", "user", "tenant", "restored", "established", "assurance", "tokens", "alert"]
        ]
        | None = None,
        description: str | None = None,
        paused: bool | None = None,
        options: Options = NO_OPTIONS,
    ) -> ReceiverResponse:
        """Change, pause or resume a receiver.

        While it is paused its deliveries wait. It is tried again at once.

        PUT /admin/receivers/{receiver_id}

        receiver_id: Id of a receiver.
        url: Where it is told; https, unless it is in AUTIONAL_RECEIVER_NETWORKS.
        kinds: Kinds of events: session, token, user, tenant, restored, established, assurance, tokens, alert.
        description: What the receiver is for.
        paused: Whether nothing is sent to it.
        """
        call = Call[ReceiverResponse](
            "PUT",
            path_of("/admin/receivers/{receiver_id}", receiver_id=receiver_id),
            ReceiverResponse,
            body={"url": url, "kinds": kinds, "description": description, "paused": paused},
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def delete_receiver(self, receiver_id: str, *, options: Options = NO_OPTIONS) -> SimpleResponse:
        """Remove a receiver.

        With the record of what it was told.

        DELETE /admin/receivers/{receiver_id}

        receiver_id: Id of a receiver.
        """
        call = Call[SimpleResponse](
            "DELETE",
            path_of("/admin/receivers/{receiver_id}", receiver_id=receiver_id),
            SimpleResponse,
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def rotate_receiver_secret(
        self, receiver_id: str, *, options: Options = NO_OPTIONS
    ) -> ReceiverSecretResponse:
        """Give a webhook a new secret.

        For 24 hours every message is signed by the new one and by the one before it.

        POST /admin/receivers/{receiver_id}/rotate-secret

        receiver_id: Id of a receiver.
        """
        call = Call[ReceiverSecretResponse](
            "POST",
            path_of("/admin/receivers/{receiver_id}/rotate-secret", receiver_id=receiver_id),
            ReceiverSecretResponse,
        )
        return await self.send(call, options)

    async def list_deliveries(
        self,
        receiver_id: str,
        *,
        state: Literal["waiting", "delivered", "dead"] | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> AsyncPage[DeliveryListResponse, DeliveryResponse]:
        """List deliveries to a receiver.

        Newest first. Those that are `dead` could not be delivered within a day, or were refused for good.

        GET /admin/receivers/{receiver_id}/deliveries

        receiver_id: Id of a receiver.
        state: State of the job.
        page_size: Items per page.
        cursor: `next_cursor` of the part before: what follows it, without gaps or repeats.
        """
        call = Call[DeliveryListResponse](
            "GET",
            path_of("/admin/receivers/{receiver_id}/deliveries", receiver_id=receiver_id),
            DeliveryListResponse,
            query={"state": state, "page_size": page_size, "cursor": cursor},
            is_repeatable=True,
        )
        return AsyncPage(self.send, call, options, await self.send(call, options))

    async def replay_deliveries(
        self, receiver_id: str, *, positions: list[int] | None = None, options: Options = NO_OPTIONS
    ) -> ReplayResponse:
        """Try dead deliveries again.

        Those at the positions that are named, or all. Each is tried for another day.

        POST /admin/receivers/{receiver_id}/replay

        receiver_id: Id of a receiver.
        positions: Which deliveries; without it, all that are dead.
        """
        call = Call[ReplayResponse](
            "POST",
            path_of("/admin/receivers/{receiver_id}/replay", receiver_id=receiver_id),
            ReplayResponse,
            body={"positions": positions},
        )
        return await self.send(call, options)

    async def get_ssf_configuration(self, tenant_id: str, *, options: Options = NO_OPTIONS) -> dict[str, Any]:
        """Get the configuration of the transmitter of a tenant.

        OpenID SSF 1.0 §7.1: its issuer, keys and endpoints.

        GET /.well-known/ssf-configuration/{tenant_id}

        tenant_id: The tenant.
        """
        call = Call[dict[str, Any]](
            "GET",
            path_of("/.well-known/ssf-configuration/{tenant_id}", tenant_id=tenant_id),
            dict[str, Any],
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def create_stream(
        self,
        *,
        delivery: DeliveryMethod | None = None,
        events_requested: list[str] | None = None,
        description: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> StreamConfiguration:
        """Create a stream of security events.

        OpenID SSF 1.0 §8.1.1.1, with events of CAEP 1.0. It belongs to the API key that makes it.

        POST /ssf/streams

        delivery: How it is delivered; polled, if it is left out.
        events_requested: Event types that the receiver asked for; all, if it is left out.
        description: What the stream is for.
        """
        call = Call[StreamConfiguration](
            "POST",
            "/ssf/streams",
            StreamConfiguration,
            body={"delivery": delivery, "events_requested": events_requested, "description": description},
        )
        return await self.send(call, options)

    async def get_streams(self, *, stream_id: str | None = None, options: Options = NO_OPTIONS) -> Any:
        """Get a stream, or all of this API key.

        OpenID SSF 1.0 §8.1.1.2.

        GET /ssf/streams

        stream_id: Id of a stream.
        """
        call = Call[Any]("GET", "/ssf/streams", object, query={"stream_id": stream_id}, is_repeatable=True)
        return await self.send(call, options)

    async def update_stream(
        self,
        *,
        stream_id: str,
        delivery: DeliveryMethod | None = None,
        events_requested: list[str] | None = None,
        description: str | None = None,
        iss: str | None = None,
        aud: str | None = None,
        events_supported: list[str] | None = None,
        events_delivered: list[str] | None = None,
        min_verification_interval: int | None = None,
        inactivity_timeout: int | None = None,
        options: Options = NO_OPTIONS,
    ) -> StreamConfiguration:
        """Change a stream.

        OpenID SSF 1.0 §8.1.1.3: what is left out stays.

        PATCH /ssf/streams

        stream_id: Id of a stream.
        delivery: How it is delivered; polled, if it is left out.
        events_requested: Event types that the receiver asked for; all, if it is left out.
        description: What the stream is for.
        iss: Issuer: this service and the tenant.
        aud: May be repeated; stays as it is.
        events_supported: Event types that the transmitter knows.
        events_delivered: Event types that it gets.
        min_verification_interval: May be repeated; not used.
        inactivity_timeout: May be repeated; not used.
        """
        call = Call[StreamConfiguration](
            "PATCH",
            "/ssf/streams",
            StreamConfiguration,
            body={
                "stream_id": stream_id,
                "delivery": delivery,
                "events_requested": events_requested,
                "description": description,
                "iss": iss,
                "aud": aud,
                "events_supported": events_supported,
                "events_delivered": events_delivered,
                "min_verification_interval": min_verification_interval,
                "inactivity_timeout": inactivity_timeout,
            },
        )
        return await self.send(call, options)

    async def replace_stream(
        self,
        *,
        stream_id: str,
        delivery: DeliveryMethod | None = None,
        events_requested: list[str] | None = None,
        description: str | None = None,
        iss: str | None = None,
        aud: str | None = None,
        events_supported: list[str] | None = None,
        events_delivered: list[str] | None = None,
        min_verification_interval: int | None = None,
        inactivity_timeout: int | None = None,
        options: Options = NO_OPTIONS,
    ) -> StreamConfiguration:
        """Replace a stream.

        OpenID SSF 1.0 §8.1.1.4: what is left out is as in a new one.

        PUT /ssf/streams

        stream_id: Id of a stream.
        delivery: How it is delivered; polled, if it is left out.
        events_requested: Event types that the receiver asked for; all, if it is left out.
        description: What the stream is for.
        iss: Issuer: this service and the tenant.
        aud: May be repeated; stays as it is.
        events_supported: Event types that the transmitter knows.
        events_delivered: Event types that it gets.
        min_verification_interval: May be repeated; not used.
        inactivity_timeout: May be repeated; not used.
        """
        call = Call[StreamConfiguration](
            "PUT",
            "/ssf/streams",
            StreamConfiguration,
            body={
                "stream_id": stream_id,
                "delivery": delivery,
                "events_requested": events_requested,
                "description": description,
                "iss": iss,
                "aud": aud,
                "events_supported": events_supported,
                "events_delivered": events_delivered,
                "min_verification_interval": min_verification_interval,
                "inactivity_timeout": inactivity_timeout,
            },
            is_repeatable=True,
        )
        return await self.send(call, options)

    async def delete_stream(self, *, stream_id: str, options: Options = NO_OPTIONS) -> None:
        """Delete a stream.

        OpenID SSF 1.0 §8.1.1.5.

        DELETE /ssf/streams

        stream_id: Id of a stream.
        """
        call = Call[None]("DELETE", "/ssf/streams", NoneType, query={"stream_id": stream_id}, is_repeatable=True)
        await self.send(call, options)

    async def get_stream_status(self, *, stream_id: str, options: Options = NO_OPTIONS) -> StreamStatusResponse:
        """Get the status of a stream.

        OpenID SSF 1.0 §8.1.2.1.

        GET /ssf/status

        stream_id: Id of a stream.
        """
        call = Call[StreamStatusResponse](
            "GET", "/ssf/status", StreamStatusResponse, query={"stream_id": stream_id}, is_repeatable=True
        )
        return await self.send(call, options)

    async def update_stream_status(
        self,
        *,
        stream_id: str,
        status: Literal["enabled", "paused", "disabled"],
        reason: str | None = None,
        options: Options = NO_OPTIONS,
    ) -> StreamStatusResponse:
        """Enable, pause or disable a stream.

        OpenID SSF 1.0 §8.1.2.2. What happens while it is paused is told later; while it is disabled, never.

        POST /ssf/status

        stream_id: Id of a stream.
        status: enabled; paused: what happens is told later; disabled: it is told of nothing.
        reason: Why.
        """
        call = Call[StreamStatusResponse](
            "POST",
            "/ssf/status",
            StreamStatusResponse,
            body={"stream_id": stream_id, "status": status, "reason": reason},
        )
        return await self.send(call, options)

    async def add_stream_subject(
        self, *, stream_id: str, subject: dict[str, Any], verified: bool | None = None, options: Options = NO_OPTIONS
    ) -> None:
        """Tell a stream about a user.

        OpenID SSF 1.0 §8.1.3.2. It is told about all users, until one is removed.

        POST /ssf/subjects/add

        stream_id: Id of a stream.
        subject: A subject identifier (RFC 9493).
        verified: Whether the receiver has verified the subject; not used.
        """
        call = Call[None](
            "POST",
            "/ssf/subjects/add",
            NoneType,
            body={"stream_id": stream_id, "subject": subject, "verified": verified},
        )
        await self.send(call, options)

    async def remove_stream_subject(
        self, *, stream_id: str, subject: dict[str, Any], verified: bool | None = None, options: Options = NO_OPTIONS
    ) -> None:
        """Tell a stream nothing about a user any more.

        OpenID SSF 1.0 §8.1.3.3.

        POST /ssf/subjects/remove

        stream_id: Id of a stream.
        subject: A subject identifier (RFC 9493).
        verified: Whether the receiver has verified the subject; not used.
        """
        call = Call[None](
            "POST",
            "/ssf/subjects/remove",
            NoneType,
            body={"stream_id": stream_id, "subject": subject, "verified": verified},
        )
        await self.send(call, options)

    async def verify_stream(self, *, stream_id: str, state: str | None = None, options: Options = NO_OPTIONS) -> None:
        """Verify a stream.

        OpenID SSF 1.0 §8.1.4: a verification event with the `state` is sent over it.

        POST /ssf/verification

        stream_id: Id of a stream.
        state: Comes back in the event.
        """
        call = Call[None]("POST", "/ssf/verification", NoneType, body={"stream_id": stream_id, "state": state})
        await self.send(call, options)

    async def poll_stream(
        self,
        stream_id: str,
        *,
        maxEvents: int | None = None,
        returnImmediately: bool | None = None,
        ack: list[str] | None = None,
        setErrs: dict[str, PollError] | None = None,
        options: Options = NO_OPTIONS,
    ) -> PollResponse:
        """Poll a stream.

        RFC 8936: acknowledges what was taken or refused, and answers what is next: one event of each subject, so that they
        arrive in order. Unless `returnImmediately` is true it waits up to ten seconds for one.

        POST /ssf/streams/{stream_id}/poll

        stream_id: Id of a stream.
        maxEvents: Most security event tokens that are answered; 0: only acknowledge.
        returnImmediately: Whether an answer may be empty at once.
        ack: The jti of tokens that were taken.
        setErrs: Why tokens were refused, by jti.
        """
        call = Call[PollResponse](
            "POST",
            path_of("/ssf/streams/{stream_id}/poll", stream_id=stream_id),
            PollResponse,
            body={"maxEvents": maxEvents, "returnImmediately": returnImmediately, "ack": ack, "setErrs": setErrs},
        )
        return await self.send(call, options)

    async def revoke_globally(self, *, sub_id: dict[str, Any], options: Options = NO_OPTIONS) -> None:
        """Revoke all tokens and sessions of a user.

        draft-parecki-oauth-global-token-revocation §3: the user by a subject identifier of RFC 9493, `iss_sub` with the
        issuer of the tenant, or `opaque`.

        POST /global-token-revocation

        sub_id: A subject identifier (RFC 9493).
        """
        call = Call[None]("POST", "/global-token-revocation", NoneType, body={"sub_id": sub_id})
        await self.send(call, options)
