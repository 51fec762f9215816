-- Films that are there twice: what each is told by, which are the same or look the same, and what people said of them.

ALTER TABLE analysis
    DROP CONSTRAINT analysis_what_check,
    ADD CONSTRAINT analysis_what_check
        CHECK (what IN ('trickplay', 'segments', 'loudness', 'bytes', 'likeness'));

-- Numbers that a film is told by.
CREATE TABLE file_print (
    file_id uuid CONSTRAINT file_print_pkey PRIMARY KEY
        CONSTRAINT file_print_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    -- Of its size, its first and its last 64 KiB, as OpenSubtitles has it.
    oshash bigint,
    -- Of pictures along it: in few bits another where a film looks alike. Null of a film that shows nothing.
    picture_hash bigint
);

-- Files that are the same or look the same, by group. Derived from file_print; files that are like no other have no row.
CREATE TABLE alike (
    file_id uuid CONSTRAINT alike_pkey PRIMARY KEY
        CONSTRAINT alike_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    -- The smallest file_id of the group.
    group_id uuid NOT NULL,
    -- Another of the group has the same bytes, as far as is known.
    is_exact boolean NOT NULL,
    -- Bits in which its pictures differ from those of the nearest in the group.
    distance smallint NOT NULL
);
CREATE INDEX alike_group_idx ON alike (group_id, file_id);
COMMENT ON INDEX alike_group_idx IS 'list_duplicates, and the files of a group';

-- Pairs of which a person said that they are not the same, the smaller id first.
CREATE TABLE told_apart (
    file_id uuid NOT NULL CONSTRAINT told_apart_file_fkey REFERENCES file (id) ON DELETE CASCADE,
    other_id uuid NOT NULL CONSTRAINT told_apart_other_fkey REFERENCES file (id) ON DELETE CASCADE,
    person_id uuid NOT NULL,
    said_at timestamptz NOT NULL,
    CONSTRAINT told_apart_pkey PRIMARY KEY (file_id, other_id),
    CONSTRAINT told_apart_order_check CHECK (file_id < other_id)
);
CREATE INDEX told_apart_other_idx ON told_apart (other_id);
COMMENT ON INDEX told_apart_other_idx IS 'what was said of a file that is deleted';
