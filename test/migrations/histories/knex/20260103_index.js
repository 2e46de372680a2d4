export const config = { transaction: false };

export const up = (knex) => knex.raw("create index concurrently books_author on books (author)");

export const down = (knex) => knex.raw("drop index concurrently books_author");
