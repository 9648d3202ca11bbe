-- What phones sent us: stored before anything is done about it, and once however often the gateway delivers it.
create table inbound_sms (
    id           uuid primary key,
    carrier      text not null,
    -- the gateway's own id of the message
    carrier_id   text not null,
    msisdn       text not null,
    -- what was understood (`pay 500`), never what was typed: a PIN sent by mistake must not stay
    understood   text not null,
    -- the text itself, encrypted, until it is answered
    sealed       bytea,
    -- the address that delivered it
    remote       text not null,
    state        text not null default 'waiting' check (state in ('waiting', 'answered', 'silent', 'given_up')),
    tries        integer not null default 1,
    leased_until timestamptz not null,
    -- the quote that this message asked for or confirmed: a second try goes on with the same
    quote        uuid,
    -- what a person reads out on the telephone: the same in audit and answer
    reference    text not null,
    received_at  timestamptz not null,
    settled_at   timestamptz,
    unique (carrier, carrier_id),
    check ((state = 'waiting') = (sealed is not null))
);
create index inbound_sms_waiting on inbound_sms (leased_until) where state = 'waiting';

grant select, insert, update on inbound_sms to dirisha_app;
