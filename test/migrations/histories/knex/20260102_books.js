export async function up(knex) {
  await knex.schema.createTable("books", (table) => {
    table.integer("id").primary();
    table.integer("author").notNullable().references("id").inTable("authors");
    table.string("title", 200);
  });
  await knex.raw("create view titles as select title from ??", ["books"]);
}

export async function down(knex) {
  await knex.raw("drop view titles");
  await knex.schema.dropTable("books");
}
