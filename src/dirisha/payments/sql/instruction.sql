-- name: accept
-- Where nothing of its source account, or to its loan, is under way, the door that accepts it may send it at once: it
-- has the lease.
insert into instruction (
    id, command, reference, key, act, actor, channel, correlation, payer, rules, source, loan, terms, notices,
    state, tries, next_at, leased_until, accepted_at, sent_at
)
select %(id)s, %(command)s, %(reference)s, %(key)s, %(act)s, %(actor)s, %(channel)s, %(correlation)s, %(payer)s,
       %(rules)s::text[], %(source)s, %(loan)s, %(terms)s, %(notices)s,
       case when f.free then 'sent' else 'accepted' end, case when f.free then 1 else 0 end, %(at)s,
       case when f.free then %(until)s::timestamptz end, %(at)s, case when f.free then %(at)s::timestamptz end
from (
    select %(at_once)s::boolean and not exists (
        select from instruction where source = %(source)s and state in ('accepted', 'sent', 'unknown')
    ) and not exists (
        select from instruction where loan = %(loan)s::bigint and state in ('accepted', 'sent', 'unknown')
    ) as free
) f
returning state

-- name: lease
-- What is due and not held up by an earlier one of its source account or to its loan. From here on it counts as sent: a crash between
-- this and the sending can't be told from one after it. `was` says whether it may have been sent before.
with ready as (
    select i.id, i.state
    from instruction i
    where i.state in ('accepted', 'sent', 'unknown') and i.next_at <= %(at)s
      and (i.leased_until is null or i.leased_until <= %(at)s)
      and not exists (
          select from instruction e
          where e.source = i.source and e.place < i.place and e.state in ('accepted', 'sent', 'unknown')
      )
      and not exists (
          select from instruction e
          where e.loan = i.loan and e.place < i.place and e.state in ('accepted', 'sent', 'unknown')
      )
    order by i.place
    limit %(most)s
    for update skip locked
)
update instruction i
set state = case when ready.state = 'accepted' then 'sent' else i.state end,
    leased_until = %(until)s, tries = i.tries + 1, sent_at = %(at)s
from ready
where i.id = ready.id
returning i.id, ready.state as was, i.place

-- name: lease_untold
-- Posted, but what the notice has to say is not read yet.
update instruction i
set leased_until = %(until)s, tries = i.tries + 1
from (
    select id from instruction
    where state = 'posted' and particulars is null and next_at <= %(at)s
      and (leased_until is null or leased_until <= %(at)s)
    order by next_at
    limit %(most)s
    for update skip locked
) w
where i.id = w.id
returning i.id

-- name: expired
-- Never sent, and waiting for too long: behind one whose outcome is not known, or for a core that does not come back.
select id from instruction
where state = 'accepted' and accepted_at <= %(before)s
order by place
limit %(most)s

-- name: lock
-- In the order of their ids, whoever locks; what they say is read by a later statement.
select id from instruction where id = any (%(ids)s::uuid[]) order by id for no key update

-- name: settle
with changed as (
    update instruction
    set state = %(state)s, next_at = %(next_at)s, leased_until = null, ended_at = %(ended_at)s, number = %(number)s,
        trace = coalesce(%(trace)s, trace), refusal = %(refusal)s
    where id = %(id)s
    returning id
)
insert into instruction_step (instruction, n, at, state, said)
select changed.id, coalesce(last.n, 0) + 1, %(at)s, %(state)s, %(said)s
from changed
left join lateral (
    select n, state, said from instruction_step where instruction = changed.id order by n desc limit 1
) last on true
where (last.state, last.said) is distinct from (%(state)s::text, %(said)s::text)

-- name: promise
-- Waits for whoever writes its end at this moment: what it says is read by a later statement.
update instruction set promised = true
where id = %(id)s and state in ('accepted', 'sent', 'unknown') and not promised

-- name: tell
update instruction set particulars = %(particulars)s, leased_until = null where id = %(id)s

-- name: put_off
update instruction set next_at = %(next_at)s, leased_until = null where id = %(id)s

-- name: give_back
-- Leased, and not begun: as if it had not been. The number of tries tells whose lease it is: one that another has taken
-- since gives nothing back.
update instruction
set state = %(was)s, leased_until = null, tries = tries - 1, next_at = %(next_at)s
where id = %(id)s and state in ('sent', 'unknown') and tries = %(tries)s

-- name: hurry
-- Ask again now, whatever pause was meant.
update instruction set next_at = %(at)s, leased_until = null
where reference = %(reference)s and (state in ('accepted', 'sent', 'unknown') or (state = 'posted' and particulars is null))
  and (leased_until is null or leased_until <= %(at)s)
returning id

-- name: by_id
select i.* from instruction i where i.id = %(id)s

-- name: by_ids
select i.* from instruction i where i.id = any (%(ids)s::uuid[])

-- name: by_command
select i.* from instruction i where i.command = %(command)s

-- name: by_reference
select i.* from instruction i where i.reference = %(reference)s

-- name: under_way
select i.* from instruction i
where i.payer = any (%(payers)s::bigint[]) and i.state in ('accepted', 'sent', 'unknown')
order by i.place

-- name: listed
select i.* from instruction i
where (%(states)s::text[] is null or i.state = any (%(states)s::text[]))
order by i.place desc
limit %(most)s

-- name: counted
select state, count(*) as instructions from instruction
where state in ('accepted', 'sent', 'unknown') group by state

-- name: steps
select n, at, state, said from instruction_step where instruction = %(id)s order by n
