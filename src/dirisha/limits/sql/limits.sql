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
  and state in ('used', 'reserved')
group by payer, rule

-- name: use
insert into limit_use (payer, rule, period, amount_minor, command, state)
select %(payer)s, r.rule, %(period)s, %(amount)s, %(command)s, %(state)s
from unnest(%(rules)s::text[]) as r (rule)

-- name: end
-- What was reserved is used or released, by what became of the money.
update limit_use
set state = %(state)s
where payer = %(payer)s and rule = any (%(rules)s::text[]) and period = %(period)s and command = %(command)s
  and state = 'reserved'
