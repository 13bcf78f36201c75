create table products (
    product_id  uuid primary key,
    handle      text not null unique,
    name        text not null,
    description text not null default '',
    category    text not null,
    created_at  timestamptz not null
);
create index products_by_category on products (category, name, product_id);
create index products_search on products using gin (name gin_trgm_ops);

create table skus (
    sku_id       uuid primary key,
    product_id   uuid not null references products,
    code         text not null unique,
    name         text not null,
    gtin         char(14),
    weight_grams integer not null check (weight_grams >= 0),
    -- Hundredths of a percent, included in the price.
    tax_rate_bp  integer not null check (tax_rate_bp between 0 and 10000)
);
create index skus_by_product on skus (product_id);

create table prices (
    sku_id            uuid not null references skus,
    channel           text not null references channels,
    currency          char(3) not null,
    -- Millionths of the currency's major unit: real price lists have 0.001.
    unit_price_micros bigint not null check (unit_price_micros >= 0),
    valid             tstzrange not null,
    constraint prices_one_at_a_time exclude using gist (sku_id with =, channel with =, currency with =, valid with &&)
);

create table customers (
    customer_id uuid primary key,
    external_id text unique,
    contact_id  uuid not null,
    created_at  timestamptz not null
);

-- People and addresses. A change makes a new version; erasure blanks all versions and keeps the key.
create table contacts (
    contact_id uuid not null,
    version    integer not null check (version > 0),
    name       text not null,
    email      text,
    phone      text,
    street     text not null,
    city       text not null,
    postcode   text not null,
    country    char(2) not null,
    latitude   double precision not null check (latitude between -90 and 90),
    longitude  double precision not null check (longitude between -180 and 180),
    created_at timestamptz not null,
    erased_at  timestamptz,
    primary key (contact_id, version)
);

create table locations (
    location_id uuid primary key,
    code        text not null unique
);

create table users (
    user_id       uuid primary key,
    email         text not null unique check (email = lower(email)),
    name          text not null,
    role          text not null check (role in ('customer_service', 'store', 'warehouse', 'admin', 'finance', 'executive')),
    location_id   uuid references locations,
    password_hash text not null,
    disabled_at   timestamptz,
    created_at    timestamptz not null
);

create table sessions (
    token_hash   bytea primary key,
    user_id      uuid not null references users,
    created_at   timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at   timestamptz not null
);
create index sessions_by_user on sessions (user_id);

-- Failed sign-ins, so that guessing slows down on every node alike.
create table sign_in_failures (
    subject   text not null,
    failed_at timestamptz not null
);
create index sign_in_failures_recent on sign_in_failures (subject, failed_at);

create table api_tokens (
    token_id    uuid primary key,
    name        text not null,
    token_hash  bytea not null unique,
    permissions text[] not null,
    created_at  timestamptz not null,
    revoked_at  timestamptz
);
