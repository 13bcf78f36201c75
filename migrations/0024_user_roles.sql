-- What somebody does, where, and whether they may sign in, from a moment on.
create table user_roles (
    user_id     uuid not null references users,
    valid       tstzrange not null,
    role        text not null check (role in ('customer_service', 'store', 'warehouse', 'planner', 'admin', 'finance', 'executive')),
    location_id uuid references locations,
    may_sign_in boolean not null,
    constraint user_roles_one_at_a_time exclude using gist (user_id with =, valid with &&)
);
insert into user_roles (user_id, valid, role, location_id, may_sign_in)
select user_id, tstzrange(created_at, null), role, location_id, disabled_at is null from users;
alter table users drop column role, drop column location_id, drop column disabled_at;
