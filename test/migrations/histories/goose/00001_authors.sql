-- +goose Up
create table authors (id int primary key, name text not null);

-- +goose Down
drop table authors;
