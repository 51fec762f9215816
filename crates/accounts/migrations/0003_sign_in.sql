-- Second factors, passkeys, and sign-ins that wait for their second step.

CREATE TABLE totp (
    person_id uuid CONSTRAINT totp_pkey PRIMARY KEY
        CONSTRAINT totp_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    -- XChaCha20-Poly1305 under a key that is derived from the server's secret, bound to the person.
    sealed_secret bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- A first code proved that the app has the secret; before that it is asked for nowhere.
    confirmed_at timestamptz,
    -- The newest step of 30 seconds whose code was accepted: each is accepted once.
    last_step bigint NOT NULL DEFAULT 0
);

CREATE TABLE recovery_code (
    person_id uuid NOT NULL CONSTRAINT recovery_code_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    -- SHA-256 of the person and the code, which has 80 random bits.
    code_hash bytea NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_code_pkey PRIMARY KEY (person_id, code_hash)
);

CREATE TABLE passkey (
    id uuid CONSTRAINT passkey_pkey PRIMARY KEY DEFAULT uuidv7(),
    person_id uuid NOT NULL CONSTRAINT passkey_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    -- What the authenticator calls it.
    credential_id bytea NOT NULL CONSTRAINT passkey_credential_id_unique UNIQUE,
    -- The name of the server it was made for: browsers offer it under no other.
    rp_id text NOT NULL,
    -- Its public key, counter and flags, as the library that checks it writes them.
    credential jsonb NOT NULL,
    name text NOT NULL CONSTRAINT passkey_name_check CHECK (length(name) BETWEEN 1 AND 64),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);
CREATE INDEX passkey_person_idx ON passkey (person_id, id);
COMMENT ON INDEX passkey_person_idx IS 'list_passkeys';

-- What was begun and waits for its answer, for minutes.
CREATE TABLE challenge (
    -- SHA-256 of what the caller must show.
    secret_hash bytea CONSTRAINT challenge_pkey PRIMARY KEY,
    purpose text NOT NULL CONSTRAINT challenge_purpose_check
        CHECK (purpose IN ('second_factor', 'passkey_sign_in', 'passkey_registration')),
    person_id uuid CONSTRAINT challenge_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    -- SHA-256 of address and user agent: elsewhere the answer is worth nothing.
    bound_to bytea NOT NULL,
    -- What the device calls itself, for the session to come.
    device text NOT NULL DEFAULT '',
    -- What the passkey must sign.
    state jsonb NOT NULL DEFAULT 'null',
    tries integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
CREATE INDEX challenge_expires_idx ON challenge (expires_at);
COMMENT ON INDEX challenge_expires_idx IS 'delete_expired_challenges';

-- When the person last proved with password or passkey that it is them who holds the device.
ALTER TABLE session ADD COLUMN confirmed_at timestamptz;
