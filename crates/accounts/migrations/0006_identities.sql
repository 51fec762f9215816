-- Who people are to providers of identity, and how a session came to be.

CREATE TABLE identity (
    id uuid CONSTRAINT identity_pkey PRIMARY KEY DEFAULT uuidv7(),
    person_id uuid NOT NULL CONSTRAINT identity_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    -- The provider's address: a subject means somebody only together with it.
    issuer text NOT NULL,
    -- What the provider calls them, for ever.
    subject text NOT NULL,
    -- What they are called there, for people to read.
    name text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    CONSTRAINT identity_subject_unique UNIQUE (issuer, subject)
);
CREATE INDEX identity_person_idx ON identity (person_id, id);
COMMENT ON INDEX identity_person_idx IS 'list_identities';

-- How the person came, where it was by a provider: which, its sealed token for signing out there too.
ALTER TABLE session ADD COLUMN came_by jsonb;

-- A link from the command line signs in once.
ALTER TABLE challenge DROP CONSTRAINT challenge_purpose_check;
ALTER TABLE challenge ADD CONSTRAINT challenge_purpose_check
    CHECK (purpose IN ('second_factor', 'passkey_sign_in', 'passkey_registration', 'sign_in_link'));

-- An account that a provider made has no password: none fits an empty hash.
COMMENT ON COLUMN person.password_hash IS 'Argon2id in the PHC string form; empty for who has none';
