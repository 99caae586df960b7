-- Devices on which a user need not prove everything again after an idle end (NIST SP 800-63B-4 §5.1).
create table trusted_devices (
    tenant_id        text not null references tenants on delete cascade,
    device_id        text not null,
    user_id          text not null check (length(user_id) between 1 and 128),
    fingerprint_hash text not null,
    device_name      text,
    device_type      text,
    browser          text,
    os               text,
    ip               inet,
    created_at       timestamptz not null,
    trusted_until    timestamptz not null,
    primary key (tenant_id, device_id),
    unique (tenant_id, user_id, fingerprint_hash)
);

create index trusted_devices_by_fingerprint on trusted_devices (tenant_id, fingerprint_hash);

-- How often a session was used on a day (UTC).
create table session_usage (
    tenant_id  text not null,
    session_id text not null,
    day        date not null,
    uses       bigint not null,
    primary key (tenant_id, session_id, day),
    foreign key (tenant_id, session_id) references sessions on delete cascade
);
