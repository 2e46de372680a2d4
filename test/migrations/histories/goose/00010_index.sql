-- +goose NO TRANSACTION
-- +goose Up
create index concurrently books_author on books (author);

-- +goose Down
drop index books_author;
