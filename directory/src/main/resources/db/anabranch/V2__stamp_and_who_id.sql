-- SPDX-License-Identifier: Apache-2.0
-- Drawn anew with each change: a restored meta database counts the same revisions again, with other content.
alter table meta add column stamp uuid not null default gen_random_uuid();

-- Names of tokens may repeat.
alter table audit add column who_id uuid;
