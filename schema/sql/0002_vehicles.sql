-- Drones and vessels: what they are and how they are reached.
CREATE TABLE vehicles (
    id      text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    kind    text NOT NULL CHECK (kind IN ('drone', 'vessel')),
    -- The resource as the API shows it (schema/openapi.yaml, Vehicle).
    body    jsonb NOT NULL CHECK (body ->> 'id' = id AND body ->> 'name' <> ''),
    created timestamptz NOT NULL DEFAULT now(),
    updated timestamptz NOT NULL DEFAULT now()
);
