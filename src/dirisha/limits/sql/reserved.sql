-- Money on its way counts against the limit before it is known whether it moved.
alter table limit_use drop constraint limit_use_state_check;
alter table limit_use add constraint limit_use_state_check check (state in ('reserved', 'used', 'released'));
grant update (state) on limit_use to dirisha_books;
