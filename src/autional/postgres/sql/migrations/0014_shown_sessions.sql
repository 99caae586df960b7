-- A revocation by filter ends the very sessions that its dry run showed: they are kept by name, and the dry run is the
-- job that waits to be confirmed. What was asked for before this has to be shown again.
update jobs set state = 'cancelled', finished_at = created_at where finished_at is null;

alter table jobs
    drop column request_sha256,
    drop column position,
    add already_ended bigint not null default 0, -- sessions that had ended or gone when their turn came
    drop constraint jobs_state_check,
    add check (state in ('shown', 'waiting', 'running', 'done', 'cancelled'));

create table job_sessions (
    tenant_id  text not null,
    job_id     text not null,
    session_id text not null,
    primary key (tenant_id, job_id, session_id),
    foreign key (tenant_id, job_id) references jobs on delete cascade
);
