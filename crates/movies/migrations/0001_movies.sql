-- What only films have.

CREATE TABLE movie (
    item_id uuid CONSTRAINT movie_pkey PRIMARY KEY
        CONSTRAINT movie_item_fkey REFERENCES catalog.item (id) ON DELETE CASCADE,
    -- The set it belongs to, as its local metadata names it.
    collection_name text
);
