-- How rare the traits of films and series are among those that are here: rare ones say more of what is alike.

CREATE TABLE rarity (
    -- There is one.
    is_only boolean CONSTRAINT rarity_pkey PRIMARY KEY DEFAULT true CONSTRAINT rarity_is_only_check CHECK (is_only),
    -- The rule by which traits are told; what an older one counted is counted anew.
    rule integer NOT NULL,
    item_count bigint NOT NULL,
    -- Eighths of the power of two of each count, one byte a trait, by 16 bits of its hash.
    counts bytea NOT NULL,
    counted_at timestamptz NOT NULL,
    -- Whether the search index was made by it.
    is_indexed boolean NOT NULL DEFAULT false
);

CREATE INDEX rating_rated_idx ON rating (person_id, rated_at DESC, item_id);
COMMENT ON INDEX rating_rated_idx IS 'what a person rated last: for_you';
