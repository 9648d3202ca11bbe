-- name: pay_installments
-- Under the lock of the loan's balance row.
update installment i
set principal_paid_minor = i.principal_paid_minor + p.principal,
    interest_paid_minor = i.interest_paid_minor + p.interest,
    paid_in_advance_minor = p.in_advance,
    paid_late_minor = p.late,
    met_on = p.met_on
from unnest(
         %(numbers)s::int[], %(principal)s::bigint[], %(interest)s::bigint[],
         %(in_advance)s::bigint[], %(late)s::bigint[], %(met_on)s::date[]
     ) as p (number, principal, interest, in_advance, late, met_on)
where i.loan = %(loan)s and i.number = p.number

-- name: note_repayment
-- The loan's own line of the repayment; the loan closes when nothing is left of it.
with paid as (
    update loan
    set transactions = transactions + 1,
        status = case when %(closes)s then 'closed' else status end,
        closed_on = case when %(closes)s then %(on)s::date else closed_on end
    where id = %(loan)s
    returning id, transactions
)
insert into loan_transaction (loan, number, journal, kind, business_date, amount_minor, principal_minor, interest_minor, left_minor)
select id, transactions, %(journal)s, 'repayment', %(on)s, %(principal)s::bigint + %(interest)s::bigint, %(principal)s, %(interest)s, %(left)s
from paid

-- name: open_loan
with opened as (
    insert into loan (id, product, client, principal_minor, rate_percent, disbursed_on)
    values (%(loan)s, %(product)s, %(client)s, %(principal)s, %(rate)s::numeric, %(on)s)
    returning id
), planned as (
    insert into installment (loan, number, from_date, due_date, principal_minor, interest_minor)
    select opened.id, i.number, i.from_date, i.due_date, i.principal, i.interest
    from opened, unnest(
        %(numbers)s::int[], %(from_dates)s::date[], %(due_dates)s::date[], %(principals)s::bigint[], %(interests)s::bigint[]
    ) as i (number, from_date, due_date, principal, interest)
)
insert into loan_transaction (loan, number, journal, kind, business_date, amount_minor, principal_minor, interest_minor, left_minor)
select id, 1, %(journal)s, 'disbursement', %(on)s, %(principal)s, %(principal)s, 0, %(principal)s
from opened

-- name: savings_product
select id, name from savings_product where name = %(name)s

-- name: open_savings
insert into savings (id, product, client, opened_on) values (%(account)s, %(product)s, %(client)s, %(on)s)

-- name: open_client
insert into client (office, first_name, last_name, msisdn, submitted_on, activated_on)
values (%(office)s, %(first_name)s, %(last_name)s, %(msisdn)s, %(on)s, %(on)s)
returning id

-- name: client_in_office
select id, first_name, last_name from client where id = %(client)s and office = %(office)s

-- name: office_named
with new as (
    insert into office (name) values (%(name)s) on conflict (name) do nothing returning id
)
select id from new union all select id from office where name = %(name)s

-- name: add_savings_product
insert into savings_product (name) values (%(name)s) on conflict (name) do nothing

-- name: add_loan_product
insert into loan_product (name, rate_percent, smallest_minor, largest_minor, fewest_installments, most_installments)
values (%(name)s, %(rate)s::numeric, %(smallest)s, %(largest)s, %(fewest)s, %(most)s)
on conflict (name) do nothing
