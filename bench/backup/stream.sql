-- 20 GB of rows from a database of some 2.5 GB: nine rows in ten hold a megabyte of text that Postgres keeps compressed, the
-- tenth one that nothing compresses much. psql -v rows=200 makes a hundredth of it.
create table documents (id int primary key, body text not null);
insert into documents
select g, case when g % 10 = 0
  then (select string_agg(md5(g || '.' || n), '') from generate_series(1, 32768) n)
  else repeat(md5(g::text) || md5((g + 1)::text), 16384) end
from generate_series(1, :rows) g;
create table notes (id int primary key, body text not null);
insert into notes
select g, repeat(md5(g::text) || md5((g + 1)::text), 16384) from generate_series(1, :rows / 10) g;
