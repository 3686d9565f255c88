-- SPDX-License-Identifier: Apache-2.0
alter table groups
    add column schema_name text check (schema_name <> ''),
    add column migrations text,
    add column entities text,
    add column schema_file text,
    add column extra_file text,
    add check (schema_name is not null or coalesce(migrations, entities, schema_file, extra_file) is null),
    add check (entities is null or schema_file is null),
    add check (extra_file is null or coalesce(entities, schema_file) is not null);

-- Who migrates; as with the application's, never a password in the clear.
alter table databases
    add column owner_login text,
    add column owner_credential text check (owner_credential ~ '^(env:|file:|sealed:v1:)'),
    add check ((owner_login is null) = (owner_credential is null)),
    add check (owner_login <> login);

alter table tokens
    drop constraint tokens_role_check,
    add check (role in ('viewer', 'app', 'migrator', 'operator', 'admin'));
