-- SPDX-License-Identifier: Apache-2.0
-- One row: every change locks it, so that changes have one order.
create table meta (
    id boolean primary key default true check (id),
    revision bigint not null check (revision > 0),
    shard_key_column text not null,
    shard_key_type text not null check (shard_key_type in ('text', 'bigint', 'uuid')),
    created_at timestamptz not null default now()
);

create table databases (
    name text collate "C" primary key,
    flavor text not null check (flavor in ('postgres', 'mysql', 'mariadb')),
    host text not null,
    port integer not null check (port between 1 and 65535),
    database text not null,
    login text not null,
    -- env:NAME, file:/path, or sealed:v1:… (AES-256-GCM); never a password in the clear.
    credential text not null check (credential ~ '^(env:|file:|sealed:v1:)'),
    region text,
    properties jsonb not null default '{}'
);

create table groups (
    name text collate "C" primary key,
    kind text not null check (kind in ('sharded', 'global')),
    database text collate "C" references databases (name),
    tenants text check (tenants in ('any', 'listed')),
    check ((kind = 'global') = (database is not null)),
    check ((kind = 'sharded') = (tenants is not null))
);

create index on groups (database);

create table buckets (
    group_name text collate "C" not null references groups (name) on delete cascade,
    first_bucket integer not null check (first_bucket between 0 and 4095),
    last_bucket integer not null check (last_bucket between first_bucket and 4095),
    database text collate "C" not null references databases (name),
    primary key (group_name, first_bucket)
);

create index on buckets (database);

create table tenants (
    group_name text collate "C" not null references groups (name) on delete cascade,
    tenant text collate "C" not null,
    -- null: listed, and placed by its hash
    database text collate "C" references databases (name),
    created_at timestamptz not null default now(),
    created_by text not null,
    primary key (group_name, tenant)
);

create index on tenants (database) where database is not null;

create table tokens (
    id uuid primary key,
    name text not null,
    role text not null check (role in ('viewer', 'app', 'operator', 'admin')),
    secret_sha256 bytea not null unique,
    idempotency_sha256 bytea unique,
    created_at timestamptz not null default now(),
    created_by text not null,
    revoked_at timestamptz
);

create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    who text not null,
    why text,
    action text not null,
    subject text not null,
    details jsonb not null,
    revision bigint not null
);
