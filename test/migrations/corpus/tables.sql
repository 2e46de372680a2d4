-- safe: create a table
create table publishers (id int primary key, name text not null unique, check (name <> ''));

-- safe: create a table if it is not there
create table if not exists publishers (id int);

-- safe: create a table that references
create table chapters (id int primary key, book bigint not null references books (id));

-- safe: create a table with a foreign key of two tables
create table chapters (id int, book bigint references books, author int, foreign key (author) references authors (id));

-- safe: create a table like another
create table authors_copy (like authors including all);

-- safe: create a table from a query
create table authors_copy as select * from authors;

-- safe: create a table by select into
select * into authors_copy from authors;

-- safe: create a temporary table
create temporary table work (id int);

-- safe: create a partition
create table events_2027 partition of events for values from ('2027-01-01') to ('2028-01-01');

-- unsafe: create a partition beside a default one that has rows
create table p (id int) partition by list (id); create table rest partition of p default;
insert into p select 1 from generate_series(1, 500);
-- when
create table p2 partition of p for values in (2);

-- safe: create a child
create table dogs (bark text) inherits (animals);

-- unsafe: drop a table
drop table loners;

-- unsafe: drop a table if it is there
drop table if exists loners;

-- unsafe: drop a table that references
drop table reviews;

-- unsafe: drop a table with what depends on it
drop table authors cascade;

-- unsafe: drop a table of another schema
drop table attic.letters;

-- unsafe: drop two tables
drop table loners, caches;

-- unsafe: drop a partitioned table
drop table events;

-- unsafe: drop a partition
drop table events_2024;

-- unsafe: rename a table
alter table loners rename to hermits;

-- unsafe: rename a partitioned table
alter table events rename to happenings;

-- unsafe: rename a view
alter view active_authors rename to busy_authors;

-- unsafe: rename a materialized view
alter materialized view author_stats rename to author_counts;

-- unsafe: move a table to another schema
alter table loners set schema attic;

-- unsafe: move a view to another schema
alter view active_authors set schema attic;

-- unsafe: make a table logged
alter table caches set logged;

-- unsafe: make a table unlogged
alter table loners set unlogged;

-- safe: set the fill factor
alter table authors set (fillfactor = 80);

-- safe: set how a table is vacuumed
alter table authors set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_enabled = true);

-- safe: reset an option
alter table authors reset (fillfactor);

-- safe: let logical decoding read a table as a catalog
alter table authors set (user_catalog_table = true);

-- safe: choose the index to cluster on
alter table books cluster on books_title;

-- safe: choose none
alter table books set without cluster;

-- safe: change the owner
alter table loners owner to reader;

-- safe: change the owner of a view
alter view active_authors owner to reader;

-- safe: replicate the whole row
alter table loners replica identity full;

-- safe: replicate by an index
alter table books replica identity using index books_pkey;

-- safe: inherit
create table c (id int, name text);
-- when
alter table c inherit animals;

-- safe: no longer inherit
alter table cats no inherit animals;

-- safe: be of a type
create type t as (id int, name text); create table c (id int, name text);
-- when
alter table c of t;

-- safe: be of no type
create type t as (id int, name text); create table c of t;
-- when
alter table c not of;

-- unsafe: attach a partition
alter table events attach partition events_2026 for values from ('2026-01-01') to ('2027-01-01');

-- unsafe: attach a partition beside a default one that has rows
create table p (id int) partition by list (id); create table rest partition of p default;
insert into p select 1 from generate_series(1, 500); create table p2 (id int); insert into p2 select 2 from generate_series(1, 500);
-- when
alter table p attach partition p2 for values in (2);

-- safe: detach a partition
alter table events detach partition events_2024;

-- safe: detach a partition concurrently
create table p (id int) partition by list (id); create table p2 partition of p for values in (2);
-- when
alter table p detach partition p2 concurrently;

-- safe: enable a trigger
alter table reviews enable trigger reviews_touch;

-- safe: disable every trigger
alter table reviews disable trigger all;

-- safe: disable a rule
alter table reviews disable rule reviews_quiet;

-- safe: always fire a trigger
alter table reviews enable always trigger reviews_touch;

-- unsafe: enable row security
alter table reviews enable row level security;

-- unsafe: force row security
alter table reviews force row level security;

-- safe: disable row security
alter table reviews disable row level security;

-- safe: no longer force row security
alter table reviews no force row level security;

-- safe: change the access method to the one it has
alter table loners set access method heap;

-- safe: set a tablespace that it has
alter table loners set tablespace pg_default;

-- safe: extend statistics
create statistics books_stats on title, price from books;

-- safe: drop statistics
create table c (a int, b int); create statistics c_stats on a, b from c;
-- when
drop statistics c_stats;

-- safe: attach a partition that a validated check keeps within its bounds
create table own (id int, at date not null) partition by range (at);
create index own_at on own (at);
create table own_2026 (id int, at date not null);
insert into own_2026 select i, '2026-02-02' from generate_series(1, 500) i;
create index own_2026_at on own_2026 (at);
alter table own_2026 add constraint within check (at >= date '2026-01-01' and at < '2027-01-01') not valid;
alter table own_2026 validate constraint within;
-- when
alter table own attach partition own_2026 for values from ('2026-01-01') to ('2027-01-01');

-- unsafe: attach a partition that a check keeps within its bounds, but was never validated
create table own (id int, at date not null) partition by range (at);
create index own_at on own (at);
create table own_2026 (id int, at date not null);
insert into own_2026 select i, '2026-02-02' from generate_series(1, 500) i;
create index own_2026_at on own_2026 (at);
alter table own_2026 add constraint within check (at >= date '2026-01-01' and at < '2027-01-01') not valid;
-- when
alter table own attach partition own_2026 for values from ('2026-01-01') to ('2027-01-01');

-- unsafe: attach a partition that a check allows to hold nulls
create table own (id int, at date) partition by range (at);
create table own_2026 (id int, at date, check (at >= '2026-01-01' and at < '2027-01-01'));
insert into own_2026 select i, '2026-02-02' from generate_series(1, 500) i;
-- when
alter table own attach partition own_2026 for values from ('2026-01-01') to ('2027-01-01');

-- safe: attach a partition of listed values that a check names
create table own (id int, kind text) partition by list (kind);
create table own_a (id int, kind text not null check (kind in ('a', 'b')));
insert into own_a select i, 'a' from generate_series(1, 500) i;
-- when
alter table own attach partition own_a for values in ('a', 'b', 'c');

-- unsafe: attach a partition of listed values of which a check names more
create table own (id int, kind text) partition by list (kind);
create table own_a (id int, kind text not null check (kind in ('a', 'b')));
insert into own_a select i, 'a' from generate_series(1, 500) i;
-- when
alter table own attach partition own_a for values in ('a');

-- unsafe: attach a partition within its bounds that lacks an index of the parent
create table own (id int, at date not null) partition by range (at);
create index own_at on own (at);
create table own_2026 (id int, at date not null);
insert into own_2026 select i, '2026-02-02' from generate_series(1, 500) i;
alter table own_2026 add constraint within check (at >= date '2026-01-01' and at < '2027-01-01');
-- when
alter table own attach partition own_2026 for values from ('2026-01-01') to ('2027-01-01');
