-- SPDX-License-Identifier: Apache-2.0
-- Its flavor is that of its database. A name is neither another replica's nor a database's: the latter is checked within
-- the change, which has the revision's lock.
create table replicas (
    name text collate "C" primary key,
    replica_of text collate "C" not null references databases (name) on delete cascade,
    host text not null,
    port integer not null check (port between 1 and 65535),
    database text not null,
    login text not null,
    -- As a database's: never a password in the clear.
    credential text not null check (credential ~ '^(env:|file:|sealed:v1:)'),
    weight integer not null check (weight between 1 and 1000),
    -- Whom it serves and nobody else; empty: all that no replica of the database is kept for.
    audiences text[] not null default '{}',
    properties jsonb not null default '{}'
);

create index on replicas (replica_of);

-- What is said of an audience; one that only a replica or a route names needs no row.
create table audiences (
    name text collate "C" primary key,
    read_only boolean not null
);

create table routes (
    group_name text collate "C" not null references groups (name) on delete cascade,
    audience text collate "C" not null,
    database text collate "C" not null references databases (name),
    primary key (group_name, audience)
);

create index on routes (database);
