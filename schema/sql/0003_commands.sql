-- Every command that was ever asked for, and what became of it. Kept when its vehicle or user goes.
CREATE TABLE commands (
    id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9-]{8,64}$'),
    vehicle_id text NOT NULL CHECK (vehicle_id <> ''),
    command    text NOT NULL CHECK (command IN ('hold', 'return')),
    user_name  text NOT NULL CHECK (user_name <> ''),
    state      text NOT NULL CHECK (state IN ('queued', 'sent', 'accepted', 'in_progress', 'completed', 'denied',
                                              'failed', 'expired')),
    detail     text NOT NULL DEFAULT '',
    created    timestamptz NOT NULL,
    updated    timestamptz NOT NULL,
    deadline   timestamptz NOT NULL CHECK (deadline > created)
);
CREATE INDEX commands_created ON commands (created DESC);
CREATE INDEX commands_open ON commands (id) WHERE state IN ('queued', 'sent', 'in_progress');
