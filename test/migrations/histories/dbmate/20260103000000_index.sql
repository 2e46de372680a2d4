-- migrate:up transaction:false
create index concurrently books_author on books (author);

-- migrate:down
drop index books_author;
