-- People, their signed-in devices, what the owner set, and who did what: everything that is about persons, not media.

CREATE TABLE person (
    id uuid CONSTRAINT person_pkey PRIMARY KEY DEFAULT uuidv7(),
    name text NOT NULL CONSTRAINT person_name_check CHECK (length(name) BETWEEN 1 AND 64),
    -- The name folded, so that "Ana" and "ana" are one person.
    name_key text NOT NULL CONSTRAINT person_name_key_unique UNIQUE,
    -- Argon2id in the PHC string form.
    password_hash text NOT NULL,
    is_admin boolean NOT NULL DEFAULT false,
    is_disabled boolean NOT NULL DEFAULT false,
    -- Also the libraries that will be made later.
    all_libraries boolean NOT NULL DEFAULT false,
    -- BCP 47.
    language text NOT NULL DEFAULT 'en',
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz
);

-- The libraries a person may see where not all. The library's row lives with the catalog, hence no foreign key.
CREATE TABLE person_library (
    person_id uuid NOT NULL CONSTRAINT person_library_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    library_id uuid NOT NULL,
    CONSTRAINT person_library_pkey PRIMARY KEY (person_id, library_id)
);

CREATE TABLE session (
    id uuid CONSTRAINT session_pkey PRIMARY KEY DEFAULT uuidv7(),
    person_id uuid NOT NULL CONSTRAINT session_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    -- SHA-256 of the token: a stolen database signs nobody in.
    token_hash bytea NOT NULL CONSTRAINT session_token_hash_unique UNIQUE,
    device text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_person_idx ON session (person_id, id);
COMMENT ON INDEX session_person_idx IS 'list_sessions';
CREATE INDEX session_expires_idx ON session (expires_at);
COMMENT ON INDEX session_expires_idx IS 'delete_expired_sessions';

CREATE TABLE api_key (
    id uuid CONSTRAINT api_key_pkey PRIMARY KEY DEFAULT uuidv7(),
    person_id uuid NOT NULL CONSTRAINT api_key_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    name text NOT NULL,
    key_hash bytea NOT NULL CONSTRAINT api_key_key_hash_unique UNIQUE,
    scopes text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    expires_at timestamptz
);
CREATE INDEX api_key_person_idx ON api_key (person_id, id);
COMMENT ON INDEX api_key_person_idx IS 'list_api_keys';

-- What the owner decided in the interface, and the secrets all nodes share, one row a setting.
CREATE TABLE setting (
    key text CONSTRAINT setting_pkey PRIMARY KEY,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Security-relevant acts, append-only.
CREATE TABLE audit (
    id uuid CONSTRAINT audit_pkey PRIMARY KEY DEFAULT uuidv7(),
    at timestamptz NOT NULL DEFAULT now(),
    -- Kept when the person is deleted, hence no foreign key.
    person_id uuid,
    action text NOT NULL,
    subject text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_at_idx ON audit (at, id);
COMMENT ON INDEX audit_at_idx IS 'list_audit';
