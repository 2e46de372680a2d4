-- The database of the benchmark, about 1 GB of what services keep: the same rows in every run, for nothing in it is random.
-- psql -v rows=0.1 makes a tenth of it.
create table words (id int primary key, word text not null);
insert into words select g, translate(substr(md5('word ' || g), 1, 3 + g % 8), '0123456789', 'ghijklmnop') from generate_series(0, 4095) g;

create table customers (
  id bigint generated always as identity primary key,
  key uuid not null unique,
  name text not null,
  email text not null,
  created_at timestamptz not null,
  profile jsonb not null
);
insert into customers (key, name, email, created_at, profile)
select md5('customer ' || g)::uuid, initcap(first.word || ' ' || last.word), first.word || '.' || last.word || '@example.org',
  '2020-01-01'::timestamptz + g * interval '11 minutes',
  jsonb_build_object('plan', (array['free', 'team', 'business'])[1 + g % 3], 'locale', (array['de', 'en', 'fr', 'pl'])[1 + g % 4],
    'seats', g % 50, 'tags', jsonb_build_array(first.word, 'since-' || g % 12), 'newsletter', g % 2 = 0)
from generate_series(1, 150000) g
join words first on first.id = hashint8(g) & 4095 join words last on last.id = hashint8(g + 9) & 4095 order by g;

create table orders (
  id bigint generated always as identity primary key,
  customer bigint not null,
  status text not null,
  total numeric(12, 2) not null,
  placed_at timestamptz not null,
  shipped_at timestamptz,
  note text
);
insert into orders (customer, status, total, placed_at, shipped_at, note)
select 1 + (hashint8(g) & 2147483647) % 150000, (array['paid', 'shipped', 'returned', 'open'])[1 + g % 4],
  (hashint8(g + 7) & 16777215) / 100.0, '2022-01-01'::timestamptz + g * interval '57.31 seconds',
  case when g % 4 <> 3 then '2022-01-03'::timestamptz + g * interval '57.31 seconds' + (hashint8(g) & 65535) * interval '1.003 seconds' end,
  case when g % 5 = 0 then 'leave it with ' || word end
from generate_series(1, (2450000 * :rows)::int) g join words on words.id = hashint8(g + 5) & 4095 order by g;

create table order_lines (
  order_id bigint not null,
  line int not null,
  product int not null,
  quantity int not null,
  price numeric(10, 2) not null,
  tax numeric(5, 4) not null
);
insert into order_lines
select 1 + g / 3, g % 3, (hashint8(g) & 2147483647) % 20000, 1 + g % 7, (hashint8(g + 3) & 1048575) / 100.0, (array[0.19, 0.07, 0])[1 + g % 3]
from generate_series(0, (6400000 * :rows)::int - 1) g;

create table events (
  id bigint not null,
  at timestamptz not null,
  kind text not null,
  actor bigint not null,
  payload jsonb not null
);
insert into events
select g, '2024-01-01'::timestamptz + g * interval '13.7 seconds', (array['view', 'search', 'checkout', 'login', 'export'])[1 + g % 5],
  1 + (hashint8(g) & 2147483647) % 150000,
  jsonb_build_object('path', '/orders/' || g / 4, 'ms', (hashint8(g + 1) & 65535) / 10.0, 'status', 200 + (g % 50 = 0)::int * 300,
    'agent', 'browser/' || 90 + g % 40, 'cached', g % 3 = 0)
from generate_series(1, (2300000 * :rows)::int) g;

create table articles (
  id bigint generated always as identity primary key,
  title text not null,
  body text not null,
  rating real,
  revised_at timestamptz not null
);
insert into articles (title, body, rating, revised_at)
select initcap(split_part(prose, ' ', 7)) || ' ' || split_part(prose, ' ', 3), prose, (hashint8(g) & 1023) / 204.6,
  '2021-06-01'::timestamptz + g * interval '17 minutes'
from (select g, string_agg(word, ' ' order by n) as prose from generate_series(1, (168000 * :rows)::int) g cross join generate_series(1, 150) n
  join words on id = hashint8(g * 1000 + n) & 4095 group by g) written order by g;

alter table order_lines add primary key (order_id, line);
alter table events add primary key (id);
create index on orders (customer);
create index on orders (placed_at);
create index on events (at);
alter table orders add foreign key (customer) references customers;
alter table order_lines add foreign key (order_id) references orders;
-- Whatever autovacuum would do beside a measurement is done before.
vacuum (freeze, analyze);
