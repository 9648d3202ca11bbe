-- name: open
insert into ussd_session (id, msisdn, started_at, expires_at)
values (%(id)s, %(msisdn)s, %(at)s, %(expires_at)s)
on conflict (id) do nothing

-- name: read
-- Locked for the few milliseconds in which it is decided whose turn this is.
select msisdn, turn, typed_length, typed_hash, tape, answer, answer_ends, leased_until, expires_at
from ussd_session
where id = %(id)s
for update

-- name: lease
update ussd_session set lease = %(lease)s, leased_until = %(until)s where id = %(id)s

-- name: keep
-- Only by who holds the lease: one that came too late must not write over its successor's turn.
update ussd_session
set turn = turn + 1, typed_length = %(typed_length)s, typed_hash = %(typed_hash)s, tape = %(tape)s,
    answer = %(answer)s, answer_ends = %(answer_ends)s, lease = null, leased_until = null,
    ended_at = case when %(answer_ends)s then coalesce(ended_at, %(at)s) else ended_at end
where id = %(id)s and lease = %(lease)s
returning turn

-- name: close
-- The gateway says that it is over. The answer stays until it expires: the last request may yet be repeated.
update ussd_session set ended_at = coalesce(ended_at, %(at)s), tape = null where id = %(id)s

-- name: wipe
update ussd_session set tape = null, answer = null, ended_at = coalesce(ended_at, expires_at)
where expires_at <= %(at)s and (tape is not null or answer is not null or ended_at is null)
returning id

-- name: forget
-- Late, so that a request delivered again after hours does not pass for a new session.
delete from ussd_session where expires_at <= %(before)s
