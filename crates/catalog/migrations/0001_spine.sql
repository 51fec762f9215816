-- The spine: libraries, items, files and what people made of them. Run once for the schema "catalog" and once for "c", so
-- no statement names a schema.

CREATE TABLE library (
    id uuid CONSTRAINT library_pkey PRIMARY KEY DEFAULT uuidv7(),
    -- The content kind's id: movies, shows, ...
    kind text NOT NULL,
    name text NOT NULL CONSTRAINT library_name_check CHECK (length(name) BETWEEN 1 AND 128),
    -- Grows with every change of the library's content: part of the key of every cached answer.
    generation bigint NOT NULL DEFAULT 0,
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    last_scanned_at timestamptz,
    -- Why the last scan could not do its work as a whole: a folder that is gone or empty.
    warning text,
    -- Which revision of the rules (names to items) the whole library was last arranged by; an older one is done anew.
    arranged_by integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX library_name_unique ON library (lower(name));

CREATE TABLE library_folder (
    id uuid CONSTRAINT library_folder_pkey PRIMARY KEY DEFAULT uuidv7(),
    library_id uuid NOT NULL CONSTRAINT library_folder_library_fkey REFERENCES library (id) ON DELETE CASCADE,
    -- Absolute; bytes that are no UTF-8 stand as \xHH, a backslash as \\.
    path text NOT NULL,
    -- When a scan last found it there and not empty. Only then may anything below it be called missing.
    last_seen_at timestamptz,
    CONSTRAINT library_folder_path_unique UNIQUE (library_id, path)
);

CREATE TABLE item (
    id uuid CONSTRAINT item_pkey PRIMARY KEY DEFAULT uuidv7(),
    library_id uuid NOT NULL CONSTRAINT item_library_fkey REFERENCES library (id) ON DELETE CASCADE,
    -- What it is, in the words of its content kind: movie, series, season, episode.
    kind text NOT NULL,
    -- How a client presents it: closed and small.
    form text NOT NULL CONSTRAINT item_form_check
        CHECK (form IN ('video', 'audio', 'pages', 'image', 'live', 'group')),
    parent_id uuid CONSTRAINT item_parent_fkey REFERENCES item (id) ON DELETE CASCADE,
    -- The topmost ancestor (the series of an episode); itself where there is none.
    root_id uuid NOT NULL,
    -- Whether lists of a library show it (a film, a series), or only its parent's page (a season, an episode).
    is_top boolean NOT NULL,
    -- What makes it the same thing after its file moved or came back: unique in its library, equal across libraries.
    identity text NOT NULL,
    number integer,
    number_end integer,
    parent_number integer,
    absolute_number integer,
    title text NOT NULL,
    -- Folded (lower case, no accents, no leading article). Compared by code points, so that a prefix is a range of the
    -- index on every cluster, whatever its locale.
    sort_title text COLLATE "C" NOT NULL,
    original_title text,
    tagline text,
    overview text,
    year integer,
    released_on date,
    ended_on date,
    runtime_ms bigint,
    -- 0 to 10.
    rating real,
    content_rating text,
    -- Age in years the content rating stands for.
    content_rating_age smallint,
    popularity real NOT NULL DEFAULT 0,
    added_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    described_at timestamptz,
    -- Fields a person edited: nothing overwrites them.
    locked text[] NOT NULL DEFAULT '{}',
    match_state text NOT NULL DEFAULT 'parsed' CONSTRAINT item_match_state_check
        CHECK (match_state IN ('parsed', 'matched', 'review', 'fixed')),
    -- Since when it has had no file that is there. Lists leave it out; what people made of it stays.
    missing_since timestamptz,
    -- Of a group: its children and the leaves below it that are there, and when the newest of those leaves came. Derived:
    -- personal::recount keeps them.
    child_count integer NOT NULL DEFAULT 0,
    leaf_count integer NOT NULL DEFAULT 0,
    newest_at timestamptz,
    -- The place of a leaf among all leaves of its root, and of a group among its siblings: by season, then by number
    -- (or date); specials after everything.
    watch_order bigint NOT NULL GENERATED ALWAYS AS (
        CASE WHEN parent_number = 0 THEN 4294967296 ELSE COALESCE(parent_number, 1)::bigint END * 67108864
        + COALESCE(number, absolute_number, released_on - DATE '1900-01-01', 0)
    ) STORED,
    CONSTRAINT item_identity_unique UNIQUE (library_id, kind, identity),
    CONSTRAINT item_numbers_check CHECK (number_end IS NULL OR number_end >= number)
);
-- One index a sort of a library's list; the id breaks ties. NULLS LAST in both directions is why the sortable
-- columns that may be empty are indexed by an expression that never is.
CREATE INDEX item_title_idx ON item (library_id, sort_title, id) WHERE is_top AND missing_since IS NULL;
COMMENT ON INDEX item_title_idx IS 'list_items by title, either direction';
CREATE INDEX item_added_idx ON item (library_id, added_at, id) WHERE is_top AND missing_since IS NULL;
COMMENT ON INDEX item_added_idx IS 'list_items by added_at, either direction';
CREATE INDEX item_latest_idx ON item (library_id, COALESCE(newest_at, added_at), id)
    WHERE is_top AND missing_since IS NULL;
COMMENT ON INDEX item_latest_idx IS 'latest of a library: a group counts as new when something was added to it';
CREATE INDEX item_released_idx ON item (library_id, COALESCE(released_on, make_date(COALESCE(year, 1), 1, 1)), id)
    WHERE is_top AND missing_since IS NULL;
COMMENT ON INDEX item_released_idx IS 'list_items by released_on, either direction';
CREATE INDEX item_runtime_idx ON item (library_id, COALESCE(runtime_ms, 0), id)
    WHERE is_top AND missing_since IS NULL;
COMMENT ON INDEX item_runtime_idx IS 'list_items by runtime_ms, either direction';
CREATE INDEX item_rating_idx ON item (library_id, COALESCE(rating, 0), id)
    WHERE is_top AND missing_since IS NULL;
COMMENT ON INDEX item_rating_idx IS 'list_items by rating, either direction';
CREATE INDEX item_year_idx ON item (library_id, year, sort_title, id) WHERE is_top AND missing_since IS NULL;
COMMENT ON INDEX item_year_idx IS 'list_items with a range of years';
CREATE INDEX item_children_idx ON item (parent_id, watch_order, sort_title, id);
COMMENT ON INDEX item_children_idx IS 'list_children';
CREATE INDEX item_root_idx ON item (root_id, watch_order, id) WHERE form <> 'group';
COMMENT ON INDEX item_root_idx IS 'the leaves of a root in order: next_up, recount, the leaf after one';
CREATE INDEX item_missing_idx ON item (library_id, missing_since) WHERE missing_since IS NOT NULL;
COMMENT ON INDEX item_missing_idx IS 'delete_items_past_grace';
CREATE INDEX item_identity_idx ON item (kind, identity);
COMMENT ON INDEX item_identity_idx IS 'adopt what people made of an item that came back';
CREATE INDEX item_title_trgm_idx ON item USING gin (lower(title) public.gin_trgm_ops);
COMMENT ON INDEX item_title_trgm_idx IS 'search when the search engine is away';

CREATE TABLE file (
    id uuid CONSTRAINT file_pkey PRIMARY KEY DEFAULT uuidv7(),
    library_id uuid NOT NULL CONSTRAINT file_library_fkey REFERENCES library (id) ON DELETE CASCADE,
    folder_id uuid NOT NULL CONSTRAINT file_folder_fkey REFERENCES library_folder (id) ON DELETE CASCADE,
    -- Relative to the folder; written as library_folder.path is.
    path text NOT NULL,
    size_bytes bigint NOT NULL,
    modified_ns bigint NOT NULL,
    inode bigint NOT NULL,
    device bigint NOT NULL,
    -- xxh3 of size, head and tail: knows a moved or copied file again.
    fingerprint bigint,
    -- video, audio, subtitle, image, nfo.
    class text NOT NULL,
    container text,
    -- As a page hands it to canPlayType: video/mp4; codecs="avc1.640028, mp4a.40.2".
    mime text,
    duration_ms bigint,
    bitrate_bps bigint,
    tags jsonb NOT NULL DEFAULT '{}',
    -- Why it could not be read; the file is tried again when it changes.
    problem text,
    -- Hash of what the file was last taken for (item, role, titles): tells whether anything must be written when the
    -- files around it change. 0: no item claims it. Null: it moved, and is yet to be arranged.
    placement bigint DEFAULT 0,
    added_at timestamptz NOT NULL DEFAULT now(),
    probed_at timestamptz,
    missing_since timestamptz,
    CONSTRAINT file_path_unique UNIQUE (folder_id, path)
);
CREATE INDEX file_problem_idx ON file (library_id, id) WHERE problem IS NOT NULL;
COMMENT ON INDEX file_problem_idx IS 'list_problems';
CREATE INDEX file_inode_idx ON file (device, inode);
COMMENT ON INDEX file_inode_idx IS 'find a renamed file';
CREATE INDEX file_missing_idx ON file (library_id, missing_since) WHERE missing_since IS NOT NULL;
COMMENT ON INDEX file_missing_idx IS 'find a moved file; delete_files_past_grace';

CREATE TABLE stream (
    file_id uuid NOT NULL CONSTRAINT stream_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    index smallint NOT NULL,
    kind text NOT NULL CONSTRAINT stream_kind_check
        CHECK (kind IN ('video', 'audio', 'subtitle', 'attachment', 'data')),
    codec text NOT NULL,
    -- RFC 6381.
    codec_string text,
    profile text,
    level text,
    width integer,
    height integer,
    frame_rate real,
    bit_depth smallint,
    pixel_format text,
    hdr text,
    is_interlaced boolean NOT NULL DEFAULT false,
    rotation smallint NOT NULL DEFAULT 0,
    channels smallint,
    channel_layout text,
    sample_rate integer,
    bitrate_bps bigint,
    -- BCP 47.
    language text,
    title text,
    is_default boolean NOT NULL DEFAULT false,
    is_forced boolean NOT NULL DEFAULT false,
    is_hearing_impaired boolean NOT NULL DEFAULT false,
    is_commentary boolean NOT NULL DEFAULT false,
    is_original boolean NOT NULL DEFAULT false,
    -- What only the playback engine asks of it (colour, aspect, side data), as the prober wrote it.
    detail jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT stream_pkey PRIMARY KEY (file_id, index)
);

CREATE TABLE chapter (
    file_id uuid NOT NULL CONSTRAINT chapter_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    number smallint NOT NULL,
    start_ms bigint NOT NULL,
    title text,
    CONSTRAINT chapter_pkey PRIMARY KEY (file_id, number)
);

-- Intro, recap, credits: found or set by hand.
CREATE TABLE segment (
    id uuid CONSTRAINT segment_pkey PRIMARY KEY DEFAULT uuidv7(),
    file_id uuid NOT NULL CONSTRAINT segment_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    kind text NOT NULL CONSTRAINT segment_kind_check CHECK (kind IN ('intro', 'recap', 'credits', 'preview')),
    start_ms bigint NOT NULL,
    end_ms bigint NOT NULL,
    -- 0 to 1; 1 for what a person set.
    confidence real NOT NULL DEFAULT 1,
    CONSTRAINT segment_order_check CHECK (end_ms > start_ms)
);
CREATE INDEX segment_file_idx ON segment (file_id, start_ms);
COMMENT ON INDEX segment_file_idx IS 'segments of a file being played';

CREATE TABLE item_file (
    item_id uuid NOT NULL CONSTRAINT item_file_item_fkey REFERENCES item (id) ON DELETE CASCADE,
    file_id uuid NOT NULL CONSTRAINT item_file_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    role text NOT NULL CONSTRAINT item_file_role_check
        CHECK (role IN ('main', 'extra', 'trailer', 'sample', 'theme', 'subtitle', 'audio')),
    -- Tells the versions of one film apart: "2160p", "Director's Cut".
    version text,
    -- Of a film in several files.
    part smallint,
    -- featurette, interview, deleted_scene, ... where the role is extra.
    extra_type text,
    title text,
    -- Of an external subtitle or audio file.
    language text,
    is_forced boolean NOT NULL DEFAULT false,
    is_hearing_impaired boolean NOT NULL DEFAULT false,
    is_default boolean NOT NULL DEFAULT false,
    CONSTRAINT item_file_pkey PRIMARY KEY (item_id, file_id)
);
CREATE INDEX item_file_file_idx ON item_file (file_id);
COMMENT ON INDEX item_file_file_idx IS 'the items of a file';

-- Cast and crew: not the people with an account.
CREATE TABLE person (
    id uuid CONSTRAINT person_pkey PRIMARY KEY DEFAULT uuidv7(),
    name text NOT NULL,
    sort_name text NOT NULL,
    -- Provider id, or the folded name.
    identity text NOT NULL CONSTRAINT person_identity_unique UNIQUE
);

CREATE TABLE credit (
    item_id uuid NOT NULL CONSTRAINT credit_item_fkey REFERENCES item (id) ON DELETE CASCADE,
    position smallint NOT NULL,
    person_id uuid NOT NULL CONSTRAINT credit_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    -- actor, director, writer, composer, ...
    role text NOT NULL,
    character text,
    CONSTRAINT credit_pkey PRIMARY KEY (item_id, position)
);
CREATE INDEX credit_person_idx ON credit (person_id, item_id);
COMMENT ON INDEX credit_person_idx IS 'the items of a person';

CREATE TABLE label (
    id uuid CONSTRAINT label_pkey PRIMARY KEY DEFAULT uuidv7(),
    kind text NOT NULL CONSTRAINT label_kind_check
        CHECK (kind IN ('genre', 'tag', 'studio', 'network', 'mood', 'country')),
    name text NOT NULL,
    -- The name folded.
    identity text NOT NULL,
    CONSTRAINT label_identity_unique UNIQUE (kind, identity)
);

CREATE TABLE item_label (
    item_id uuid NOT NULL CONSTRAINT item_label_item_fkey REFERENCES item (id) ON DELETE CASCADE,
    label_id uuid NOT NULL CONSTRAINT item_label_label_fkey REFERENCES label (id) ON DELETE CASCADE,
    position smallint NOT NULL DEFAULT 0,
    CONSTRAINT item_label_pkey PRIMARY KEY (item_id, label_id)
);
CREATE INDEX item_label_label_idx ON item_label (label_id, item_id);
COMMENT ON INDEX item_label_label_idx IS 'list_items with a genre';

CREATE TABLE external_id (
    item_id uuid NOT NULL CONSTRAINT external_id_item_fkey REFERENCES item (id) ON DELETE CASCADE,
    -- imdb, tmdb, tvdb, ...
    provider text NOT NULL,
    value text NOT NULL,
    CONSTRAINT external_id_pkey PRIMARY KEY (item_id, provider)
);
CREATE INDEX external_id_value_idx ON external_id (provider, value);
COMMENT ON INDEX external_id_value_idx IS 'find the item a provider speaks of';

CREATE TABLE image (
    id uuid CONSTRAINT image_pkey PRIMARY KEY DEFAULT uuidv7(),
    item_id uuid CONSTRAINT image_item_fkey REFERENCES item (id) ON DELETE CASCADE,
    person_id uuid CONSTRAINT image_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    role text NOT NULL CONSTRAINT image_role_check
        CHECK (role IN ('poster', 'backdrop', 'thumb', 'logo', 'banner', 'disc', 'portrait')),
    -- local: a file of the library; embedded: a cover in one; frame: taken from the film; remote: from a provider;
    -- upload: from a person. Where several fill one role, the smallest rank is shown.
    source text NOT NULL CONSTRAINT image_source_check
        CHECK (source IN ('local', 'embedded', 'frame', 'remote', 'upload')),
    rank smallint NOT NULL DEFAULT 0,
    -- The library file it was made from.
    file_id uuid CONSTRAINT image_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    -- file.modified_ns when it was made; another value there means that it is to be made again.
    made_of_ns bigint,
    url text,
    -- SHA-256 of the original kept in the artwork folder; null until it was fetched and found to be an image.
    content_hash bytea,
    mime text,
    width integer,
    height integer,
    blurhash text,
    -- #rrggbb.
    color text,
    problem text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT image_owner_check CHECK (num_nonnulls(item_id, person_id) = 1)
);
CREATE INDEX image_item_idx ON image (item_id, role, rank, id);
COMMENT ON INDEX image_item_idx IS 'the images of an item';
CREATE INDEX image_person_idx ON image (person_id, role, rank, id);
COMMENT ON INDEX image_person_idx IS 'the images of a person';
CREATE INDEX image_file_idx ON image (file_id);
COMMENT ON INDEX image_file_idx IS 'images that came from a file';
CREATE UNIQUE INDEX image_local_unique ON image (item_id, role, file_id) WHERE source IN ('local', 'embedded', 'frame');

CREATE TABLE translation (
    item_id uuid NOT NULL CONSTRAINT translation_item_fkey REFERENCES item (id) ON DELETE CASCADE,
    -- BCP 47.
    language text NOT NULL,
    title text,
    tagline text,
    overview text,
    CONSTRAINT translation_pkey PRIMARY KEY (item_id, language)
);
