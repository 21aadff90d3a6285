-- Commands of every kind, with what was asked, to whom it went, and each step of its way.
ALTER TABLE commands
    DROP CONSTRAINT commands_command_check,
    DROP CONSTRAINT commands_state_check,
    ADD COLUMN parameters      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(parameters) = 'object'),
    ADD COLUMN reason          text NOT NULL DEFAULT '',
    ADD COLUMN idempotency_key text CHECK (idempotency_key ~ '^[A-Za-z0-9-]{8,64}$'),
    ADD COLUMN target          text NOT NULL DEFAULT '',   -- to whom it was sent, in the link's words
    ADD COLUMN resends         integer NOT NULL DEFAULT 0, -- by the protocol's own rule
    ADD COLUMN steps           jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(steps) = 'array'), -- late answers too
    ADD CONSTRAINT commands_command_check CHECK (command ~ '^[a-z][a-z0-9_]{0,31}$'),
    ADD CONSTRAINT commands_state_check CHECK (state IN ('queued', 'sent', 'accepted', 'in_progress', 'completed', 'denied',
                                                         'failed', 'expired', 'cancelled'));
CREATE UNIQUE INDEX commands_key ON commands (user_name, idempotency_key);
CREATE INDEX commands_vehicle ON commands (vehicle_id, created DESC);
