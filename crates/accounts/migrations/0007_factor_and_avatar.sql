-- Roles whose people must have a second factor, and pictures of people.

ALTER TABLE role ADD COLUMN needs_second_factor boolean NOT NULL DEFAULT false;

CREATE TABLE avatar (
    person_id uuid CONSTRAINT avatar_pkey PRIMARY KEY
        CONSTRAINT avatar_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    -- Another one for every picture: what is kept under an address with it never changes.
    version text NOT NULL,
    -- WebP, square, some kilobytes: made anew of what was given.
    picture bytea NOT NULL CONSTRAINT avatar_picture_check CHECK (octet_length(picture) <= 262144)
);
