CREATE TABLE dialpay_sessions (
	id {key} PRIMARY KEY,
	version BIGINT NOT NULL,
	epoch BIGINT NOT NULL DEFAULT 0,
	lease_owner {key} NOT NULL DEFAULT '',
	lease_until BIGINT NOT NULL DEFAULT 0,
	updated BIGINT NOT NULL,
	data {bytes} NOT NULL
);
CREATE TABLE dialpay_items (
	seq {serial},
	kind {key} NOT NULL,
	key {key} NOT NULL,
	session {key} NOT NULL,
	version BIGINT NOT NULL,
	due BIGINT,
	data {bytes} NOT NULL,
	UNIQUE (kind, key)
);
CREATE INDEX dialpay_items_session ON dialpay_items (session);
CREATE INDEX dialpay_items_due ON dialpay_items (due) WHERE due IS NOT NULL;
CREATE TABLE dialpay_claims (
	key {key} PRIMARY KEY,
	owner {key} NOT NULL,
	session {key} NOT NULL
);
CREATE INDEX dialpay_claims_session ON dialpay_claims (session);
CREATE TABLE dialpay_names (
	seq {serial},
	name {key} NOT NULL,
	session {key} NOT NULL,
	UNIQUE (name, session)
);
CREATE INDEX dialpay_names_session ON dialpay_names (session);
CREATE {unlogged} TABLE dialpay_shelf (
	session {key} NOT NULL,
	name {key} NOT NULL,
	until BIGINT NOT NULL,
	sealed {bytes} NOT NULL,
	PRIMARY KEY (session, name)
);
