-- The Idempotency-Key under which a token was exchanged: the same client may ask again.
alter table refresh_tokens add consumed_under bytea;

drop function if exists refresh_session;
