-- The outbox is the queue: written in the act's transaction, sent after the commit.
create table outbox (
    -- also the reference that the carrier is given: the same for every try
    id           uuid primary key,
    kind         text not null check (kind in ('notice', 'code', 'reply')),
    event        text not null,
    user_id      bigint,
    language     text not null,
    msisdn       text,
    variables    jsonb not null,
    -- a code or a reply's text, encrypted; wiped at hand-over and at expiry
    sealed       bytea,
    state        text not null default 'waiting'
                 check (state in ('waiting', 'sent', 'refused', 'unknown', 'expired', 'unreachable')),
    tries        integer not null default 0,
    leased_until timestamptz,
    due_at       timestamptz not null,
    expires_at   timestamptz,
    made_at      timestamptz not null,
    settled_at   timestamptz,
    carrier_id   text,
    failure      text,
    command      uuid,
    correlation  text not null
) with (fillfactor = 80);
create index outbox_waiting on outbox (due_at) where state = 'waiting';
create index outbox_user on outbox (user_id, made_at);
-- One client, one event, one message, however often an act is tried again.
create unique index outbox_once on outbox (command, event, user_id) where command is not null and kind = 'notice';

create table sms_opt_out (
    msisdn text primary key,
    since  timestamptz not null
);

-- Answers to senders are limited by number, hour and kind, or a machine at the other end keeps both sides busy.
create table reply_count (
    msisdn  text not null,
    hour    timestamptz not null,
    kind    text not null check (kind in ('asked', 'switched', 'code', 'other')),
    replies integer not null,
    primary key (msisdn, hour, kind)
);

grant select, insert on outbox to dirisha_app, dirisha_books;
grant select, update on outbox to dirisha_keeper;
grant select, insert, delete on sms_opt_out to dirisha_app, dirisha_books;
grant select, insert, update on reply_count to dirisha_app;
grant select, delete on reply_count to dirisha_keeper;
