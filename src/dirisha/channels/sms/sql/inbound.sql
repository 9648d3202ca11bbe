-- name: take
insert into inbound_sms (id, carrier, carrier_id, msisdn, understood, sealed, remote, leased_until, reference, received_at)
values (%(id)s, %(carrier)s, %(carrier_id)s, %(msisdn)s, %(understood)s, %(sealed)s, %(remote)s, %(until)s, %(reference)s, %(at)s)
on conflict (carrier, carrier_id) do nothing
returning id

-- name: left_over
-- Messages whose answering was broken off, each to one worker.
update inbound_sms s
set leased_until = %(until)s, tries = s.tries + 1
from (
    select id from inbound_sms
    where state = 'waiting' and leased_until <= %(at)s
    order by leased_until
    limit %(most)s
    for update skip locked
) w
where s.id = w.id
returning s.id, s.msisdn, s.sealed, s.quote, s.reference, s.received_at, s.tries

-- name: remember_quote
update inbound_sms set quote = %(quote)s where id = %(id)s

-- name: settle
update inbound_sms set state = %(state)s, sealed = null, settled_at = %(at)s
where id = %(id)s and state = 'waiting'
returning id
