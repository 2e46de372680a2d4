-- safe: add a column without a default
alter table authors add column phone text;

-- safe: add a column if it is not there
alter table if exists authors add column if not exists phone text;

-- safe: add a column with a constant default
alter table authors add column phone text default 'none';

-- safe: add a required column with a constant default
alter table authors add column phone text not null default '';

-- safe: add a column with a default that is null
alter table authors add column phone text default null;

-- safe: add a column with a default that is the same for each row
alter table authors add column changed timestamptz not null default now();

-- safe: add a column with a keyword as default
alter table authors add column changed timestamptz default current_timestamp;

-- safe: add a column with a cast default
alter table authors add column meta jsonb not null default '{}'::jsonb;

-- safe: add a column with a computed constant
alter table authors add column until date default (current_date + 30);

-- safe: add a column of an enumerated type
alter table authors add column second_mood mood default 'sad';

-- safe: add a column of a domain without constraints
alter table authors add column other_mail email;

-- unsafe: add a column of a domain with constraints
alter table authors add column rank rating;

-- unsafe: add a column with a default of its own for each row
alter table authors add column token uuid not null default gen_random_uuid();

-- unsafe: add a column with a random default
alter table authors add column lot double precision default random();

-- unsafe: add a column with the time of each row
alter table authors add column changed timestamptz default clock_timestamp();

-- unsafe: add a column that takes from a sequence
alter table authors add column ticket bigint default nextval('tickets');

-- unsafe: add a serial column
alter table authors add column number serial;

-- unsafe: add a big serial column
alter table authors add column number bigserial;

-- unsafe: add an identity column
alter table authors add column number bigint generated always as identity;

-- unsafe: add a stored generated column
alter table authors add column double_visits int generated always as (visits * 2) stored;

-- safe: add a column with a default made by a function that never changes
alter table authors add column doubled int default abs(-4);

-- unsafe: add a column with a check
alter table authors add column rank int check (rank > 0);

-- unsafe: add a column with a default and a check
alter table authors add column rank int default 1 constraint rank_positive check (rank > 0);

-- unsafe: add a unique column
alter table authors add column slug text unique;

-- unsafe: add a primary key column
alter table reviews add column key bigserial primary key;

-- unsafe: add a required column without a default to an empty table
alter table empty add column needed int not null;

-- safe: add a column that references
alter table reviews add column author int references authors (id);

-- unsafe: add a column with a default that references
alter table reviews add column author int default 1 references authors (id);

-- unsafe: add a column to a partitioned table that rewrites it
alter table events add column number serial;

-- safe: add a column to a partitioned table
alter table events add column more text;

-- safe: add a column to parent and children
alter table animals add column legs int;

-- safe: add two columns at once
alter table authors add column a int, add column b text default 'x';

-- unsafe: add two columns of which one rewrites
alter table authors add column a int, add column b uuid default gen_random_uuid();

-- safe: add a column to a table of another schema
alter table attic.letters add column stamp text;

-- unsafe: drop a column
alter table authors drop column note;

-- unsafe: drop a column if it is there
alter table authors drop column if exists note;

-- unsafe: drop a column with what depends on it
alter table authors drop column active cascade;

-- unsafe: drop a column of a partitioned table
alter table events drop column body;

-- unsafe: drop two columns
alter table authors drop column doc, drop column tags;

-- unsafe: rename a column
alter table authors rename column note to remark;

-- unsafe: rename a column of a partitioned table
alter table events rename column body to text;

-- unsafe: rename a column of a view
alter view active_authors rename column name to full_name;

-- safe: set a default
alter table authors alter column note set default 'none';

-- safe: set a volatile default for rows to come
alter table authors alter column note set default gen_random_uuid()::text;

-- safe: set a default of a partitioned table
alter table events alter column body set default '';

-- safe: drop a default
alter table authors alter column visits drop default;

-- safe: drop not null
alter table authors alter column name drop not null;

-- unsafe: set not null
alter table authors alter column note set not null;

-- safe: set not null where a check proves it
alter table authors alter column visits set not null;

-- safe: set not null where it is already
alter table authors alter column name set not null;

-- unsafe: set not null where a check that is not validated does not prove it
alter table loners add constraint there check (name is not null) not valid;
-- when
alter table loners alter column name set not null;

-- unsafe: set not null of a partitioned table
alter table events alter column body set not null;

-- unsafe: set not null of two columns
alter table authors alter column note set not null, alter column active set not null;

-- safe: make a column an identity
alter table authors alter column id add generated by default as identity;

-- safe: change an identity
alter table books alter column id set generated always;

-- safe: restart an identity
alter table books alter column id restart with 1000;

-- unsafe: drop an identity
alter table books alter column id drop identity;

-- safe: stop generating a column
alter table sums alter column total drop expression;

-- safe: set statistics
alter table authors alter column name set statistics 1000;

-- safe: set the options of a column
alter table authors alter column name set (n_distinct = 100);

-- safe: reset the options of a column
alter table authors alter column name reset (n_distinct);

-- safe: set how a column is stored
alter table authors alter column note set storage external;

-- safe: set how a column is compressed
alter table authors alter column note set compression pglz;

-- safe: set statistics of an expression index
alter index books_title set (fillfactor = 80);

-- safe: a check that was validated proves a column of which nothing else is known
create table own (id int);
insert into own select i from generate_series(1, 500) i;
alter table own add constraint own_id check (id is not null) not valid;
alter table own validate constraint own_id;
-- when
alter table own alter column id set not null;
