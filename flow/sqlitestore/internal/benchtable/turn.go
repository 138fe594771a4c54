package main

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/ivr"
)

// turnRow compares a turn of a call, in which the caller goes to another amount or back, with the SQLite transaction
// that it cannot do without: both write the same bytes to the same disk, one turn here and one transaction there.
func turnRow(dir string) bench.Row {
	const calls, turns, limit = 64, 1000, 1.5
	c := newCompany(database(dir, "turns"))
	defer c.close()
	for i := range calls {
		call := c.dial(c.engine, id(i))
		call.Hear("identify.pin.ask").Press("1234#").Hear("amount.ask")
	}
	next := 0
	turn := func() {
		keys := []string{"3", "*"}[next/calls%2] // all calls go there, then all come back
		_, err := c.engine.Handle(context.Background(), id(next%calls), ivr.Input{Kind: ivr.Keys, Keys: keys, Heard: true})
		bench.Must(err)
		next++
	}
	turn()
	raw, done := transactions(database(dir, "raw"), calls)
	defer done()
	at := 0
	write := func() {
		raw(at%calls, c.store.last)
		at++
	}
	times := bench.SideBySide(turns, 1, turn, write)
	return bench.Ratio(fmt.Sprintf("a turn whose call lies sealed in SQLite (%.0f µs) / an SQLite transaction of its %d bytes",
		bench.Median(times[0])/1000, len(c.store.last)), bench.MedianRatio(times[0], times[1]), limit)
}

func id(i int) string { return fmt.Sprintf("CA%032d", i) }

// transactions is what replaces one of several rows, each time durably.
func transactions(path string, rows int) (write func(row int, data []byte), done func()) {
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_journal_mode=WAL&_synchronous=FULL")
	bench.Must(err)
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`CREATE TABLE raw (id TEXT PRIMARY KEY, version INTEGER NOT NULL, data BLOB NOT NULL)`)
	bench.Must(err)
	for i := range rows {
		_, err = db.Exec(`INSERT INTO raw (id, version, data) VALUES (?, 1, ?)`, id(i), []byte{})
		bench.Must(err)
	}
	update, err := db.Prepare(`UPDATE raw SET data = ?, version = version + 1 WHERE id = ?`)
	bench.Must(err)
	return func(row int, data []byte) {
			_, err := update.Exec(data, id(row))
			bench.Must(err)
		}, func() {
			bench.Must(update.Close())
			bench.Must(db.Close())
		}
}
