-- Up Migration

-- Only hashes are kept: a stolen copy of this table (or of a backup) logs nobody in.
create table refresh_tokens (
  token_hash bytea primary key,
  family_id uuid not null,
  user_id uuid not null references users (id) on delete cascade,
  expires_at timestamptz(3) not null,
  used_at timestamptz(3)
);

create index refresh_tokens_family on refresh_tokens (family_id);
create index refresh_tokens_user on refresh_tokens (user_id);

create table password_resets (
  token_hash bytea primary key,
  user_id uuid not null references users (id) on delete cascade,
  expires_at timestamptz(3) not null
);

create index password_resets_user on password_resets (user_id);

-- Down Migration
drop table password_resets;
drop table refresh_tokens;
