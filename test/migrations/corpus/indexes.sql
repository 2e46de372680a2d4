-- unsafe: create an index
create index books_sold on books (sold);

-- unsafe: create a unique index
create unique index books_sold on books (sold);

-- unsafe: create an index if it is not there
create index if not exists books_sold on books (sold);

-- unsafe: create an index without a name
create index on books (sold);

-- unsafe: create an index on a part of the rows
create index books_dear on books (sold) where price > 100;

-- unsafe: create an index on an expression
create index books_lower on books (lower(title));

-- unsafe: create an index with further columns
create index books_sold on books (sold) include (title);

-- unsafe: create a gin index
create index authors_doc on authors using gin (doc);

-- unsafe: create an index on a partitioned table
create index events_id on events (id);

-- safe: create an index on a partitioned table alone
create index events_id on only events (id);

-- unsafe: create an index on one partition
create index events_2024_id on events_2024 (id);

-- unsafe: create an index on a materialized view
create index author_stats_books on author_stats (books);

-- safe: create an index concurrently
create table c (id int);
-- when
create index concurrently c_id on c (id);

-- safe: create a unique index concurrently
create table c (id int);
-- when
create unique index concurrently if not exists c_id on c (id);

-- safe: drop an index
drop index books_title;

-- safe: drop two indexes
drop index books_title, reviews_id;

-- safe: drop an index of a partitioned table
drop index events_at;

-- safe: drop an index concurrently
create table c (id int); create index c_id on c (id);
-- when
drop index concurrently c_id;

-- unsafe: reindex a table
reindex table books;

-- unsafe: reindex an index
reindex index books_title;

-- safe: reindex a table concurrently
reindex table concurrently books;

-- safe: reindex an index concurrently
reindex (concurrently) index books_title;

-- safe: rename an index
alter index books_title rename to books_by_title;

-- safe: reset the options of an index
alter index books_title reset (fillfactor);

-- safe: attach an index to that of a partitioned table
create table p (id int) partition by list (id); create table p1 partition of p for values in (1);
create index p_id on only p (id); create index p1_id on p1 (id);
-- when
alter index p_id attach partition p1_id;
