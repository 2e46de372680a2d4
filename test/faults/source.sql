-- The database that is backed up: small, and with what backups tend to lose.
create schema "Größe ""x""";
create table customers (id int generated always as identity primary key, name text not null, shout text generated always as (upper(name)) stored);
insert into customers (name) select 'Zoë ' || g || E'\t\\ \n' || chr(128512) from generate_series(1, 300) g;
create table "Größe ""x"""."Bestellung" (id serial primary key, customer int references customers, total numeric(12, 2));
insert into "Größe ""x"""."Bestellung" (customer, total) select 1 + g % 300, g * 1.25 from generate_series(1, 1500) g;
create table measured (at date not null, value float8) partition by range (at);
create table measured_2025 partition of measured for values from ('2025-01-01') to ('2026-01-01');
insert into measured select '2025-06-01'::date + g % 200, g / 7.0 from generate_series(1, 300) g;
create table noise (id int, bytes bytea);
insert into noise select g, decode(string_agg(md5(g || '-' || h), ''), 'hex') from generate_series(1, 40) g, generate_series(1, 400) h group by g;
create table doubled (word text);
insert into doubled values ('same'), ('same'), (null), (''), ('\N'), ('\.');
create table nothing ();
create table empty (id int);
create materialized view totals as select customer, sum(total) from "Größe ""x"""."Bestellung" group by customer;
create view cheap as select * from "Größe ""x"""."Bestellung" where total < 10;
create sequence lonely start 7 increment 3;
select nextval('lonely');
create sequence untouched;
select lo_from_bytea(0, decode(repeat('00ff', 20000), 'hex')), lo_from_bytea(0, '');
create index on customers (lower(name));
-- Large on disk and nearly empty: their rows go beside the archive, in no time.
create table "large.*" (id serial primary key, pad text) with (autovacuum_enabled = off);
create table "Größe ""x"""."large|$" (id serial primary key, pad text) with (autovacuum_enabled = off);
alter table "large.*" alter pad set storage plain;
alter table "Größe ""x"""."large|$" alter pad set storage plain;
insert into "large.*" (pad) select repeat('x', 8000) from generate_series(1, 4200);
insert into "Größe ""x"""."large|$" (pad) select repeat('y', 8000) from generate_series(1, 4200);
delete from "large.*" where id % 1000 <> 0;
delete from "Größe ""x"""."large|$" where id % 700 <> 0;
-- Told apart by this: each version of the content is one row more.
create table versions (version int primary key);
