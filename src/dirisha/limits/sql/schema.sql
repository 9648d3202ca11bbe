-- One row a paying client, locked before its accounts: an account's lock is not enough, since two accounts of one
-- client pass a limit together.
create table payer (
    client bigint primary key
);

create table limit_use (
    payer        bigint not null,
    rule         text not null,
    period       date not null,
    amount_minor bigint not null check (amount_minor > 0),
    command      uuid not null,
    state        text not null default 'used' check (state in ('used', 'released')),
    primary key (payer, rule, period, command)
);

grant select, insert on payer to dirisha_books;
grant update (client) on payer to dirisha_books;
grant select, insert on limit_use to dirisha_books;
