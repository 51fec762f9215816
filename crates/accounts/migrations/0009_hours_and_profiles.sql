-- The hours of the week in which the server is there for a person; people who share a device and go from one to another.

ALTER TABLE person
    -- Spans of weekday, from_minute and until_minute, by the clock on the server's wall; none is no limit.
    ADD COLUMN hours jsonb NOT NULL DEFAULT '[]' CONSTRAINT person_hours_check CHECK (jsonb_typeof(hours) = 'array'),
    -- Argon2id of the PIN by which one goes to this person on a shared device.
    ADD COLUMN pin_hash text,
    -- As long as there is no PIN, one goes to this person without.
    ADD COLUMN opens_without_pin boolean NOT NULL DEFAULT false,
    -- From this person one goes to those only who have a PIN.
    ADD COLUMN leaving_needs_pin boolean NOT NULL DEFAULT false;

-- Who may be gone to on a shared device: the session they have there. Its end is the end of this.
CREATE TABLE profile (
    -- SHA-256 of what the device keeps.
    device_hash bytea NOT NULL,
    person_id uuid NOT NULL CONSTRAINT profile_person_fkey REFERENCES person (id) ON DELETE CASCADE,
    session_id uuid NOT NULL CONSTRAINT profile_session_fkey REFERENCES session (id) ON DELETE CASCADE
        CONSTRAINT profile_session_unique UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT profile_pkey PRIMARY KEY (device_hash, person_id)
);
CREATE INDEX profile_person_idx ON profile (person_id);
COMMENT ON INDEX profile_person_idx IS 'delete_person';

-- Who let a device in had been asked for a second factor by who sent them: so, in effect, was the device.
ALTER TABLE quick_connect ADD COLUMN has_second_factor boolean NOT NULL DEFAULT false;
