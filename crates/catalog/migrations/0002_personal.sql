-- What people make of items. No foreign key to item anywhere here: these rows outlive an item whose files vanish, and
-- find it again by item_key ("<kind>:<identity>") when it comes back.

CREATE TABLE progress (
    person_id uuid NOT NULL,
    item_id uuid NOT NULL,
    item_key text NOT NULL,
    position_ms bigint NOT NULL DEFAULT 0 CONSTRAINT progress_position_check CHECK (position_ms >= 0),
    duration_ms bigint,
    is_played boolean NOT NULL DEFAULT false,
    play_count integer NOT NULL DEFAULT 0,
    last_played_at timestamptz,
    -- The version, audio and subtitle the person chose last.
    file_id uuid,
    audio_stream smallint,
    subtitle_stream smallint,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT progress_pkey PRIMARY KEY (person_id, item_id)
);
-- What was played to its end has position 0; a position beside is_played is somebody watching it again.
CREATE INDEX progress_continue_idx ON progress (person_id, last_played_at DESC, item_id) WHERE position_ms > 0;
COMMENT ON INDEX progress_continue_idx IS 'continue watching';
CREATE INDEX progress_key_idx ON progress (item_key);
COMMENT ON INDEX progress_key_idx IS 'adopt progress when an item comes back';
CREATE INDEX progress_item_idx ON progress (item_id);
COMMENT ON INDEX progress_item_idx IS 'carry progress over when items merge';

-- How far a person is with a root and the groups below it (a series and its seasons, a film), kept with every change of
-- progress, so that home and lists need no walk over the history. Derived from progress whole: personal::recount.
CREATE TABLE group_progress (
    person_id uuid NOT NULL,
    item_id uuid NOT NULL,
    library_id uuid NOT NULL,
    is_root boolean NOT NULL,
    played_count integer NOT NULL DEFAULT 0,
    last_played_at timestamptz,
    -- Of a root: the first leaf not played behind the last one played, specials aside; null when there is none.
    next_item_id uuid,
    CONSTRAINT group_progress_pkey PRIMARY KEY (person_id, item_id)
);
CREATE INDEX group_progress_next_idx ON group_progress (person_id, last_played_at DESC, item_id)
    WHERE next_item_id IS NOT NULL;
COMMENT ON INDEX group_progress_next_idx IS 'next up';
CREATE INDEX group_progress_played_idx ON group_progress (person_id, library_id, last_played_at, item_id)
    WHERE is_root AND last_played_at IS NOT NULL;
COMMENT ON INDEX group_progress_played_idx IS 'list_items by last_played_at, either direction';
CREATE INDEX group_progress_item_idx ON group_progress (item_id);
COMMENT ON INDEX group_progress_item_idx IS 'recount when episodes are added';

CREATE TABLE favourite (
    person_id uuid NOT NULL,
    item_id uuid NOT NULL,
    item_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT favourite_pkey PRIMARY KEY (person_id, item_id)
);
CREATE INDEX favourite_created_idx ON favourite (person_id, created_at DESC, item_id);
COMMENT ON INDEX favourite_created_idx IS 'favourites, newest first';
CREATE INDEX favourite_key_idx ON favourite (item_key);
COMMENT ON INDEX favourite_key_idx IS 'adopt favourites when an item comes back';

CREATE TABLE rating (
    person_id uuid NOT NULL,
    item_id uuid NOT NULL,
    item_key text NOT NULL,
    -- Half stars: 1 to 10.
    value smallint NOT NULL CONSTRAINT rating_value_check CHECK (value BETWEEN 1 AND 10),
    rated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT rating_pkey PRIMARY KEY (person_id, item_id)
);
CREATE INDEX rating_key_idx ON rating (item_key);
COMMENT ON INDEX rating_key_idx IS 'adopt ratings when an item comes back';

CREATE TABLE hidden (
    person_id uuid NOT NULL,
    item_id uuid NOT NULL,
    item_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT hidden_pkey PRIMARY KEY (person_id, item_id)
);
CREATE INDEX hidden_key_idx ON hidden (item_key);
COMMENT ON INDEX hidden_key_idx IS 'adopt hidings when an item comes back';

-- Every play, append-only: history and statistics.
CREATE TABLE play_event (
    id uuid CONSTRAINT play_event_pkey PRIMARY KEY DEFAULT uuidv7(),
    person_id uuid NOT NULL,
    item_id uuid NOT NULL,
    item_key text NOT NULL,
    -- As it was called then, for a history that outlives the item.
    title text NOT NULL,
    file_id uuid,
    session_id uuid,
    -- direct, remux, transcode; null for "mark as played".
    method text,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    watched_ms bigint NOT NULL DEFAULT 0,
    end_position_ms bigint,
    is_completed boolean NOT NULL DEFAULT false
);
CREATE INDEX play_event_person_idx ON play_event (person_id, started_at DESC, id);
COMMENT ON INDEX play_event_person_idx IS 'history of a person';
CREATE INDEX play_event_item_idx ON play_event (item_id, started_at DESC);
COMMENT ON INDEX play_event_item_idx IS 'history of an item';
CREATE INDEX play_event_key_idx ON play_event (item_key);
COMMENT ON INDEX play_event_key_idx IS 'adopt history when an item comes back';
CREATE INDEX play_event_open_idx ON play_event (person_id, item_id, started_at DESC) WHERE ended_at IS NULL;
COMMENT ON INDEX play_event_open_idx IS 'the open event of a playback';

-- Collections (of the owner, a provider) and playlists (of a person).
CREATE TABLE collection (
    id uuid CONSTRAINT collection_pkey PRIMARY KEY DEFAULT uuidv7(),
    kind text NOT NULL CONSTRAINT collection_kind_check CHECK (kind IN ('collection', 'playlist')),
    -- Null where it belongs to the house.
    person_id uuid,
    name text NOT NULL,
    sort_name text NOT NULL,
    overview text,
    -- What makes a provider's collection the same one next time.
    identity text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX collection_name_idx ON collection (kind, sort_name, id);
COMMENT ON INDEX collection_name_idx IS 'list_collections';
CREATE UNIQUE INDEX collection_identity_unique ON collection (identity) WHERE identity IS NOT NULL;

CREATE TABLE collection_item (
    collection_id uuid NOT NULL CONSTRAINT collection_item_collection_fkey
        REFERENCES collection (id) ON DELETE CASCADE,
    position integer NOT NULL,
    item_id uuid NOT NULL,
    item_key text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT collection_item_pkey PRIMARY KEY (collection_id, position)
);
CREATE INDEX collection_item_item_idx ON collection_item (item_id);
COMMENT ON INDEX collection_item_item_idx IS 'the collections of an item';
CREATE INDEX collection_item_key_idx ON collection_item (item_key);
COMMENT ON INDEX collection_item_key_idx IS 'adopt memberships when an item comes back';
