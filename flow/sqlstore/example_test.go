package sqlstore_test

import (
	"context"
	"fmt"

	"github.com/dialpay/dialpay/flow/sqlstore"
)

// A dialect says how an engine differs. One that says too little is refused before anything is asked of the database.
func Example() {
	never := func(error) bool { return false }
	dialect := sqlstore.Dialect{Name: "mine", Key: func(k string) any { return k }, Refused: never, Busy: never,
		Words: []string{"{key}", "TEXT", "{bytes}", "BLOB", "{serial}", "INTEGER PRIMARY KEY",
			"{unlogged}", ""}}
	_, err := sqlstore.New(context.Background(), nil, nil, dialect)
	fmt.Println(err)
	// Output:
	// sqlstore: dialect "mine": Words lack one of {now}, {key}, {bytes}, {serial}, {unlogged}: {now} TEXT BLOB INTEGER PRIMARY KEY
}
