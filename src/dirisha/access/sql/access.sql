-- name: user_by_login
select u.id, u.role, u.office, u.name, u.language, s.hash
from app_user u
left join secret s on s.user_id = u.id and s.kind = 'password'
where u.login_name = %(login_name)s and u.closed_at is null

-- name: user_by_id
-- One row: the user with the clients it may act for.
select u.id, u.role, u.office, u.name, u.language,
       coalesce(array_agg(c.client order by c.client) filter (where c.client is not null), '{}') as clients
from app_user u
left join user_client c on c.user_id = u.id and c.ended_at is null
where u.id = %(user_id)s and u.closed_at is null
group by u.id

-- name: standing_login
-- As `user_by_id`, by the login name, with the stored hash of the password.
select u.id, u.role, u.office, u.name, u.language, s.hash,
       coalesce(array_agg(c.client order by c.client) filter (where c.client is not null), '{}') as clients
from app_user u
join secret s on s.user_id = u.id and s.kind = 'password'
left join user_client c on c.user_id = u.id and c.ended_at is null
where u.login_name = %(login_name)s and u.closed_at is null
group by u.id, s.hash

-- name: anybody
select exists (select from app_user) as found

-- name: secret
select hash from secret where user_id = %(user_id)s and kind = %(kind)s

-- name: people_of_phone
select l.id as link, l.user_id, l.label, l.ussd_on, l.sms_on, u.language
from phone_link l
join app_user u on u.id = l.user_id
where l.msisdn = %(msisdn)s and l.ended_at is null and u.closed_at is null
order by l.id

-- name: phones_of_user
select id as link, msisdn, label, ussd_on, sms_on
from phone_link
where user_id = %(user_id)s and ended_at is null
order by id

-- name: open_user
insert into app_user (login_name, name, role, office, language, created_at)
values (%(login_name)s, %(name)s, %(role)s, %(office)s, %(language)s, %(at)s)
on conflict (login_name) do nothing
returning id

-- name: link_client
insert into user_client (user_id, client, role, since) values (%(user_id)s, %(client)s, 'owner', %(at)s)

-- name: client_has_user
select exists (select from user_client where client = %(client)s and ended_at is null) as taken

-- name: link_phone
insert into phone_link (user_id, msisdn, label, verified_at)
values (%(user_id)s, %(msisdn)s, %(label)s, %(at)s)
on conflict (msisdn, label) where ended_at is null do nothing
returning id

-- name: set_secret
insert into secret (user_id, kind, hash, set_at) values (%(user_id)s, %(kind)s, %(hash)s, %(at)s)
on conflict (user_id, kind) do update set hash = excluded.hash, set_at = excluded.set_at

-- name: set_language
update app_user set language = %(language)s where id = %(user_id)s

-- name: set_phone_language
insert into phone_language (msisdn, language, set_at) values (%(msisdn)s, %(language)s, %(at)s)
on conflict (msisdn) do update set language = excluded.language, set_at = excluded.set_at

-- name: phone_language
select language from phone_language where msisdn = %(msisdn)s

-- name: switch_sms
update phone_link set sms_on = %(on)s
where id = %(link)s and user_id = %(user_id)s and ended_at is null
returning msisdn

-- name: switch_sms_off_for_phone
update phone_link set sms_on = false where msisdn = %(msisdn)s and sms_on and ended_at is null returning user_id

-- name: sms_taken
select exists (
    select from phone_link
    where msisdn = (select msisdn from phone_link where id = %(link)s)
      and sms_on and ended_at is null and user_id <> %(user_id)s
) as taken

-- name: count_attempt
-- Counts one attempt before its secret is looked at. `wrong` counts what is wrong or not yet known to be right, so no
-- more than `most` secrets are ever looked at, however many come at once: the next one locks. An id that was seen is
-- not counted again. Above `most`, `wrong` says why: most + 1 is the attempt that locked, most + 2 one that found it so.
insert into attempt as a (subject, wrong, seen, expires_at)
values (%(subject)s, 1, array[%(attempt)s::text], %(expires_at)s)
on conflict (subject) do update set
    wrong = case when a.locked_until > %(at)s then %(most)s::int + 2
                 when a.expires_at <= %(at)s or a.locked_until <= %(at)s then 1
                 when %(attempt)s::text = any (a.seen) then a.wrong
                 when a.wrong >= %(most)s::int then %(most)s::int + 1
                 else a.wrong + 1 end,
    seen = case when a.locked_until > %(at)s then a.seen
                when a.expires_at <= %(at)s or a.locked_until <= %(at)s then array[%(attempt)s::text]
                when %(attempt)s::text = any (a.seen) or a.wrong >= %(most)s::int then a.seen
                else (a.seen || %(attempt)s::text)[greatest(1, cardinality(a.seen) - 8):] end,
    locked_until = case when a.locked_until > %(at)s then a.locked_until
                        when a.expires_at <= %(at)s or a.locked_until <= %(at)s then null
                        when %(attempt)s::text = any (a.seen) then null
                        when a.wrong >= %(most)s::int then %(until)s::timestamptz
                        else null end,
    expires_at = case when a.locked_until > %(at)s then a.expires_at
                      when a.expires_at <= %(at)s or a.locked_until <= %(at)s then %(expires_at)s::timestamptz
                      when a.wrong >= %(most)s::int then greatest(a.expires_at, %(until)s::timestamptz)
                      else a.expires_at end
returning wrong, locked_until

-- name: lock_subject
-- The last of too many wrong ones locks, unless a right one came in between or it is locked already.
update attempt set locked_until = %(until)s, expires_at = greatest(expires_at, %(until)s)
where subject = %(subject)s and locked_until is null and wrong >= %(most)s
returning subject

-- name: clear_attempts
-- After a right one the row of wrong ones is broken; a lock that was set meanwhile stays, and so does a row that
-- others have counted on.
with alone as (
    delete from attempt where subject = %(subject)s and locked_until is null and wrong <= 1 returning subject
)
update attempt set wrong = 0, seen = '{}'
where subject = %(subject)s and locked_until is null and not exists (select from alone)

-- name: uncount_attempt
update attempt set wrong = greatest(wrong - 1, 0) where subject = %(subject)s

-- name: forget_attempts
delete from attempt where subject = %(subject)s

-- name: sweep_attempts
delete from attempt where expires_at < %(at)s

-- name: keep_code
-- A new code for the same command keeps the count of wrong ones.
insert into one_time_code as c (command, hash, expires_at) values (%(command)s, %(hash)s, %(expires_at)s)
on conflict (command) do update set hash = excluded.hash, expires_at = excluded.expires_at, sent = c.sent + 1
where c.sent < %(most)s and c.wrong < %(most_wrong)s
returning sent

-- name: try_code
-- Counts first; the comparison is made by the caller. One that was right already is right again: what it is for ends
-- with the first payment, and may have been put off since.
update one_time_code set wrong = wrong + 1
where command = %(command)s and expires_at > %(at)s and wrong < %(most)s
returning hash, wrong

-- name: use_code
update one_time_code set used_at = coalesce(used_at, %(at)s), wrong = wrong - 1 where command = %(command)s

-- name: sweep_codes
delete from one_time_code where expires_at < %(before)s

-- name: user_contact
-- Where to reach a user: its verified phone, the oldest link first.
select u.id, u.language, l.msisdn
from app_user u
join phone_link l on l.user_id = u.id and l.ended_at is null
where u.id = %(user_id)s
order by l.id
limit 1

-- name: user_of_client
-- The user that acts for a client: the limit one keeps a client with several from being read twice.
select c.user_id from user_client c where c.client = %(client)s and c.ended_at is null order by c.user_id limit 1

-- name: login_and_phones
select u.login_name, u.office, array_remove(array_agg(l.msisdn), null) as msisdns
from app_user u left join phone_link l on l.user_id = u.id and l.ended_at is null
where u.id = %(user_id)s
group by u.id
