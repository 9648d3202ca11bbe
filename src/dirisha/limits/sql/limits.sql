-- name: add_payer
insert into payer (client) values (%(client)s) on conflict do nothing

-- name: lock
select client from payer
where client = any (%(clients)s::bigint[])
  and coalesce(current_setting('dirisha.claim', true), '') <> 'taken'
order by client
for no key update

-- name: used
-- Read after `lock`, never with it: lock and sum in one statement would sum what was there before the wait.
select payer, rule, coalesce(sum(amount_minor), 0)::bigint as minor
from limit_use
where payer = any (%(clients)s::bigint[])
  and rule = any (%(rules)s::text[])
  and period = %(period)s
  and state = 'used'
group by payer, rule

-- name: use
insert into limit_use (payer, rule, period, amount_minor, command)
select %(payer)s, r.rule, %(period)s, %(amount)s, %(command)s
from unnest(%(rules)s::text[]) as r (rule)
