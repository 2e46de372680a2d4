-- unsafe: add a check
alter table authors add constraint fee_positive check (fee > 0);

-- unsafe: add a check without a name
alter table authors add check (fee > 0);

-- safe: add a check without validating it
alter table authors add constraint fee_positive check (fee > 0) not valid;

-- unsafe: add a check to a partitioned table
alter table events add constraint id_positive check (id > 0);

-- safe: add a check to a partitioned table without validating it
alter table events add constraint id_positive check (id > 0) not valid;

-- unsafe: add a check to the parent alone
alter table only animals add constraint id_positive check (id > 0) no inherit;

-- safe: validate a check
alter table reviews validate constraint reviews_stars;

-- safe: validate a check that people named
alter table authors validate constraint note_short;

-- unsafe: add a foreign key
alter table reviews add constraint reviews_author foreign key (stars) references authors (id);

-- unsafe: add a foreign key without a name
alter table reviews add foreign key (stars) references authors;

-- safe: add a foreign key without validating it
alter table reviews add constraint reviews_author foreign key (stars) references authors (id) not valid;

-- safe: validate a foreign key
alter table reviews validate constraint reviews_book;

-- unsafe: add a foreign key to oneself
alter table authors add constraint mentor foreign key (id) references authors (id);

-- unsafe: add a foreign key that cascades
alter table reviews add constraint reviews_author foreign key (stars) references authors (id) on delete cascade;

-- unsafe: add a unique constraint
alter table books add constraint books_cover unique (cover);

-- unsafe: add a unique constraint that is checked later
alter table books add constraint books_cover unique (cover) deferrable initially deferred;

-- safe: add a unique constraint from an index
alter table reviews add constraint reviews_id_key unique using index reviews_id;

-- unsafe: add a primary key
alter table loners add primary key (id);

-- unsafe: add a primary key from an index on a column that may be null
alter table reviews add constraint reviews_pkey primary key using index reviews_id;

-- safe: add a primary key from an index on a column that is not null
create table c (id int not null); insert into c select i from generate_series(1, 500) i; create unique index c_id on c (id);
-- when
alter table c add constraint c_pkey primary key using index c_id;

-- unsafe: add an exclusion constraint
alter table loners add constraint apart exclude using btree (id with =);

-- safe: drop a check
alter table authors drop constraint visits_there;

-- safe: drop a constraint if it is there
alter table authors drop constraint if exists visits_there;

-- safe: drop a foreign key
alter table books drop constraint books_author;

-- safe: drop a unique constraint
alter table books drop constraint books_isbn_key;

-- safe: drop a primary key
alter table books drop constraint books_pkey cascade;

-- safe: rename a constraint
alter table authors rename constraint visits_there to visits_given;

-- safe: defer a foreign key
alter table books alter constraint books_author deferrable initially deferred;

-- unsafe: add two constraints of which one is validated
alter table authors add constraint a check (fee > 0) not valid, add constraint b check (visits >= 0);

-- safe: add two constraints without validating them
alter table authors add constraint a check (fee > 0) not valid, add constraint b check (visits >= 0) not valid;

-- safe: replace a check by another that is not validated
alter table authors drop constraint visits_there, add constraint visits_there check (visits >= 0) not valid;

-- unsafe: add a constraint to a domain
alter domain email add constraint email_at check (value like '%@%');

-- safe: add a constraint to a domain without validating it
alter domain email add constraint email_at check (value like '%@%') not valid;

-- unsafe: let a domain not be null
alter domain email set not null;

-- safe: drop a constraint of a domain
alter domain rating drop constraint rating_range;

-- safe: set the default of a domain
alter domain rating set default 3;

-- unsafe: validate a constraint of a domain
create domain d as int; create table c (n d); insert into c select 1 from generate_series(1, 500);
alter domain d add constraint d_positive check (value > 0) not valid;
-- when
alter domain d validate constraint d_positive;

-- unsafe: add a foreign key to a partitioned table
create table k (id int primary key); insert into k select generate_series(1, 700);
-- when
alter table events add constraint event_key foreign key (id) references k (id);
