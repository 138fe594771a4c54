package sqlitestore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/sqlitestore"
)

// Two stores of one file see one another's commits, and one of two that commit against the same version wins.
func Example() {
	ctx := context.Background()
	dir, _ := os.MkdirTemp("", "calls")
	defer os.RemoveAll(dir)
	one, err := sqlitestore.Open(ctx, filepath.Join(dir, "calls.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer one.Close()
	two, _ := sqlitestore.Open(ctx, filepath.Join(dir, "calls.db"))
	defer two.Close()

	fmt.Println(one.Commit(ctx, flow.Tx{Session: "call 1", Next: []byte("first")}))
	fmt.Println(errors.Is(two.Commit(ctx, flow.Tx{Session: "call 1", Next: []byte("second")}), flow.ErrStale))
	snap, _, _ := two.Load(ctx, "call 1")
	fmt.Println(snap.Version, string(snap.Data))
	// Output:
	// <nil>
	// true
	// 1 first
}
