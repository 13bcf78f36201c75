-- What became of drafts that were published: whoever publishes one again, as they have seen it, is told which version it is.
create table published_drafts (
    draft_id   uuid primary key,
    revision   integer not null,
    ruleset_id uuid not null,
    version    integer not null,
    foreign key (ruleset_id, version) references rulesets
);
