create index books_author on books (author);
