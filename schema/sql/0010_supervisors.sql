-- Supervisors may take a control lease by force, and end a flight.
ALTER TABLE users
    DROP CONSTRAINT users_role_check,
    ADD CONSTRAINT users_role_check CHECK (role IN ('viewer', 'operator', 'supervisor', 'admin'));
