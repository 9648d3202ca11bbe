-- Inserted unchained by the acts, each row with its transaction; the sealer chains what has ended.
create table audit_event (
    id          uuid primary key,
    xid         xid8 not null default pg_current_xact_id(),
    at          timestamptz not null,
    actor       text not null,
    channel     text not null,
    act         text not null,
    outcome     text not null,
    code        text,
    command     uuid,
    correlation text not null,
    detail      jsonb not null
);
create index audit_event_xid on audit_event (xid);
create index audit_event_command on audit_event (command) where command is not null;

create table seal (
    n          bigint primary key check (n > 0),
    from_xid   xid8 not null,
    to_xid     xid8 not null,
    sealed_at  timestamptz not null,
    rows       integer not null check (rows > 0),
    hash       bytea not null
);

grant insert on audit_event to dirisha_app, dirisha_books, dirisha_keeper;
grant select on audit_event to dirisha_books, dirisha_keeper;
grant select, insert on seal to dirisha_keeper;
