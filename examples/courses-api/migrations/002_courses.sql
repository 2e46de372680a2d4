-- Up Migration

-- timestamptz(3): a JavaScript Date keeps milliseconds, and a page cursor must survive the round trip.
create table courses (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null references users (id),
  title text not null check (length(title) between 1 and 200),
  summary text not null default '',
  level text not null check (level in ('beginner', 'intermediate', 'advanced')),
  status text not null default 'draft' check (status in ('draft', 'published')),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

-- The order of the list, so that a page is one walk along the index.
create index courses_newest_first on courses (created_at desc, id desc);
create index courses_owner_newest_first on courses (owner_id, created_at desc, id desc);

-- Down Migration
drop table courses;
