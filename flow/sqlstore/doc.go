// Package sqlstore is a flow.Store over database/sql: one code path for every SQL engine. Use it through a package that
// opens an engine with the settings that durability needs, such as flow/sqlitestore; package flow/storetest checks it.
//
// Tables are made and brought up to date by New, also when several processes start at once; a database that a newer
// version of this package has written is refused. Times are integer microseconds of the database's clock, which is the
// only one that counts. Keys and IDs may be any strings, data any bytes.
//
// A turn that only moves its session is a single statement. Everything else is one transaction, which takes the rows of
// its sessions in the order of their IDs, and then those of its claims in the order of their keys, so that two never
// wait for each other.
//
// Attempts and Once are the same for auth.Lockout and auth.Code: processes that share the database count wrong answers
// together, and take a one-time code once. Package auth/authtest checks them.
//
// There is no index on the time of the last commit, which every turn would have to write: Purge reads the table of
// sessions.
package sqlstore
