-- One wish of one person to perform an act. Quote, claim, one-use proof and result are this one row; the act itself
-- writes the result, and nobody touches a quote's row without its try-lock.
create table command (
    id             uuid primary key,
    actor          text not null,
    act            text not null,
    key            text not null,
    channel        text not null,
    state          text not null check (state in ('open', 'done', 'refused')),
    -- null where inputs hold secrets: then only their hash is kept
    inputs         jsonb,
    inputs_hash    bytea not null,
    terms          jsonb,
    digest         bytea,
    -- a right secret, not yet spent: over which terms, until when
    proof_kind     text,
    proof_digest   bytea,
    proof_until    timestamptz,
    -- a slow hash is being computed for this command, by one request
    checking_until timestamptz,
    result         jsonb,
    made_at        timestamptz not null,
    expires_at     timestamptz,
    finished_at    timestamptz,
    unique (actor, key)
) with (fillfactor = 70);
create index command_open on command (actor, channel, made_at desc) where state = 'open';

grant select, insert, update on command to dirisha_books;
grant select, insert on command to dirisha_app;
grant update (proof_kind, proof_digest, proof_until, checking_until) on command to dirisha_app;
grant select, delete on command to dirisha_keeper;
