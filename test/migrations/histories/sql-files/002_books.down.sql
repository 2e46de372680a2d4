drop view titles;
drop table books;
