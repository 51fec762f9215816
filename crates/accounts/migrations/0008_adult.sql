-- The adult area: who said that they are old enough, and the PIN that opens it.

CREATE TABLE adult_entry (
    person_id uuid CONSTRAINT adult_entry_pkey PRIMARY KEY
        CONSTRAINT adult_entry_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    age_confirmed_at timestamptz NOT NULL,
    -- Argon2id of the PIN; without one the area opens at a word.
    pin_hash text
);
