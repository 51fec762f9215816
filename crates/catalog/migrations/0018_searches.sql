-- What people looked for last, for them to look for it again. Bounded: whoever adds deletes the oldest.

CREATE TABLE recent_search (
    person_id uuid NOT NULL,
    -- As typed, filters included.
    words text NOT NULL CONSTRAINT recent_search_words_check CHECK (length(words) BETWEEN 1 AND 200),
    searched_at timestamptz NOT NULL,
    CONSTRAINT recent_search_pkey PRIMARY KEY (person_id, words)
);
CREATE INDEX recent_search_time_idx ON recent_search (person_id, searched_at DESC);
COMMENT ON INDEX recent_search_time_idx IS 'list_recent, newest first';
