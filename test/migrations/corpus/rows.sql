-- safe: insert
insert into loners values (1, 'one');

-- safe: insert from a query
insert into loners select id, name from authors;

-- safe: insert or update
insert into authors (id, name) values (1, 'one') on conflict (id) do update set name = excluded.name;

-- unsafe: update every row
update authors set note = 'x';

-- unsafe: update every row by a condition that always holds
update authors set note = 'x' where true;

-- unsafe: update every row by an equation that always holds
update authors set note = 'x' where 1 = 1;

-- safe: update some rows
update authors set note = 'x' where id < 100;

-- safe: update some rows by another table
update books set sold = 0 from authors where authors.id = books.author and authors.id = 3;

-- unsafe: update every row from another table
update authors set note = 'x' from books;

-- unsafe: delete every row
delete from loners;

-- unsafe: delete some rows
delete from loners where id < 100;

-- unsafe: delete by another table
delete from loners using authors where authors.id = loners.id;

-- unsafe: delete within a query
with gone as (delete from loners where id < 10 returning *) insert into empty select * from gone;

-- unsafe: merge
merge into loners using authors on loners.id = authors.id when matched then update set name = 'x' when not matched then insert values (0, 'y');

-- safe: merge what a condition picks
merge into loners using authors on loners.id = authors.id when matched and loners.id < 5 then update set name = 'x';

-- safe: merge that only inserts
merge into empty using authors on empty.id = authors.id when not matched then insert values (0, 'y');

-- unsafe: merge that deletes
merge into loners using authors on loners.id = authors.id when matched then delete;

-- unsafe: truncate
truncate loners;

-- unsafe: truncate with what references it
truncate authors cascade;

-- unsafe: truncate two tables
truncate table loners, caches restart identity;

-- unsafe: truncate a partitioned table
truncate events;

-- safe: select
select count(*) from authors;

-- safe: set a sequence
select setval('tickets', 1000);

-- unsafe: lock a table
lock table authors in access exclusive mode;

-- unsafe: lock a table against writes
lock table authors in share row exclusive mode;

-- safe: vacuum
vacuum loners;

-- safe: vacuum and analyze
vacuum (analyze) loners;

-- unsafe: vacuum full
vacuum full loners;

-- unsafe: vacuum full, in parentheses
vacuum (full, analyze) caches;

-- safe: analyze
analyze loners;

-- unsafe: cluster
cluster books using books_title;

-- safe: set a lock timeout
set lock_timeout = '2s';

-- safe: notify
notify deployed, 'now';

-- safe: lock a table against changes of its schema alone
lock table authors in share update exclusive mode;

-- safe: update one row by its key
update authors set note = 'x' where id = 7;

-- safe: update a batch
update authors set note = 'x' where id in (select id from authors where note is not null limit 50);

-- unsafe: delete within an explained query
explain analyze delete from reviews;

-- safe: explain a delete
explain delete from reviews;

-- unsafe: delete within a query that makes a table
create table gone as with gone as (delete from reviews returning *) select * from gone;

-- safe: make a table of a query
create table copies as select * from authors;
