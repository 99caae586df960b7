-- Revocations of many sessions, done a batch at a time by whichever process holds the lease.
create table jobs (
    tenant_id      text not null references tenants on delete cascade,
    job_id         text not null,
    request_sha256 bytea not null, -- of what was asked: asked twice it is one job
    filter         jsonb not null,
    as_of          timestamptz not null, -- the instant at which the filter was shown: nothing newer is touched
    kept_session   text,
    reason         text not null,
    requested_by   text not null,
    total          bigint not null, -- no more than this is ended
    done           bigint not null default 0,
    position       text not null default '', -- the last session that was looked at
    state          text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'cancelled')),
    leased_until   timestamptz not null default '-infinity',
    created_at     timestamptz not null,
    finished_at    timestamptz,
    primary key (tenant_id, job_id),
    unique (tenant_id, request_sha256)
);

create index jobs_open on jobs (created_at) where finished_at is null;
