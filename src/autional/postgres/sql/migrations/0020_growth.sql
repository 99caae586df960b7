-- What grows has a rule that shrinks it, and an index that the rule walks.
create index idempotency_keys_by_age on idempotency_keys (created_at);
create index trusted_devices_by_end on trusted_devices (trusted_until);
create index statistics_samples_by_age on statistics_samples (resolution, at);
create index jobs_by_end on jobs (finished_at) where finished_at is not null;
alter table tenants add tokens_pruned_to timestamptz not null default '-infinity'; -- the refresh tokens of sessions that ended before are gone
