// Without a way down: node-pg-migrate infers it.
exports.up = (pgm) => {
  pgm.noTransaction();
  pgm.createIndex("books", "author", { name: "books_author", concurrently: true });
};
