-- What is brought here from other servers: what was read there, what became of it, and what a person need not be given twice.

CREATE TABLE arrival (
    id uuid CONSTRAINT arrival_pkey PRIMARY KEY,
    -- Which kind of server it comes from.
    source text NOT NULL,
    -- Where it was read, in words for people.
    origin text NOT NULL,
    state text NOT NULL CONSTRAINT arrival_state_check
        CHECK (state IN ('new', 'reading', 'checking', 'ready', 'bringing', 'done', 'failed')),
    -- Why it failed.
    problem text,
    -- How to ask the other server; gone once that was done, for it holds a key.
    asked jsonb,
    -- Who is who, and which folder is which.
    plan jsonb NOT NULL DEFAULT '{}',
    -- What was read there, compressed.
    content bytea,
    -- What would become of it.
    report jsonb,
    -- What is not here, each with why.
    missing jsonb,
    -- What was brought, by the other server's id of a person, and the next step: what a job that was killed goes on with.
    brought jsonb NOT NULL DEFAULT '{}',
    step integer NOT NULL DEFAULT 0,
    job_id bigint,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    finished_at timestamptz
);

-- What a person was given once: what they then take away stays away, however often the same is brought.
CREATE TABLE arrived (
    person_id uuid NOT NULL,
    item_key text NOT NULL,
    what text NOT NULL CONSTRAINT arrived_what_check CHECK (what IN ('favourite', 'rating')),
    CONSTRAINT arrived_pkey PRIMARY KEY (person_id, item_key, what)
);
