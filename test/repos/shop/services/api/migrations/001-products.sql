create table products (
  id text primary key,
  name text not null,
  description text not null,
  price_cents integer not null check (price_cents > 0),
  stock integer not null check (stock >= 0)
);

insert into products (id, name, description, price_cents, stock) values
  ('lantern', 'Storm lantern', 'Lights a heath, a cellar or a third act.', 3400, 40),
  ('moon', 'Paper moon', 'Hangs from any batten. Believable from row three.', 1250, 60),
  ('quill', 'Feather quill', 'Signs treaties and letters that arrive too late.', 780, 120),
  ('crown', 'Understudy''s crown', 'One size fits every usurper.', 5600, 12),
  ('skull', 'Speaking skull', 'A good listener. Alas, made of plaster.', 2900, 25),
  ('rope', 'Curtain rope', 'Twelve metres, with a tassel.', 1990, 3);
