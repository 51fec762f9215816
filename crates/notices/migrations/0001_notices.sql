-- What people are told of outside of the app: what happened, where it goes, and what became of it.

-- What happened, written in the transaction that made it so.
CREATE TABLE event (
    id uuid CONSTRAINT event_pkey PRIMARY KEY,
    kind text NOT NULL,
    -- The notice as its room told it.
    facts jsonb NOT NULL,
    happened_at timestamptz NOT NULL,
    -- What makes it the same as one that was told before.
    once text CONSTRAINT event_once_unique UNIQUE,
    -- When it was given to all who want it.
    spread_at timestamptz
);
CREATE INDEX event_happened_idx ON event (happened_at);
COMMENT ON INDEX event_happened_idx IS 'delete_old_events';

-- New items that wait to be told of together, one row for each batch of a scan.
CREATE TABLE arrival (
    id bigint CONSTRAINT arrival_pkey PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    library_id uuid NOT NULL,
    item_ids uuid[] NOT NULL,
    arrived_at timestamptz NOT NULL
);

-- Where notices go: a person's own, and the server's, which are of nobody.
CREATE TABLE target (
    id uuid CONSTRAINT target_pkey PRIMARY KEY,
    person_id uuid CONSTRAINT target_person_fkey REFERENCES core.person (id) ON DELETE CASCADE,
    name text NOT NULL,
    channel text NOT NULL
        CONSTRAINT target_channel_check CHECK (channel IN ('webhook', 'ntfy', 'discord', 'gotify', 'mail')),
    -- The part of the address that is no secret.
    shown text NOT NULL,
    -- The whole address with its secrets, sealed.
    sealed bytea NOT NULL,
    kinds text[] NOT NULL,
    -- Only these libraries; all that its owner may see where there are none.
    library_ids uuid[],
    -- Of the server's targets; a person's has the language of the person.
    language text NOT NULL,
    -- May lie in the server's own network.
    is_local boolean NOT NULL,
    is_enabled boolean NOT NULL,
    created_at timestamptz NOT NULL,
    -- Since when nothing arrived, and how often.
    failing_since timestamptz,
    n_failures integer NOT NULL DEFAULT 0,
    paused_at timestamptz,
    paused_reason text
);
CREATE INDEX target_person_idx ON target (person_id, id);
COMMENT ON INDEX target_person_idx IS 'list_targets';

-- One event on its way to one target, and what became of it.
CREATE TABLE delivery (
    id uuid CONSTRAINT delivery_pkey PRIMARY KEY,
    target_id uuid NOT NULL CONSTRAINT delivery_target_fkey REFERENCES target (id) ON DELETE CASCADE,
    event_id uuid NOT NULL CONSTRAINT delivery_event_fkey REFERENCES event (id) ON DELETE CASCADE,
    status text NOT NULL CONSTRAINT delivery_status_check CHECK (status IN ('waiting', 'sent', 'failed')),
    -- What it said, once it was put into words.
    title text NOT NULL DEFAULT '',
    attempts integer NOT NULL DEFAULT 0,
    -- How often somebody had it sent again.
    round integer NOT NULL DEFAULT 0,
    error text,
    created_at timestamptz NOT NULL,
    tried_at timestamptz,
    next_at timestamptz,
    CONSTRAINT delivery_once_unique UNIQUE (event_id, target_id)
);
CREATE INDEX delivery_target_idx ON delivery (target_id, id);
COMMENT ON INDEX delivery_target_idx IS 'list_deliveries';

-- The server that takes our mail.
CREATE TABLE mail_server (
    id boolean CONSTRAINT mail_server_pkey PRIMARY KEY DEFAULT true CONSTRAINT mail_server_one_check CHECK (id),
    host text NOT NULL,
    port integer NOT NULL CONSTRAINT mail_server_port_check CHECK (port BETWEEN 1 AND 65535),
    security text NOT NULL CONSTRAINT mail_server_security_check CHECK (security IN ('none', 'starttls', 'tls')),
    username text,
    sealed_password bytea,
    sender text NOT NULL,
    updated_at timestamptz NOT NULL
);
