-- All of these run as `dirisha_books`, which sees every row: a core's staff sees all clients.

-- name: savings_legs
-- A savings account's lines by number, newest first, each with the other account of its movement and the first
-- movement of its journal, by which a transfer is known at both ends. Two index ranges, merged; `offset 0` keeps the
-- journal of each line looked up by its key, whatever the planner thinks of the days.
select l.line, l.side, l.amount_minor, l.balance, l.other, l.journal, l.kind, l.reference, l.business_date,
       f.debit as source, f.debit_line as source_line, f.credit as target,
       c.terms->'body'->>'transferDescription' as description, c.terms->>'by' as by
from (
    (select m.debit_line as line, 'debit' as side, m.amount_minor, m.debit_balance as balance, m.credit as other,
            m.journal, j.kind, j.reference, j.business_date, j.command
     from movement m
     cross join lateral (
         select kind, reference, business_date, command from journal where id = m.journal offset 0
     ) j
     where m.debit = %(account)s and m.debit_line < %(before)s and j.business_date between %(first)s and %(last)s
     order by m.debit_line desc
     limit %(limit)s)
    union all
    (select m.credit_line, 'credit', m.amount_minor, m.credit_balance, m.debit,
            m.journal, j.kind, j.reference, j.business_date, j.command
     from movement m
     cross join lateral (
         select kind, reference, business_date, command from journal where id = m.journal offset 0
     ) j
     where m.credit = %(account)s and m.credit_line < %(before)s and j.business_date between %(first)s and %(last)s
     order by m.credit_line desc
     limit %(limit)s)
) l
cross join lateral (
    select debit, debit_line, credit from movement where journal = l.journal and seq = 1 offset 0
) f
left join lateral (select terms from command where id = l.command offset 0) c on true
order by l.line desc
limit %(limit)s

-- name: savings_transactions
-- How many transactions these lines are: what leaves the account is one a journal, and one more where a fee goes with
-- it; what comes in is one a line.
-- Two index ranges, and each line's journal by its key, as above.
select count(*) as total
from (
    select journal from movement
    where debit = %(account)s and debit_line is not null and (seq = 1 or credit = %(fees)s)
    union all
    select journal from movement where credit = %(account)s and credit_line is not null
) m
cross join lateral (select business_date from journal where id = m.journal offset 0) j
where j.business_date between %(first)s and %(last)s

-- name: fees_paid
select coalesce(sum(amount_minor), 0)::bigint as minor
from movement
where debit = %(account)s and debit_line is not null and credit = %(fees)s

-- name: loan_labels
-- What the transactions of a loan are labelled with, by their number.
select t.number, f.debit as source, f.debit_line as source_line, f.credit as target, t.business_date, j.kind,
       j.reference, c.terms->'body'->>'transferDescription' as description
from loan_transaction t
join journal j on j.id = t.journal
join movement f on f.journal = j.id and f.seq = 1
left join command c on c.id = j.command
where t.loan = %(loan)s

-- name: lines
-- How many lines the accounts have so far; read under their locks.
select account, lines from balance where account = any (%(accounts)s::bigint[])

-- name: loan_transactions_so_far
select transactions from loan where id = %(loan)s

-- name: clients
select c.id, c.number, c.first_name, c.last_name, c.office, o.name as office_name, c.msisdn, c.submitted_on,
       c.activated_on, count(*) over () as total
from client c
join office o on o.id = c.office
where (%(office)s::bigint is null or c.office = %(office)s::bigint)
  and (%(name)s::text is null or (c.first_name || ' ' || c.last_name) ilike %(name)s::text)
order by c.id
limit %(limit)s offset %(offset)s

-- name: loan_products
select id, name, rate_percent::text as rate_percent, smallest_minor, largest_minor, fewest_installments, most_installments
from loan_product
where %(id)s::bigint is null or id = %(id)s::bigint
order by id

-- name: savings_products
select id, name from savings_product
where %(id)s::bigint is null or id = %(id)s::bigint
order by name
