-- name: tell_user
-- Reached by the verified phone whose link is the oldest; without one the row stands as unreachable, for staff to see.
insert into outbox (id, kind, event, user_id, language, msisdn, variables, sealed, state, due_at, expires_at, made_at, command, correlation)
select %(id)s, %(kind)s, %(event)s, u.id, coalesce(u.language, %(language)s), l.msisdn, %(variables)s,
       case when l.msisdn is not null then %(sealed)s::bytea end,
       case when l.msisdn is null then 'unreachable' else 'waiting' end, %(at)s, %(expires_at)s, %(at)s, %(command)s, %(correlation)s
from app_user u
left join lateral (
    select msisdn from phone_link where user_id = u.id and ended_at is null order by id limit 1
) l on true
where u.id = %(user_id)s

-- name: tell_client
insert into outbox (id, kind, event, user_id, language, msisdn, variables, sealed, state, due_at, expires_at, made_at, command, correlation)
select %(id)s, %(kind)s, %(event)s, u.id, coalesce(u.language, %(language)s), l.msisdn, %(variables)s,
       case when l.msisdn is not null then %(sealed)s::bytea end,
       case when l.msisdn is null then 'unreachable' else 'waiting' end, %(at)s, %(expires_at)s, %(at)s, %(command)s, %(correlation)s
from (select user_id from user_client where client = %(client)s and ended_at is null order by user_id limit 1) c
join app_user u on u.id = c.user_id
left join lateral (
    select msisdn from phone_link where user_id = u.id and ended_at is null order by id limit 1
) l on true

-- name: reply
insert into outbox (id, kind, event, language, msisdn, variables, sealed, due_at, expires_at, made_at, correlation)
values (%(id)s, 'reply', 'reply', %(language)s, %(msisdn)s, '{}', %(sealed)s, %(at)s, %(expires_at)s, %(at)s, %(correlation)s)

-- name: count_reply
insert into reply_count as r (msisdn, hour, kind, replies) values (%(msisdn)s, %(hour)s, %(kind)s, 1)
on conflict (msisdn, hour, kind) do update set replies = r.replies + 1
returning replies

-- name: codes_since
select count(*) as codes from outbox where user_id = %(user_id)s and made_at > %(since)s and kind = 'code'

-- name: stop
insert into sms_opt_out (msisdn, since) values (%(msisdn)s, %(at)s) on conflict do nothing returning msisdn

-- name: start
delete from sms_opt_out where msisdn = %(msisdn)s returning msisdn

-- name: lease
-- Rows that wait, each to one relay: SKIP LOCKED, and a lease that outlives the short transaction.
update outbox o
set leased_until = %(until)s, tries = o.tries + 1
from (
    select id from outbox
    where state = 'waiting' and due_at <= %(at)s and (leased_until is null or leased_until <= %(at)s)
    order by due_at
    limit %(most)s
    for update skip locked
) w
where o.id = w.id
returning o.id, o.kind, o.event, o.language, o.msisdn, o.variables, o.sealed, o.made_at, o.expires_at, o.tries, o.correlation

-- name: settle
update outbox
set state = %(state)s, settled_at = %(at)s, carrier_id = %(carrier_id)s, failure = %(failure)s, leased_until = null, sealed = null
where id = %(id)s and state = 'waiting'

-- name: put_back
-- The number of tries tells whose lease it is: one that has ended gives nothing back.
update outbox set due_at = %(due_at)s, leased_until = null, failure = %(failure)s
where id = %(id)s and state = 'waiting' and tries = %(tries)s

-- name: give_back
update outbox set leased_until = null, tries = tries - 1
where id = %(id)s and state = 'waiting' and tries = %(tries)s

-- name: expire
-- Codes and replies that nobody took in time lose their text as well.
update outbox set state = 'expired', sealed = null, settled_at = %(at)s
where state = 'waiting' and expires_at <= %(at)s and (leased_until is null or leased_until <= %(at)s)
returning id

-- name: sweep_replies
delete from reply_count where hour < %(before)s

-- name: waiting
select count(*) as waiting, min(due_at) as oldest from outbox where state = 'waiting'
