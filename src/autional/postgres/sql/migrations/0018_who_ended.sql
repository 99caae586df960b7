-- Who ended something, by which request and job. The transaction of an act says so (act_by), and what it ends notes it.
alter table revocations
    add by_user text, add by_tenant text, add by_key text, add job_id text, add request_id text;
alter table revocations
    alter by_user set default nullif(current_setting('autional.by_user', true), ''),
    alter by_tenant set default nullif(current_setting('autional.by_tenant', true), ''), -- of a user of another tenant
    alter by_key set default nullif(current_setting('autional.by_key', true), ''),
    alter job_id set default nullif(current_setting('autional.job_id', true), ''),
    alter request_id set default nullif(current_setting('autional.request_id', true), '');
alter table jobs add by_user text, add by_tenant text, add by_key text, add request_id text;

create index revocations_by_user on revocations (tenant_id, user_id) where user_id is not null;
create index revocations_by_actor on revocations (tenant_id, by_user) where by_user is not null;
create index revocations_by_age on revocations (tenant_id, at);
create index blacklist_by_user on blacklist (tenant_id, user_id);
create index audit_entries_by_request on audit_entries (tenant_id, request_id);
drop index if exists revocations_by_subject;
create index revocations_by_subject on revocations (tenant_id, kind, subject);

drop function if exists erase_user;
