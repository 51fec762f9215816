-- What titles are about, as the operator's text model says it: computed once a text, for the search index to be told.

CREATE TABLE text_model (
    -- Of the model's files and our rule.
    digest text CONSTRAINT text_model_pkey PRIMARY KEY,
    -- Whether the search index is told what it says. Until it has read all titles the one before is.
    is_active boolean NOT NULL DEFAULT false,
    -- What its numbers have in common among so many titles; null before they were counted.
    center bytea,
    item_count bigint NOT NULL DEFAULT 0,
    begun_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX text_model_active_idx ON text_model (is_active) WHERE is_active;
COMMENT ON INDEX text_model_active_idx IS 'one at the most; which one: documents_of';

CREATE TABLE text_vector (
    model_digest text NOT NULL
        CONSTRAINT text_vector_model_digest_fkey REFERENCES text_model ON DELETE CASCADE,
    item_id uuid NOT NULL CONSTRAINT text_vector_item_id_fkey REFERENCES item ON DELETE CASCADE,
    -- Of the text that was read.
    text_digest bigint NOT NULL,
    -- 256 numbers of a byte; null where the model made nothing of the text.
    numbers bytea,
    CONSTRAINT text_vector_pkey PRIMARY KEY (model_digest, item_id)
);

CREATE INDEX text_vector_item_idx ON text_vector (item_id);
COMMENT ON INDEX text_vector_item_idx IS 'what was read of an item: feed_search, and deleting items';

-- Titles whose text changed since a model read it, or that none has read yet.
CREATE TABLE text_due (
    item_id uuid CONSTRAINT text_due_pkey PRIMARY KEY
        CONSTRAINT text_due_item_id_fkey REFERENCES item ON DELETE CASCADE
);
