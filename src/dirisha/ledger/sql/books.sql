-- name: lock_balances
-- In id order, so that two acts on the same accounts never wait for each other in a ring. Works only where this
-- transaction won its claim; only the next statement may read what is locked here.
select b.account
from balance b
where b.account = any (%(accounts)s::bigint[])
  and coalesce(current_setting('dirisha.claim', true), '') <> 'taken'
  and exists (
      select from account a
      where a.id = b.account
        and (%(clients)s::bigint[] is null or a.owner = any (%(clients)s::bigint[]))
        and (%(office)s::bigint is null or a.office = %(office)s::bigint)
  )
order by b.account
for no key update of b

-- name: post
-- One journal with its movements. The client rows are locked already; control accounts have no row to touch.
with booked as (
    insert into journal (id, kind, business_date, booked_at, command, reference)
    values (%(journal)s, %(kind)s, %(business_date)s, %(booked_at)s, %(command)s, %(reference)s)
), touched as (
    update balance b
    set minor = b.minor + t.delta, lines = b.lines + t.legs
    from unnest(%(accounts)s::bigint[], %(deltas)s::bigint[], %(legs)s::int[]) as t (account, delta, legs)
    where b.account = t.account
    returning b.account, b.minor - t.delta as minor_before, b.lines - t.legs as lines_before
)
insert into movement (journal, seq, debit, credit, amount_minor, debit_line, debit_balance, credit_line, credit_balance)
select %(journal)s, m.seq, m.debit, m.credit, m.amount,
       d.lines_before + m.debit_nth, d.minor_before + m.debit_running,
       c.lines_before + m.credit_nth, c.minor_before + m.credit_running
from unnest(
         %(seq)s::smallint[], %(debit)s::bigint[], %(credit)s::bigint[], %(amount)s::bigint[],
         %(debit_nth)s::int[], %(debit_running)s::bigint[], %(credit_nth)s::int[], %(credit_running)s::bigint[]
     ) as m (seq, debit, credit, amount, debit_nth, debit_running, credit_nth, credit_running)
left join touched d on d.account = m.debit
left join touched c on c.account = m.credit

-- name: lines
-- An account's lines by number, newest first: two index ranges, merged.
select l.line, l.side, l.amount_minor, l.balance, j.id as journal, j.reference, j.kind, j.business_date, j.booked_at
from (
    (select debit_line as line, 'debit' as side, amount_minor, debit_balance as balance, journal
     from movement
     where debit = %(account)s and debit_line < %(before)s
     order by debit_line desc
     limit %(limit)s)
    union all
    (select credit_line, 'credit', amount_minor, credit_balance, journal
     from movement
     where credit = %(account)s and credit_line < %(before)s
     order by credit_line desc
     limit %(limit)s)
) l
join journal j on j.id = l.journal
order by l.line desc
limit %(limit)s

-- name: open_account
with opened as (
    insert into account (id, number, side, kind, name, owner, office, currency, opened_on)
    select n.id, lpad(n.id::text, 9, '0'), %(side)s, %(kind)s, %(name)s, %(owner)s, %(office)s, %(currency)s, %(on)s
    from (select nextval('account_id_seq') as id) n
    returning id, number
), balanced as (
    insert into balance (account) select id from opened
)
select id, number from opened

-- name: fold_range
-- Movements of control accounts in [from, to), all of them ended: `to` was read by its own statement before.
with leg as (
    select debit as account, amount_minor as minor, 'debit' as side from movement
    where xid >= %(from)s::xid8 and xid < %(to)s::xid8 and debit_line is null
    union all
    select credit, amount_minor, 'credit' from movement
    where xid >= %(from)s::xid8 and xid < %(to)s::xid8 and credit_line is null
), sum as (
    select a.id as account, coalesce(sum(case when leg.side = a.side then leg.minor else -leg.minor end), 0) as minor
    from account a left join leg on leg.account = a.id
    where a.kind = 'control'
    group by a.id
)
update control_balance c
set minor = c.minor + sum.minor, upto = %(to)s::xid8
from sum
where c.account = sum.account

-- name: folded_upto
select min(upto)::text as upto from control_balance

-- name: lock_fold
select pg_try_advisory_xact_lock(7021001) as mine

-- name: trial_balance
-- Debit balances less credit balances over all accounts, in one snapshot: zero, or the books are wrong.
with client as (
    select coalesce(sum(case when a.side = 'debit' then b.minor else -b.minor end), 0) as minor
    from balance b join account a on a.id = b.account
), leg as (
    select c.account, m.amount_minor as minor, 'debit' as side
    from control_balance c
    join movement m on m.debit = c.account and m.xid >= c.upto and (m.debit_line is null or m.credit_line is null)
    union all
    select c.account, m.amount_minor, 'credit'
    from control_balance c
    join movement m on m.credit = c.account and m.xid >= c.upto and (m.debit_line is null or m.credit_line is null)
), control as (
    select coalesce(sum(case when a.side = 'debit' then c.minor else -c.minor end), 0) as folded
    from control_balance c join account a on a.id = c.account
), since as (
    select coalesce(sum(case when side = 'debit' then minor else -minor end), 0) as minor from leg
)
select (select minor from client) + (select folded from control) + (select minor from since) as difference

-- name: wrong_balances
-- Client accounts whose balance or number of lines is not the sum of their movements.
with leg as (
    select debit as account, amount_minor as minor, 'debit' as side, debit_line as line from movement where debit_line is not null
    union all
    select credit, amount_minor, 'credit', credit_line from movement where credit_line is not null
), summed as (
    select account, count(*) as lines, max(line) as last_line,
           sum(case when side = 'debit' then minor else -minor end) as debit_minor
    from leg group by account
)
select a.id, a.number, b.minor as balance, coalesce(case when a.side = 'debit' then s.debit_minor else -s.debit_minor end, 0) as moved,
       b.lines, coalesce(s.lines, 0) as counted
from balance b
join account a on a.id = b.account
left join summed s on s.account = b.account
where b.minor <> coalesce(case when a.side = 'debit' then s.debit_minor else -s.debit_minor end, 0)
   or b.lines <> coalesce(s.lines, 0)
   or b.lines <> coalesce(s.last_line, 0)
order by a.id

-- name: wrong_control_balances
-- Control accounts whose folded amount with what came since differs from the sum of all their movements.
select a.id, a.number, c.minor as folded, coalesce(s.below, 0) as moved
from account a
join control_balance c on c.account = a.id
left join lateral (
    select sum(case when leg.side = a.side then leg.minor else -leg.minor end) as below
    from (
        select 'debit' as side, amount_minor as minor from movement where debit = a.id and debit_line is null and xid < c.upto
        union all
        select 'credit', amount_minor from movement where credit = a.id and credit_line is null and xid < c.upto
    ) leg
) s on true
where a.kind = 'control' and c.minor <> coalesce(s.below, 0)
order by a.id
