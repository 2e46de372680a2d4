-- Everything that backups get wrong: run it in an empty database as a superuser, with the role "Bücher ""r""" there.

create extension hstore;
create schema "Ünï ""code.";

-- Quoted and non-ASCII names; values with everything that COPY escapes.
create table "Ünï ""code."."tä ble; --" (
  "select" serial primary key,
  "näme" text,
  raw bytea,
  tags hstore
);
insert into "Ünï ""code."."tä ble; --" ("näme", raw, tags) values
  (E'line\nbreak\ttab\\ \\. and \\N', '\x00ff0a5c2e', 'a=>1'),
  (null, null, null),
  ('', '', ''),
  (E'\\.', '\x5c2e0a', '"quoted key"=>NULL');
alter table "Ünï ""code."."tä ble; --" owner to "Bücher ""r""";

-- Text that depends on the session that writes it.
create table settings_matter (
  f4 real, f8 double precision, n numeric, at timestamptz, day date, every interval, doc jsonb, list text[]
);
insert into settings_matter values
  (0.1, 1e-300, 'NaN', '2026-03-29 01:30:00+00', '0044-03-15 BC', '1 year -3 days 04:05:06.789', '{"a": [1, null]}', '{"a,b",NULL,"\""}'),
  ('-infinity', 0.1 + 0.2, 1e100, 'infinity', '-infinity', '-1 mon', '"\u0001"', '{}');

-- Sequences: far on, not yet called, falling, of an identity.
create sequence far; select setval('far', 9223372036854775807);
create sequence fresh start 7;
create sequence falling increment -1 maxvalue 5 start 5; select nextval('falling');

-- Identity and generated columns, columns dropped and added.
create table evolved (
  id bigint generated always as identity (start with 1000 increment by 7),
  width int not null check (width > 0),
  dropped text default 'x',
  area int generated always as (width * width) stored
);
insert into evolved (width) select generate_series(1, 100);
alter table evolved drop column dropped;
alter table evolved add column later text not null default 'added';
insert into evolved (width, later) values (101, 'row');

-- Partitions of partitions, one of them empty, rows moved between them.
create table measured (city int not null, at date not null, value float8) partition by list (city);
create table measured_1 partition of measured for values in (1) partition by range (at);
create table measured_1_old partition of measured_1 for values from (minvalue) to ('2026-01-01');
create table measured_1_new partition of measured_1 for values from ('2026-01-01') to (maxvalue);
create table measured_2 partition of measured for values in (2);
create table measured_rest partition of measured default;
insert into measured select 1 + i % 2, date '2025-12-01' + i % 60, i / 3.0 from generate_series(1, 2000) i;
create index on measured (at);
update measured set city = 1 where city = 2 and at = '2025-12-24';

-- Foreign keys in a circle, and to itself.
create table chickens (id int primary key, egg int);
create table eggs (id int primary key, chicken int references chickens);
insert into chickens values (1, 1), (2, 2);
insert into eggs values (1, 2), (2, 1);
alter table chickens add foreign key (egg) references eggs deferrable initially deferred;
create table nodes (id int primary key, parent int references nodes);
insert into nodes values (3, null), (1, 3), (2, 1);

-- Inheritance, a domain, an enumeration, a composite, an exclusion constraint.
create type mood as enum ('ok', 'bäd');
create domain positive as int check (value > 0);
create type pair as (a int, b text);
create table parents (m mood, p positive, c pair);
create table kids (extra text) inherits (parents);
insert into parents values ('ok', 1, (1, 'x,"y')); insert into kids values ('bäd', 2, null, 'k');
create table bookings (room int, during tsrange, exclude using gist (during with &&));
insert into bookings values (1, '[2026-01-01, 2026-01-02)');

-- Triggers and rules that would change rows if a restore ran them.
create table audited (id int, note text);
create function shout() returns trigger language plpgsql as $$ begin new.note := upper(new.note); return new; end $$;
insert into audited values (1, 'quiet');
create trigger shout before insert or update on audited for each row execute function shout();
create trigger always_shout before insert on audited for each row execute function shout();
alter table audited enable always trigger always_shout;
create table ruled (id int); insert into ruled values (1);
create rule nothing as on insert to ruled do instead nothing;

-- Row-level security, forced on the owner too.
create table secret_rows (id int, owner text);
insert into secret_rows values (1, 'a'), (2, 'b');
alter table secret_rows enable row level security;
alter table secret_rows force row level security;
create policy own on secret_rows to "Bücher ""r""" using (owner = current_user);
grant select on secret_rows to "Bücher ""r""";

-- Views of all sorts, a function index, comments, statistics.
create view wide as select * from evolved where width > 50;
create materialized view totals as select city, sum(value) as total from measured group by city;
create unique index on totals (city);
create materialized view unfilled as select 1 as one with no data;
create function twice(i int) returns int immutable language sql as 'select i * 2';
create index twice_width on evolved (twice(width));
create statistics area_stats on width, area from evolved;
comment on table evolved is 'it''s "evolved"';

-- Tables with no rows, no columns, no log, no key.
create table empty_one (id int primary key);
create table no_columns (); insert into no_columns default values; insert into no_columns default values;
create unlogged table unlogged_one (id int); insert into unlogged_one values (1);
create table keyless (a int, b text); insert into keyless values (1, 'same'), (1, 'same');

-- Large objects: ordinary, empty, of a high OID.
select lo_from_bytea(4000000001, decode(repeat('00ff10', 50000), 'hex'));
select lo_from_bytea(5001, ''::bytea);
select lo_from_bytea(5002, 'small');
grant select on large object 5002 to "Bücher ""r""";

-- One value of a hundred megabytes.
create table huge (id int, value text);
insert into huge values (1, repeat('0123456789abcdef', 6400000));

create table pgmigrations (id serial primary key, name text not null, run_on timestamp not null);
insert into pgmigrations (name, run_on) values ('1_first', '2026-01-01'), ('2_second', '2026-02-01');
