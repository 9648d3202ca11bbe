-- All of these are read under the viewer's role: row-level security leaves out what is not in the scope.

-- name: savings
select s.id, a.number, a.name, s.product, s.client, c.first_name, c.last_name, a.office, s.status, b.minor, s.opened_on
from savings s
join account a on a.id = s.id
join balance b on b.account = s.id
join client c on c.id = s.client
where s.id = any (%(ids)s::bigint[])

-- name: loans
select l.id, a.number, a.name, l.product, l.client, c.first_name, c.last_name, a.office, l.status, l.principal_minor,
       l.rate_percent::text as rate_percent, l.disbursed_on, l.closed_on
from loan l
join account a on a.id = l.id
join client c on c.id = l.client
where l.id = any (%(ids)s::bigint[])

-- name: installments
select loan, number, from_date, due_date, principal_minor, interest_minor, principal_paid_minor, interest_paid_minor,
       met_on, paid_in_advance_minor, paid_late_minor
from installment
where loan = any (%(ids)s::bigint[])
order by loan, number

-- name: clients_savings
select s.id, a.number, a.name, s.product, s.client, c.first_name, c.last_name, a.office, s.status, b.minor, s.opened_on
from savings s
join account a on a.id = s.id
join balance b on b.account = s.id
join client c on c.id = s.client
where s.client = any (%(clients)s::bigint[])
order by s.id

-- name: clients_loans
select l.id, a.number, a.name, l.product, l.client, c.first_name, c.last_name, a.office, l.status, l.principal_minor,
       l.rate_percent::text as rate_percent, l.disbursed_on, l.closed_on
from loan l
join account a on a.id = l.id
join client c on c.id = l.client
where l.client = any (%(clients)s::bigint[])
order by l.id

-- name: clients_installments
select i.loan, i.number, i.from_date, i.due_date, i.principal_minor, i.interest_minor, i.principal_paid_minor,
       i.interest_paid_minor, i.met_on, i.paid_in_advance_minor, i.paid_late_minor
from loan l
join installment i on i.loan = l.id
where l.client = any (%(clients)s::bigint[])
order by i.loan, i.number

-- name: clients
select c.id, c.number, c.first_name, c.last_name, c.office, o.name as office_name, c.msisdn, c.submitted_on, c.activated_on
from client c
join office o on o.id = c.office
where c.id = any (%(clients)s::bigint[])
order by c.id

-- name: clients_lines
-- The newest lines over all savings accounts of the clients: a few of each account, by its own index range.
select s.id as account, l.line, l.side, l.amount_minor, l.balance,
       j.id as journal, j.reference, j.kind, j.business_date, j.booked_at
from savings s
cross join lateral (
    (select debit_line as line, 'debit' as side, amount_minor, debit_balance as balance, journal
     from movement where debit = s.id and debit_line is not null
     order by debit_line desc limit %(limit)s)
    union all
    (select credit_line, 'credit', amount_minor, credit_balance, journal
     from movement where credit = s.id and credit_line is not null
     order by credit_line desc limit %(limit)s)
) l
join journal j on j.id = l.journal
where s.client = any (%(clients)s::bigint[])
order by s.id, l.line desc

-- name: savings_turnover
-- One row whatever there is: two index ranges summed, and the newest line found by its number.
select (select coalesce(sum(amount_minor), 0) from movement where credit = a.id and credit_line is not null) as paid_in,
       (select coalesce(sum(amount_minor), 0) from movement where debit = a.id and debit_line is not null) as paid_out,
       (select j.business_date
        from balance b
        join movement m on (m.credit = b.account and m.credit_line = b.lines)
                        or (m.debit = b.account and m.debit_line = b.lines)
        join journal j on j.id = m.journal
        where b.account = a.id) as last_on
from (select %(account)s::bigint as id) a

-- name: loan_transactions
select t.number, t.journal, j.reference, t.kind, t.business_date, j.booked_at, t.amount_minor, t.principal_minor,
       t.interest_minor, t.left_minor
from loan_transaction t
join journal j on j.id = t.journal
where t.loan = %(loan)s
order by t.number

-- name: receipt
-- A journal in the scope with its movements and the accounts that the viewer may see (control accounts are not shown).
-- The loan comes from the loan's own line: a payment of interest alone has no movement to it.
select j.reference, j.kind, j.business_date, j.booked_at, m.seq, m.debit, m.credit, m.amount_minor,
       m.debit_balance, m.credit_balance,
       da.kind as debit_kind, da.number as debit_number, da.name as debit_name,
       ca.kind as credit_kind, ca.number as credit_number, ca.name as credit_name,
       t.loan, la.number as loan_number, la.name as loan_name, t.kind as loan_part,
       coalesce(cc.first_name || ' ' || cc.last_name, dc.first_name || ' ' || dc.last_name) as payee
from journal j
join movement m on m.journal = j.id
left join loan_transaction t on t.journal = j.id
left join account la on la.id = t.loan
left join account da on da.id = m.debit
left join account ca on ca.id = m.credit
left join client cc on cc.id = ca.owner
left join client dc on dc.id = da.owner
where j.reference = %(reference)s
order by m.seq

-- name: offices
select id, name from office order by id

-- name: loan_product
select id, name, rate_percent::text as rate_percent, smallest_minor, largest_minor, fewest_installments, most_installments
from loan_product where name = %(name)s
