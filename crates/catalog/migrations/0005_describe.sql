-- Describing: what each source says of an item, what it is matched with, and what people edited and decided about it.

-- When providers are to be asked about a topmost item next; null where nobody waits for an answer.
ALTER TABLE item ADD COLUMN describe_due_at timestamptz;
-- Why the last asking came to nothing.
ALTER TABLE item ADD COLUMN describe_problem text;
-- Of a series: how the numbers of its files count.
ALTER TABLE item ADD COLUMN episode_order text NOT NULL DEFAULT 'aired' CONSTRAINT item_episode_order_check
    CHECK (episode_order IN ('aired', 'dvd', 'absolute', 'story', 'alternate'));
UPDATE item SET describe_due_at = now() WHERE is_top;
CREATE INDEX item_due_idx ON item (library_id, describe_due_at, id) WHERE describe_due_at IS NOT NULL;
COMMENT ON INDEX item_due_idx IS 'take_due: what providers are to be asked about, the longest due first';
CREATE INDEX item_review_idx ON item (library_id, sort_title, id)
    WHERE match_state = 'review' AND missing_since IS NULL;
COMMENT ON INDEX item_review_idx IS 'list_review: what a person has to decide';

-- What one source says of one item: its names, an NFO file, the tags inside its files, a provider. The item's row is made
-- of these by rule, so that a weaker source is never lost, and a stronger one may go again.
CREATE TABLE item_source (
    item_id uuid NOT NULL CONSTRAINT item_source_item_fkey REFERENCES item (id) ON DELETE CASCADE,
    -- name, nfo, tags, or a provider: tmdb, tvdb, ...
    source text NOT NULL,
    -- What it is called there; null for what lies in the library.
    provider_id text,
    -- metadata::Described as JSON, without seasons and episodes: those stand in the guides.
    facts jsonb NOT NULL,
    fetched_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT item_source_pkey PRIMARY KEY (item_id, source)
);
INSERT INTO item_source (item_id, source, facts)
SELECT id, 'name', jsonb_strip_nulls(jsonb_build_object(
    'facts', jsonb_build_object('title', title, 'year', year, 'released_on', released_on,
        'sort_title', CASE WHEN form = 'group' AND parent_id IS NOT NULL THEN sort_title END)))
FROM item;

-- What only an item's own page shows and no list asks for. Derived from item_source.
CREATE TABLE item_about (
    item_id uuid CONSTRAINT item_about_pkey PRIMARY KEY
        CONSTRAINT item_about_item_fkey REFERENCES item (id) ON DELETE CASCADE,
    -- continuing, ended, upcoming, ...
    status text,
    next_airs_on date,
    -- Where a special belongs among the regular episodes.
    airs_before_season integer,
    airs_before_episode integer,
    airs_after_season integer,
    -- Lists of what several sources and countries say: ratings, age ratings, trailers, releases.
    details jsonb NOT NULL DEFAULT '{}'
);

-- The seasons a provider knows of a series.
CREATE TABLE season_guide (
    series_id uuid NOT NULL CONSTRAINT season_guide_series_fkey REFERENCES item (id) ON DELETE CASCADE,
    source text NOT NULL,
    season integer NOT NULL,
    -- metadata::described::SeasonDescribed as JSON.
    facts jsonb NOT NULL,
    CONSTRAINT season_guide_pkey PRIMARY KEY (series_id, source, season)
);

-- The episodes a provider knows of a series, as they were aired: what describes those that are there, and tells which are
-- missing or yet to come. The other orders it counts them in stand in the series' item_source.
CREATE TABLE episode_guide (
    series_id uuid NOT NULL CONSTRAINT episode_guide_series_fkey REFERENCES item (id) ON DELETE CASCADE,
    source text NOT NULL,
    season integer NOT NULL,
    number integer NOT NULL,
    absolute_number integer,
    released_on date,
    title text,
    -- metadata::described::EpisodeDescribed as JSON.
    facts jsonb NOT NULL,
    CONSTRAINT episode_guide_pkey PRIMARY KEY (series_id, source, season, number)
);

-- What an item is matched with. No foreign key: a person's decision outlives the item and finds it again by its key.
CREATE TABLE item_match (
    item_id uuid CONSTRAINT item_match_pkey PRIMARY KEY,
    item_key text NOT NULL,
    -- Null, with is_fixed: a person decided that nothing fits.
    provider text,
    provider_id text,
    is_fixed boolean NOT NULL,
    matched_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT item_match_provider_check CHECK ((provider IS NULL) = (provider_id IS NULL))
);
CREATE INDEX item_match_key_idx ON item_match (item_key) WHERE is_fixed;
COMMENT ON INDEX item_match_key_idx IS 'adopt a decision when an item comes back';

-- What an item in doubt may be, the likeliest first.
CREATE TABLE match_candidate (
    item_id uuid NOT NULL CONSTRAINT match_candidate_item_fkey REFERENCES item (id) ON DELETE CASCADE,
    position smallint NOT NULL,
    candidate jsonb NOT NULL,
    CONSTRAINT match_candidate_pkey PRIMARY KEY (item_id, position)
);

-- What people changed, field by field, append-only but for the mark of its undoing. No foreign key, as above.
CREATE TABLE item_edit (
    id uuid CONSTRAINT item_edit_pkey PRIMARY KEY DEFAULT uuidv7(),
    item_id uuid NOT NULL,
    item_key text NOT NULL,
    person_id uuid NOT NULL,
    field text NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    -- Whether the field was, and is, kept from being overwritten.
    was_locked boolean NOT NULL,
    is_locked boolean NOT NULL,
    edited_at timestamptz NOT NULL DEFAULT now(),
    -- When it was undone, and by whom.
    undone_at timestamptz,
    undone_by uuid
);
CREATE INDEX item_edit_item_idx ON item_edit (item_id, id DESC);
COMMENT ON INDEX item_edit_item_idx IS 'list_edits, the newest first';
CREATE INDEX item_edit_key_idx ON item_edit (item_key);
COMMENT ON INDEX item_edit_key_idx IS 'adopt edits when an item comes back';

-- To which item a person put a file, whatever its name says. Keyed by the file's row, which moves with it; the path finds it
-- when the row was forgotten.
CREATE TABLE file_decision (
    file_id uuid CONSTRAINT file_decision_pkey PRIMARY KEY,
    folder_id uuid NOT NULL CONSTRAINT file_decision_folder_fkey REFERENCES library_folder (id) ON DELETE CASCADE,
    path text NOT NULL,
    -- Of the topmost item.
    identity text NOT NULL,
    -- Whether whatever the names take for one thing with it follows: two things were merged, not one split.
    is_whole boolean NOT NULL,
    -- Tells it from the other versions there.
    version text,
    person_id uuid NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX file_decision_folder_idx ON file_decision (folder_id, path);
COMMENT ON INDEX file_decision_folder_idx IS 'the decisions that a scan of a folder honours';

-- What providers call a person, so that one person is one row whatever their name is spelled like.
CREATE TABLE person_external_id (
    provider text NOT NULL,
    value text NOT NULL,
    person_id uuid NOT NULL CONSTRAINT person_external_id_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    CONSTRAINT person_external_id_pkey PRIMARY KEY (provider, value)
);
CREATE INDEX person_external_id_person_idx ON person_external_id (person_id);
COMMENT ON INDEX person_external_id_person_idx IS 'the ids of a person';

-- What the owner set in the interface, one row a setting.
CREATE TABLE setting (
    key text CONSTRAINT setting_pkey PRIMARY KEY,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- A provider's picture is there once for each role it fills.
CREATE UNIQUE INDEX image_remote_item_unique ON image (item_id, role, url)
    WHERE source = 'remote' AND item_id IS NOT NULL;
CREATE UNIQUE INDEX image_remote_person_unique ON image (person_id, role, url)
    WHERE source = 'remote' AND person_id IS NOT NULL;
