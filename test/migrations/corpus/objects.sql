-- safe: create a view
create view cheap_books as select id from books where price < 5;

-- safe: create or replace a view that is not there
create or replace view cheap_books as select id from books where price < 5;

-- safe: replace a view
create or replace view active_authors as select id, name from authors where active is true;

-- safe: replace a view with one more column
create or replace view active_authors as select id, name, note from authors where active;

-- unsafe: drop a view
drop view active_authors;

-- unsafe: drop a materialized view
drop materialized view author_stats;

-- safe: set the default of a column of a view
alter view active_authors alter column name set default 'x';

-- safe: set an option of a view
alter view active_authors set (security_barrier = true);

-- safe: create a materialized view
create materialized view prices as select id, price from books;

-- unsafe: refresh a materialized view
refresh materialized view author_stats;

-- safe: refresh a materialized view concurrently
refresh materialized view concurrently author_stats;

-- unsafe: empty a materialized view
refresh materialized view author_stats with no data;

-- safe: create a trigger
create trigger books_touch before update on books for each row execute function touch();

-- safe: create or replace a trigger
create or replace trigger reviews_touch after update on reviews for each row execute function touch();

-- safe: create a constraint trigger
create constraint trigger books_check after insert on books deferrable for each row execute function touch();

-- safe: drop a trigger
drop trigger reviews_touch on reviews;

-- safe: rename a trigger
alter trigger reviews_touch on reviews rename to reviews_touched;

-- safe: create a rule
create rule books_keep as on delete to books do instead nothing;

-- safe: drop a rule
drop rule reviews_quiet on reviews;

-- safe: create a policy
create policy books_all on books using (true);

-- safe: alter a policy
alter policy reviews_all on reviews using (stars > 1);

-- safe: drop a policy
drop policy reviews_all on reviews;

-- safe: comment on a table
comment on table authors is 'who writes';

-- safe: comment on a column
comment on column authors.name is 'as printed';

-- safe: comment on an index
comment on index books_title is 'for search';

-- safe: comment on a constraint
comment on constraint books_author on books is 'who wrote it';

-- safe: grant
grant select on books to reader;

-- safe: grant on all tables
grant select on all tables in schema public to reader;

-- safe: revoke
revoke select on authors from reader;

-- safe: create a schema
create schema reports;

-- unsafe: drop a schema with what it holds
drop schema attic cascade;

-- unsafe: rename a schema
alter schema attic rename to loft;

-- safe: create a type
create type colour as enum ('red', 'green');

-- safe: add a value to an enumerated type
alter type mood add value 'bored' after 'ok';

-- unsafe: rename a value of an enumerated type
alter type mood rename value 'sad' to 'blue';

-- unsafe: rename a type
alter type mood rename to feeling;

-- unsafe: drop a type
drop type shape;

-- safe: add an attribute to a composite type
alter type shape add attribute depth int;

-- unsafe: drop an attribute of a composite type
alter type shape drop attribute height;

-- safe: create a domain
create domain age as int check (value >= 0);

-- unsafe: drop a domain
create domain d as int;
-- when
drop domain d;

-- safe: create a function
create function thrice(a int) returns int language sql as 'select a * 3';

-- safe: replace a function
create or replace function twice(a int) returns int language sql immutable as 'select a + a';

-- unsafe: drop a function
drop function twice(int);

-- unsafe: rename a function
alter function twice(int) rename to double;

-- safe: create a sequence
create sequence numbers;

-- safe: alter a sequence
alter sequence tickets increment by 2;

-- unsafe: drop a sequence
drop sequence tickets;

-- unsafe: rename a sequence
alter sequence tickets rename to slips;

-- safe: create an extension
create extension if not exists plpgsql;
