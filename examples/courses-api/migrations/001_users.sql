-- Up Migration
create table users (
  id uuid primary key default gen_random_uuid(),
  email text not null check (email = lower(email)),
  name text not null,
  role text not null check (role in ('student', 'instructor', 'admin')),
  password_hash text not null,
  created_at timestamptz(3) not null default now()
);

create unique index users_email_key on users (email);

-- Down Migration
drop table users;
