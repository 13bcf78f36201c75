-- The shop finds words in any form: "lanterns" finds a lantern.
create index products_words on products using gin (to_tsvector('english', name));
