-- migrate:up
create table authors (id int primary key, name text not null);

-- migrate:down
drop table authors;
