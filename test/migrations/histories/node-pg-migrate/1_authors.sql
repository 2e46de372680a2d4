-- Up Migration
create table authors (id int primary key, name text not null);

-- Down Migration
drop table authors;
