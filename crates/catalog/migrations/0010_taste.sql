-- What a person likes to hear and read in every film, and what they chose for one film or series.

CREATE TABLE taste (
    person_id uuid CONSTRAINT taste_pkey PRIMARY KEY,
    audio_languages text[] NOT NULL DEFAULT '{}',
    prefers_original boolean NOT NULL DEFAULT false,
    subtitles text NOT NULL DEFAULT 'forced'
        CONSTRAINT taste_subtitles_check CHECK (subtitles IN ('off', 'forced', 'foreign', 'always')),
    subtitle_languages text[] NOT NULL DEFAULT '{}',
    prefers_hearing_impaired boolean NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Sound and subtitle hang on the topmost item, so that they hold for all of a series; the version on what is played.
-- No foreign key to item, as with everything that people make.
CREATE TABLE choice (
    person_id uuid NOT NULL,
    item_id uuid NOT NULL,
    item_key text NOT NULL,
    file_id uuid,
    audio jsonb,
    subtitle jsonb,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT choice_pkey PRIMARY KEY (person_id, item_id)
);
CREATE INDEX choice_key_idx ON choice (item_key);
COMMENT ON INDEX choice_key_idx IS 'adopt choices when an item comes back';
CREATE INDEX choice_item_idx ON choice (item_id);
COMMENT ON INDEX choice_item_idx IS 'carry choices over when items merge';

-- Never written: a number says nothing of another episode.
ALTER TABLE progress DROP COLUMN audio_stream, DROP COLUMN subtitle_stream;
