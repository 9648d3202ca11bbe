-- name: write
insert into audit_event (id, at, actor, channel, act, outcome, code, command, correlation, detail)
values (%(id)s, %(at)s, %(actor)s, %(channel)s, %(act)s, %(outcome)s, %(code)s, %(command)s, %(correlation)s, %(detail)s)

-- name: lock_sealer
select pg_try_advisory_xact_lock(7021002) as mine

-- name: last_seal
select n, to_xid::text as to_xid, hash from seal order by n desc limit 1

-- name: rows_between
select id, xid::text as xid, at, actor, channel, act, outcome, code, command, correlation, detail::text as detail
from audit_event
where xid >= %(from)s::xid8 and xid < %(to)s::xid8
order by xid, id

-- name: write_seal
insert into seal (n, from_xid, to_xid, sealed_at, rows, hash)
values (%(n)s, %(from)s::xid8, %(to)s::xid8, %(at)s, %(rows)s, %(hash)s)

-- name: seals
select n, from_xid::text as from_xid, to_xid::text as to_xid, rows, hash from seal order by n
