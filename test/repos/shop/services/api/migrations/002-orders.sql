create table orders (
  id integer generated always as identity primary key,
  product_id text not null references products,
  quantity integer not null check (quantity between 1 and 20),
  customer text not null check (char_length(customer) between 1 and 40),
  status text not null default 'placed' check (status in ('placed', 'shipped')),
  placed_at timestamptz not null default now(),
  shipped_at timestamptz
);

-- The worker looks for these only.
create index orders_to_ship on orders (id) where status = 'placed';

create function announce_order() returns trigger language plpgsql as $$
begin
  perform pg_notify('orders', new.id::text);
  return new;
end
$$;

create trigger announce_order after insert or update on orders
  for each row execute function announce_order();
