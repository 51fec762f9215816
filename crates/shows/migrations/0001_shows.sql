-- What only shows have.

CREATE TABLE series (
    item_id uuid CONSTRAINT series_pkey PRIMARY KEY
        CONSTRAINT series_item_fkey REFERENCES catalog.item (id) ON DELETE CASCADE,
    status text CONSTRAINT series_status_check CHECK (status IN ('continuing', 'ended', 'upcoming')),
    -- How its episodes are counted: by season, by date, or through.
    numbering text NOT NULL DEFAULT 'season' CONSTRAINT series_numbering_check
        CHECK (numbering IN ('season', 'date', 'absolute'))
);

CREATE TABLE episode (
    item_id uuid CONSTRAINT episode_pkey PRIMARY KEY
        CONSTRAINT episode_item_fkey REFERENCES catalog.item (id) ON DELETE CASCADE,
    -- Where a special belongs among the regular episodes.
    airs_before_season integer,
    airs_before_episode integer,
    airs_after_season integer
);
