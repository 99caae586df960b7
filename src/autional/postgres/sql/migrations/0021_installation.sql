-- What is decided at the first start and stays.
create table installation (
    only_row boolean primary key default true check (only_row),
    issuer   text not null -- the `iss` of tokens, where no setting says it
);
