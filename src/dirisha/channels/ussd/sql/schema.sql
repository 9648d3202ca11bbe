-- A session of the menu. What was typed is never kept, since the PIN is in it: only a keyed hash and a length of it.
create table ussd_session (
    -- the gateway's
    id           text primary key,
    msisdn       text not null,
    -- how many turns were answered
    turn         integer not null default 0,
    -- of the whole text as it stood at the last turn answered; null before the first
    typed_length integer,
    typed_hash   bytea,
    -- what was chosen, encrypted: no balance, no PIN
    tape         bytea,
    -- the last answer, encrypted, for a gateway that asks again
    answer       bytea,
    answer_ends  boolean not null default false,
    -- one request at a time works on a turn
    lease        uuid,
    leased_until timestamptz,
    started_at   timestamptz not null,
    expires_at   timestamptz not null,
    ended_at     timestamptz
) with (fillfactor = 70);
create index ussd_session_expires on ussd_session (expires_at);

grant select, insert, update on ussd_session to dirisha_app;
grant select, update, delete on ussd_session to dirisha_keeper;
