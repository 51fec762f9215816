-- What people ask for that is not here: the titles, what each is known by, and who wants it.

-- A title, once, however many want it.
CREATE TABLE request (
    id uuid CONSTRAINT request_pkey PRIMARY KEY,
    kind text NOT NULL CONSTRAINT request_kind_check CHECK (kind IN ('movie', 'series')),
    title text NOT NULL CONSTRAINT request_title_check CHECK (length(title) BETWEEN 1 AND 300),
    -- Folded as an item's is, and compared with it.
    sort_title text COLLATE "C" NOT NULL,
    year integer,
    -- No provider told what it is: title and year are all that is known.
    is_by_title boolean NOT NULL,
    -- Where its provider has a poster.
    poster text,
    -- What those said who answer.
    answer text NOT NULL DEFAULT 'waiting' CONSTRAINT request_answer_check
        CHECK (answer IN ('waiting', 'approved', 'declined')),
    word text CONSTRAINT request_word_check CHECK (length(word) <= 500),
    answered_at timestamptz,
    -- Since when everybody who wants it has it.
    here_at timestamptz,
    state text NOT NULL GENERATED ALWAYS AS (CASE WHEN here_at IS NULL THEN answer ELSE 'available' END) STORED,
    created_at timestamptz NOT NULL,
    CONSTRAINT request_year_check CHECK (year IS NOT NULL OR NOT is_by_title)
);
CREATE INDEX request_state_idx ON request (state, id);
COMMENT ON INDEX request_state_idx IS 'list_requests in one state; forget_old';
CREATE INDEX request_title_idx ON request (sort_title, year);
COMMENT ON INDEX request_title_idx IS 'find_same by title';
CREATE UNIQUE INDEX request_title_unique ON request (kind, sort_title, year) WHERE is_by_title;

-- The ids of a title at providers.
CREATE TABLE known_as (
    kind text NOT NULL,
    provider text NOT NULL,
    value text NOT NULL,
    request_id uuid NOT NULL CONSTRAINT known_as_request_fkey REFERENCES request (id) ON DELETE CASCADE,
    CONSTRAINT known_as_pkey PRIMARY KEY (kind, provider, value)
);
CREATE INDEX known_as_request_idx ON known_as (request_id);
COMMENT ON INDEX known_as_request_idx IS 'the ids of a request';

-- Who wants it.
CREATE TABLE wish (
    request_id uuid NOT NULL CONSTRAINT wish_request_fkey REFERENCES request (id) ON DELETE CASCADE,
    person_id uuid NOT NULL CONSTRAINT wish_person_fkey REFERENCES core.person (id) ON DELETE CASCADE,
    word text CONSTRAINT wish_word_check CHECK (length(word) <= 500),
    -- Of a series only these; all where there are none.
    seasons integer[] NOT NULL DEFAULT '{}',
    wished_at timestamptz NOT NULL,
    -- Since when it is there for this person to see, and what it is then; nothing where somebody said so by hand.
    here_at timestamptz,
    item_id uuid,
    CONSTRAINT wish_pkey PRIMARY KEY (request_id, person_id)
);
CREATE INDEX wish_person_idx ON wish (person_id, request_id);
COMMENT ON INDEX wish_person_idx IS 'list_mine, count_open';
CREATE INDEX wish_open_idx ON wish (request_id, person_id) WHERE here_at IS NULL;
COMMENT ON INDEX wish_open_idx IS 'list_open, settle';
