-- A rule may have something written to people of the company: to an address, not to a customer.
alter table notifications
    drop constraint notifications_kind_check,
    add constraint notifications_kind_check
        check (kind in ('confirmed', 'shipped', 'ready', 'date_moved', 'asked', 'appointment_moved', 'delivered', 'staff')),
    add column address text,
    alter column contact_id drop not null,
    alter column contact_version drop not null,
    add constraint notifications_to check ((kind = 'staff') = (address is not null) and (address is null) = (contact_id is not null));
