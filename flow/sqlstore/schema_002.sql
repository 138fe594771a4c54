CREATE TABLE dialpay_attempts (
	name {bytes} PRIMARY KEY,
	record {bytes} NOT NULL
);
CREATE TABLE dialpay_once (
	name {bytes} PRIMARY KEY,
	at BIGINT NOT NULL,
	until BIGINT NOT NULL
);
CREATE INDEX dialpay_once_until ON dialpay_once (until);
