export const up = (pgm) => {
  pgm.createTable("books", {
    id: { type: "int", primaryKey: true },
    author: { type: "int", notNull: true, references: "authors" },
    title: { type: "varchar(200)" },
  });
  pgm.createView("titles", {}, "select title from books");
};

export const down = (pgm) => {
  pgm.dropView("titles");
  pgm.dropTable("books");
};
