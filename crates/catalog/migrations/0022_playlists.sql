-- Lists that people make of what can be played, in an order of their own. Neither a list nor an entry knows the item by a foreign
-- key: entries outlive it and find it again by item_key ("<kind>:<identity>"), as everything does that a person made.

CREATE TABLE playlist (
    id uuid CONSTRAINT playlist_pkey PRIMARY KEY,
    person_id uuid NOT NULL,
    name text NOT NULL CONSTRAINT playlist_name_check CHECK (length(name) BETWEEN 1 AND 200),
    -- Folded, as item.sort_title is.
    sort_name text COLLATE "C" NOT NULL,
    overview text CONSTRAINT playlist_overview_check CHECK (length(overview) <= 5000),
    -- Whether those see it, too, who may see something in it.
    is_shared boolean NOT NULL DEFAULT false,
    -- What it was on the server that it was brought from.
    origin text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT playlist_origin_unique UNIQUE (person_id, origin)
);
CREATE INDEX playlist_person_idx ON playlist (person_id, sort_name, id);
COMMENT ON INDEX playlist_person_idx IS 'list_playlists: a person''s own by name';
CREATE INDEX playlist_shared_idx ON playlist (sort_name, id) WHERE is_shared;
COMMENT ON INDEX playlist_shared_idx IS 'list_playlists: those of others by name';

CREATE TABLE playlist_entry (
    id uuid CONSTRAINT playlist_entry_pkey PRIMARY KEY DEFAULT uuidv7(),
    playlist_id uuid NOT NULL CONSTRAINT playlist_entry_playlist_fkey
        REFERENCES playlist (id) ON DELETE CASCADE,
    -- With gaps, so that moving one writes one row. Whoever writes holds the list's row locked, so no two are alike.
    position bigint NOT NULL,
    item_id uuid NOT NULL,
    item_key text NOT NULL,
    added_at timestamptz NOT NULL
);
CREATE INDEX playlist_entry_position_idx ON playlist_entry (playlist_id, position, id);
COMMENT ON INDEX playlist_entry_position_idx IS 'list_entries, the entry after one';
CREATE INDEX playlist_entry_item_idx ON playlist_entry (item_id);
COMMENT ON INDEX playlist_entry_item_idx IS 'carry entries over when items merge';
CREATE INDEX playlist_entry_key_idx ON playlist_entry (item_key);
COMMENT ON INDEX playlist_entry_key_idx IS 'adopt entries when an item comes back';

-- Lists that were brought from elsewhere, and what was put into them then, do not come again where a person took them away.
ALTER TABLE arrived
    DROP CONSTRAINT arrived_what_check,
    ADD CONSTRAINT arrived_what_check CHECK (what IN ('favourite', 'rating', 'playlist', 'playlist_entry'));
