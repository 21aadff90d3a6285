-- Who may sign in, and who is signed in.
CREATE TABLE users (
    name          text PRIMARY KEY CHECK (name <> '' AND length(name) <= 64),
    password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    role          text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    created       timestamptz NOT NULL DEFAULT now()
);

-- The token itself is never kept: only its SHA-256.
CREATE TABLE sessions (
    id        text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{64}$'),
    user_name text NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    created   timestamptz NOT NULL DEFAULT now(),
    last_used timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sessions_user_name ON sessions (user_name);
