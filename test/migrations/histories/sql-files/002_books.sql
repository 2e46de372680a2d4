create table books (id int primary key, author int not null references authors (id), title varchar(200));
create view titles as select title from books;
