-- name: claim
-- The answer goes into a setting, and each later statement of the trip works only where it is not 'taken': a waiting
-- duplicate locks and writes nothing.
select set_config('dirisha.claim', case when pg_try_advisory_xact_lock(%(lock)s) then 'mine' else 'taken' end, true) as claim

-- name: read
-- A finished command needs no locks any more: the rest of the trip is switched off.
select id, actor, act, key, channel, state, inputs, inputs_hash, terms, digest, proof_kind, proof_digest, proof_until,
       checking_until, result, made_at, expires_at,
       case when state <> 'open' then set_config('dirisha.claim', 'taken', true) end as switched_off
from command
where actor = %(actor)s and key = %(key)s and current_setting('dirisha.claim', true) = 'mine'

-- name: by_id
select id, actor, act, key, channel, state, inputs, inputs_hash, terms, digest, proof_kind, proof_digest, proof_until,
       checking_until, result, made_at, expires_at
from command
where id = %(id)s

-- name: latest_open
select id from command
where actor = %(actor)s and channel = %(channel)s and state = 'open' and expires_at > %(at)s
order by made_at desc
limit 1

-- name: quote
insert into command (id, actor, act, key, channel, state, inputs, inputs_hash, terms, digest, made_at, expires_at)
values (%(id)s, %(actor)s, %(act)s, %(key)s, %(channel)s, 'open', %(inputs)s, %(inputs_hash)s, %(terms)s, %(digest)s, %(at)s, %(expires_at)s)

-- name: finish_new
insert into command (id, actor, act, key, channel, state, inputs, inputs_hash, result, made_at, finished_at)
values (%(id)s, %(actor)s, %(act)s, %(key)s, %(channel)s, %(state)s, %(inputs)s, %(inputs_hash)s, %(result)s, %(at)s, %(at)s)

-- name: finish_open
update command
set state = %(state)s, result = %(result)s, finished_at = %(at)s, checking_until = null
where id = %(id)s

-- name: mark_checking
update command set checking_until = %(until)s where id = %(id)s

-- name: keep_proof
update command
set proof_kind = %(kind)s, proof_digest = %(digest)s, proof_until = %(until)s, checking_until = null
where id = %(id)s

-- name: end_checking
update command set checking_until = null where id = %(id)s

-- name: sweep_open
delete from command where state = 'open' and expires_at < %(before)s

-- name: sweep_finished
-- Results of money acts stay for good; keys of the others live for longer than a day.
delete from command
where state <> 'open' and finished_at < %(before)s and terms is null and not (result ?| array['receipt', 'instruction'])

-- name: without_event
select count(*) as missing
from command c
where c.state <> 'open' and not exists (select from audit_event e where e.command = c.id)
