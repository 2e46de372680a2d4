create table authors (id int primary key, name text not null);
