-- A command of the stand-in is a row of the institution's own table: `actor` is action and entity, `key` the caller's,
-- `terms` what was asked for and by whom. A row with terms is kept for good.

-- name: finish
insert into command (id, actor, act, key, channel, state, inputs_hash, terms, result, made_at, finished_at)
values (%(id)s, %(actor)s, %(act)s, %(key)s, 'console', %(state)s, %(hash)s, %(terms)s, %(result)s, %(at)s, %(at)s)

-- name: wait
insert into command (id, actor, act, key, channel, state, inputs_hash, terms, made_at)
values (%(id)s, %(actor)s, %(act)s, %(key)s, 'console', 'open', %(hash)s, %(terms)s, %(at)s)

-- name: finish_waiting
update command set state = %(state)s, result = %(result)s, finished_at = %(at)s where id = %(id)s

-- name: waiting
select id, actor, act, key, state, terms, result, made_at
from command
where state = 'open' and actor like 'fineract:%%'
order by id

-- name: one
-- Of several that have this number, the one that was made to wait under it.
select id, actor, act, key, state, terms, result, made_at, finished_at
from command
where id between %(first)s and %(last)s and actor like 'fineract:%%'
order by (terms->>'waits')::boolean desc
limit 1
