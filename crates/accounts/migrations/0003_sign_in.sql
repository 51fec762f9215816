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

ALTER TABLE session
    -- When the person last proved with password or passkey that it is them who holds the device.
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN kind text NOT NULL DEFAULT 'app'
        CONSTRAINT session_kind_check CHECK (kind IN ('computer', 'phone', 'tablet', 'tv', 'app')),
    -- Over then, however much it is used.
    ADD COLUMN ends_at timestamptz NOT NULL DEFAULT now() + interval '365 days',
    -- The token before the present one, good until the present one was seen.
    ADD COLUMN previous_token_hash bytea,
    ADD COLUMN rotated_at timestamptz NOT NULL DEFAULT now();

-- Devices somebody signed in with before, by a secret that they keep: a new one is announced, and whoever guesses
-- passwords from elsewhere does not make these wait.
CREATE TABLE known_device (
    person_id uuid NOT NULL CONSTRAINT known_device_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    secret_hash bytea NOT NULL,
    last_used_at timestamptz NOT NULL,
    CONSTRAINT known_device_pkey PRIMARY KEY (person_id, secret_hash)
);
CREATE INDEX known_device_last_used_idx ON known_device (last_used_at);
COMMENT ON INDEX known_device_last_used_idx IS 'delete_old';

-- How often in a row signing in failed, by account (of whatever name), address, or known device.
CREATE TABLE sign_in_failure (
    -- SHA-256 of what it is about.
    subject bytea CONSTRAINT sign_in_failure_pkey PRIMARY KEY,
    failures integer NOT NULL,
    failed_at timestamptz NOT NULL
);
CREATE INDEX sign_in_failure_failed_at_idx ON sign_in_failure (failed_at);
COMMENT ON INDEX sign_in_failure_failed_at_idx IS 'delete_old';

-- Devices that show a code and wait until somebody who is signed in elsewhere lets them in.
CREATE TABLE quick_connect (
    -- SHA-256 of what the device keeps to itself.
    secret_hash bytea CONSTRAINT quick_connect_pkey PRIMARY KEY,
    code text NOT NULL CONSTRAINT quick_connect_code_unique UNIQUE,
    device text NOT NULL,
    kind text NOT NULL CONSTRAINT quick_connect_kind_check CHECK (kind IN ('computer', 'phone', 'tablet', 'tv', 'app')),
    address text NOT NULL,
    -- Who let it in.
    person_id uuid CONSTRAINT quick_connect_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX quick_connect_expires_idx ON quick_connect (expires_at);
COMMENT ON INDEX quick_connect_expires_idx IS 'delete_expired';

CREATE INDEX audit_person_idx ON audit (person_id, at, id);
COMMENT ON INDEX audit_person_idx IS 'list_audit of a person';
CREATE INDEX audit_action_idx ON audit (action, at, id);
COMMENT ON INDEX audit_action_idx IS 'list_audit of an action';
