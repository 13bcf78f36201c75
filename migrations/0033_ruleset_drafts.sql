-- Rules that are being worked on. Publishing makes a version of them that never changes.
create table ruleset_drafts (
    draft_id   uuid primary key,
    -- The ruleset that it becomes the next version of.
    ruleset_id uuid not null,
    name       text not null,
    rules      jsonb not null,
    -- The version that it was begun from.
    based_on   integer,
    -- Goes up with each change, so that nobody overwrites what they have not seen.
    revision   integer not null default 1,
    made_at    timestamptz not null,
    changed_at timestamptz not null,
    changed_by uuid references users,
    -- Everybody who has had a hand in it.
    written_by uuid[] not null default '{}'
);
-- They do not approve it.
alter table rulesets add column written_by uuid[] not null default '{}';
create index ruleset_drafts_newest on ruleset_drafts (changed_at desc);

-- What people say of a version.
create table ruleset_comments (
    comment_id uuid primary key,
    ruleset_id uuid not null,
    version    integer not null,
    author     uuid references users,
    said_at    timestamptz not null,
    text       text not null check (text <> ''),
    foreign key (ruleset_id, version) references rulesets
);
create index ruleset_comments_of on ruleset_comments (ruleset_id, said_at);

-- Who has looked at a version and found it good.
create table ruleset_approvals (
    ruleset_id  uuid not null,
    version     integer not null,
    approved_by uuid not null references users,
    approved_at timestamptz not null,
    primary key (ruleset_id, version, approved_by),
    foreign key (ruleset_id, version) references rulesets
);

create table routing_settings (
    only_one  boolean primary key default true check (only_one),
    -- A version is put in force only once somebody else than its maker has approved it.
    four_eyes boolean not null default false
);
insert into routing_settings default values;

-- While it is stopped, nothing is given to locations.
alter table network_state
    add column stopped_at     timestamptz,
    add column stopped_by     uuid references users,
    add column stopped_reason text,
    add constraint network_state_stopped check (num_nulls(stopped_at, stopped_reason) in (0, 2));
revoke insert, delete, truncate on routing_settings from waybill_app;
revoke update, delete, truncate on ruleset_comments, ruleset_approvals from waybill_app;
