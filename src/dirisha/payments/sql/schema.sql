-- Money that a far core is asked to move, once. The row is its own queue: leased, sent with no transaction open, settled.
create table instruction (
    id           uuid primary key,
    -- the order of acceptance: given under the payer's lock, so it is the order of each source account
    place        bigint generated always as identity unique,
    command      uuid not null unique,
    reference    text not null unique,
    key          text not null unique check (length(key) between 1 and 50),
    act          text not null,
    actor        text not null,
    channel      text not null,
    correlation  text not null,
    payer        bigint not null,
    -- under which rules its limit use is reserved
    rules        text[] not null,
    source       bigint not null,
    -- the loan that is repaid: what is owed on it is looked at before each sending, so these go one by one, too
    loan         bigint,
    terms        jsonb not null,
    notices      jsonb not null,
    state        text not null check (state in ('accepted', 'sent', 'unknown', 'posted', 'refused')),
    tries        integer not null default 0,
    next_at      timestamptz not null,
    leased_until timestamptz,
    accepted_at  timestamptz not null,
    -- when a request may last have left us
    sent_at      timestamptz,
    ended_at     timestamptz,
    -- what the core calls it, and by what somebody there finds it while it waits for an approval
    number       text,
    trace        text,
    refusal      jsonb,
    particulars  jsonb,
    -- somebody was told "on its way" and that a notice will follow, while the door that sends it still waits
    promised     boolean not null default false,
    check ((state in ('posted', 'refused')) = (ended_at is not null)),
    check ((state = 'refused') = (refusal is not null)),
    check (state <> 'posted' or number is not null)
) with (fillfactor = 60);
create unique index instruction_under_way on instruction (source, place) where state in ('accepted', 'sent', 'unknown');
create index instruction_of_loan on instruction (loan, place) where state in ('accepted', 'sent', 'unknown');
create index instruction_due on instruction (next_at) where state in ('accepted', 'sent', 'unknown');
create index instruction_untold on instruction (next_at) where state = 'posted' and particulars is null;
create index instruction_of_payer on instruction (payer, accepted_at);

-- What became of it, step by step: for the operator, never changed.
create table instruction_step (
    instruction uuid not null references instruction,
    n           integer not null,
    at          timestamptz not null,
    state       text not null,
    said        text not null,
    primary key (instruction, n)
);

alter table instruction enable row level security;
create policy client_sees_own on instruction for select to dirisha_client
    using (payer = any (nullif(current_setting('dirisha.clients', true), '')::bigint[]));
create policy all_for_books on instruction to dirisha_books, dirisha_keeper using (true) with check (true);

grant select, insert on instruction to dirisha_books;
grant update (state, tries, next_at, leased_until, sent_at, ended_at, number, trace, refusal, particulars, promised)
    on instruction to dirisha_books;
grant select on instruction to dirisha_client, dirisha_keeper;
grant select, insert on instruction_step to dirisha_books;
grant select on instruction_step to dirisha_keeper;
