-- safe: longer varchar
alter table authors alter column nick type varchar(20);

-- safe: varchar without a limit
alter table authors alter column nick type varchar;

-- safe: varchar to text
alter table authors alter column nick type text;

-- safe: varchar to text, said twice
alter table authors alter column nick type text using nick::text;

-- safe: the same type
alter table authors alter column nick set data type varchar(10);

-- safe: text to varchar without a limit
alter table loners alter column name type varchar;

-- unsafe: shorter varchar
alter table authors alter column nick type varchar(5);

-- unsafe: text to varchar with a limit
alter table loners alter column name type varchar(200);

-- unsafe: varchar to text under a check
alter table books alter column title type text;

-- safe: longer varchar with a plain index
alter table books alter column isbn type varchar(40);

-- safe: indexed varchar to text
alter table books alter column isbn type text;

-- unsafe: text to varchar with an index on a part of the rows
alter table books alter column cover type varchar;

-- unsafe: char to a longer one
alter table authors alter column code type char(5);

-- unsafe: char to text
alter table authors alter column code type text;

-- unsafe: char to varchar
alter table authors alter column code type varchar(3);

-- unsafe: int to bigint
alter table authors alter column visits type bigint;

-- unsafe: bigint to int
alter table books alter column id type int;

-- unsafe: column of a foreign key
alter table reviews alter column book type int;

-- unsafe: smallint to int
alter table authors alter column small type int;

-- unsafe: int to numeric
alter table books alter column sold type numeric;

-- unsafe: int to text
alter table books alter column sold type text;

-- unsafe: text to int with a function
alter table loners alter column name type int using length(name);

-- unsafe: the same type by a function
alter table loners alter column name type text using upper(name);

-- safe: more digits before the point
alter table authors alter column fee type numeric(10, 2);

-- safe: numeric without a limit
alter table authors alter column fee type numeric;

-- unsafe: fewer digits
alter table authors alter column fee type numeric(4, 2);

-- unsafe: more digits after the point
alter table authors alter column fee type numeric(8, 4);

-- unsafe: a limit for a numeric without one
alter table authors alter column fee_free type numeric(10, 2);

-- unsafe: numeric to double precision
alter table authors alter column fee type double precision;

-- safe: finer timestamp
alter table authors alter column seen3 type timestamp(6);

-- safe: timestamp without a limit
alter table authors alter column seen3 type timestamp;

-- unsafe: coarser timestamp
alter table authors alter column seen type timestamp(0);

-- unsafe: timestamp to timestamptz where the time zone is another than UTC
set timezone = 'Europe/Berlin';
-- when
alter table authors alter column seen type timestamptz;

-- unsafe: timestamptz to timestamp where the time zone is another than UTC
set timezone = 'Europe/Berlin';
-- when
alter table authors alter column joined type timestamp;

-- unsafe: timestamp to date
alter table authors alter column seen type date;

-- unsafe: date to timestamp
alter table authors alter column born type timestamp;

-- safe: finer interval
alter table authors alter column span type interval;

-- safe: longer varbit
alter table authors alter column flags type varbit(16);

-- safe: varbit without a limit
alter table authors alter column flags type varbit;

-- unsafe: longer bit
alter table authors alter column mask type bit(8) using mask::bit(8);

-- safe: bit to varbit
alter table authors alter column mask type varbit;

-- safe: cidr to inet
alter table authors alter column net type inet;

-- unsafe: enumerated to text
alter table authors alter column mood drop default, alter column mood type text;

-- unsafe: jsonb to json
alter table authors alter column doc type json;

-- unsafe: jsonb to text
alter table authors alter column doc type text;

-- unsafe: text to jsonb
alter table reviews alter column body type jsonb using to_jsonb(body);

-- unsafe: boolean to int
alter table books alter column sold type boolean using sold > 0;

-- unsafe: array of longer elements
alter table authors alter column tags type text[];

-- safe: domain without constraints to its type
alter table authors alter column mail type text;

-- safe: domain with constraints to its type
alter table authors alter column stars type int;

-- safe: text to a domain without constraints
alter table reviews alter column body type email;

-- unsafe: int to a domain with constraints
alter table books alter column sold type rating using 1;

-- unsafe: int to a domain with constraints, all rows fit
create table c (n int); insert into c select 1 from generate_series(1, 500);
-- when
alter table c alter column n type rating;

-- unsafe: another collation of an indexed column
alter table books alter column isbn type varchar(20) collate "C";

-- safe: another collation of a column without an index
alter table loners alter column name type text collate "C";

-- unsafe: column of a partitioned table
alter table events alter column id type bigint;

-- safe: column of a partitioned table, in place
create table p (id int, name varchar(5)) partition by list (id); create table p1 partition of p for values in (1);
insert into p select 1, 'a' from generate_series(1, 500);
-- when
alter table p alter column name type varchar(50);

-- safe: two columns in place
alter table authors alter column nick type text, alter column fee type numeric(12, 2);

-- unsafe: two columns of which one is written anew
alter table authors alter column nick type text, alter column small type bigint;

-- unsafe: xml from text
create table c (x text); insert into c select '<a/>' from generate_series(1, 500);
-- when
alter table c alter column x type bytea using x::bytea;

-- safe: int to oid
create table c (n int); insert into c select 1 from generate_series(1, 500);
-- when
alter table c alter column n type oid;

-- unsafe: time to timetz
create table c (t time); insert into c select '10:00' from generate_series(1, 500);
-- when
alter table c alter column t type timetz;

-- unsafe: retype an attribute of a typed table
create type own_row as (id int, label text);
create table own_rows of own_row;
insert into own_rows select i, 'x' from generate_series(1, 500) i;
-- when
alter type own_row alter attribute id type bigint cascade;
