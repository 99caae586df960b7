-- What is otherwise where tables are spread over nodes by `home`: each key begins with it, and no trigger can look at
-- another table. The audit log is then kept by the rights of the service's role alone.
alter table tenants drop constraint if exists tenants_tenant_id_key; -- `home` follows from the id, and is unique

alter table console_links drop constraint console_links_pkey, add primary key (home, link_id);
alter table console_sessions drop constraint console_sessions_pkey, add primary key (home, console_session_id);
alter table listed_tokens drop constraint listed_tokens_pkey, add primary key (home, number);

drop trigger if exists keep_audit on audit_entries;
drop trigger if exists keep_audit_whole on audit_entries;
drop trigger if exists keep_audit on audit_values;
drop trigger if exists keep_audit_values on audit_values;
drop trigger if exists keep_audit_whole on audit_values;
drop trigger if exists keep_audit on audit_heads;
drop trigger if exists keep_audit_head on audit_heads;
drop trigger if exists keep_audit_whole on audit_heads;

alter table readings replica identity full; -- it has no key, and shards are moved by replication
