package pgstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/pgstore"
	"github.com/dialpay/dialpay/internal/pgtest"
)

// Two processes share a database; one of two that commit against the same version wins.
func Example() {
	ctx := context.Background()
	url := os.Getenv(pgtest.Env) // such as postgres://dialpay@db1,db2/calls?sslmode=verify-full
	one, err := pgstore.Open(ctx, url)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer one.Close()
	two, err := pgstore.Open(ctx, url)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer two.Close()

	was, _, _ := one.Load(ctx, "call 1") // version 0 if there is none
	fmt.Println(one.Commit(ctx, flow.Tx{Session: "call 1", Expect: was.Version, Next: []byte("first")}))
	err = two.Commit(ctx, flow.Tx{Session: "call 1", Expect: was.Version, Next: []byte("second")})
	fmt.Println(errors.Is(err, flow.ErrStale))
	is, _, _ := two.Load(ctx, "call 1")
	fmt.Println(is.Version-was.Version, string(is.Data))
	// Output:
	// <nil>
	// true
	// 1 first
}
