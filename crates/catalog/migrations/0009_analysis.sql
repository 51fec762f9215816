-- What is found out about films at leisure: pictures along them, where intro and credits are, how loud they are.

ALTER TABLE library
    ADD COLUMN makes_trickplay boolean NOT NULL DEFAULT true,
    ADD COLUMN finds_segments boolean NOT NULL DEFAULT true,
    ADD COLUMN measures_loudness boolean NOT NULL DEFAULT true;

-- What was done with a file. Where size, time of change or method are others by now, it is due again.
CREATE TABLE analysis (
    file_id uuid NOT NULL CONSTRAINT analysis_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    what text NOT NULL CONSTRAINT analysis_what_check CHECK (what IN ('trickplay', 'segments', 'loudness')),
    size_bytes bigint NOT NULL,
    modified_ns bigint NOT NULL,
    -- Which revision of the method did it.
    made_by integer NOT NULL,
    -- Why nothing came of it.
    problem text,
    done_at timestamptz NOT NULL,
    CONSTRAINT analysis_pkey PRIMARY KEY (file_id, what)
);

-- Small pictures along a film, on sheets below the data folder.
CREATE TABLE trickplay (
    file_id uuid CONSTRAINT trickplay_pkey PRIMARY KEY CONSTRAINT trickplay_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    -- The folder of the sheets below the file's: says which bytes of the file they show.
    version text NOT NULL,
    interval_ms integer NOT NULL,
    tile_width integer NOT NULL,
    tile_height integer NOT NULL,
    tile_count integer NOT NULL,
    -- Pictures on the sheet of the chapters; 0 where there is none.
    chapter_count smallint NOT NULL
);

-- How the first and the last minutes of an episode sound, in numbers that are alike where they sound alike.
CREATE TABLE sound_print (
    file_id uuid NOT NULL CONSTRAINT sound_print_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    part text NOT NULL CONSTRAINT sound_print_part_check CHECK (part IN ('head', 'tail')),
    size_bytes bigint NOT NULL,
    modified_ns bigint NOT NULL,
    start_ms bigint NOT NULL,
    -- One number of 32 bits, the lowest byte first, for each step of time.
    points bytea NOT NULL,
    CONSTRAINT sound_print_pkey PRIMARY KEY (file_id, part)
);

ALTER TABLE segment
    -- Who says so: chapters by their titles, sound by what episodes have in common, a person.
    ADD COLUMN source text NOT NULL DEFAULT 'person'
        CONSTRAINT segment_source_check CHECK (source IN ('chapters', 'sound', 'person'));

ALTER TABLE file
    -- When a person said where its segments are: from then on nothing else changes them.
    ADD COLUMN segments_edited_at timestamptz;

-- How loud a sound track is, by EBU R128.
CREATE TABLE loudness (
    file_id uuid NOT NULL CONSTRAINT loudness_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    stream_index smallint NOT NULL,
    -- Of all of it, in LUFS.
    integrated_lufs real NOT NULL,
    -- Between its soft and its loud parts, in LU.
    range_lu real NOT NULL,
    -- In dBTP.
    true_peak_db real NOT NULL,
    CONSTRAINT loudness_pkey PRIMARY KEY (file_id, stream_index)
);
