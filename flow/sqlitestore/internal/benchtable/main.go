// Benchtable measures what dialpay promises about calls in a SQLite file, and prints one table. It exits with 1 when a
// promise is broken. The files lie in the directory for temporary files: TMPDIR chooses the disk.
package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/flow/sqlitestore"
	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/ivr"
)

func main() {
	dir, err := os.MkdirTemp("", "dialpay-bench")
	bench.Must(err)
	rows := append([]bench.Row{turnRow(dir)}, commitRows(dir)...)
	bench.Must(os.RemoveAll(dir))
	bench.Print(rows)
}

// company is a World whose calls lie sealed in a SQLite file, card numbers included.
type company struct {
	*flowtest.World
	store  *counter
	engine *flow.Engine
}

func newCompany(path string) *company {
	w := flowtest.NewWorld(&bench.Stopper{})
	store, err := sqlitestore.Open(context.Background(), path)
	bench.Must(err)
	key := secret('k')
	seal, err := flow.NewSeal(flow.SealConfig{Current: "k1", Keys: map[string]ivr.Secret{"k1": key}, Index: secret('i')})
	bench.Must(err)
	keeper, err := flow.NewSealedKeeper(store, seal, time.Now) // by the clock of the file
	bench.Must(err)
	c := &company{World: w, store: &counter{Store: store}}
	w.Config.Store, w.Config.Seal, w.Config.Keeper = c.store, seal, keeper
	c.engine = w.Engine()
	return c
}

func (c *company) close() { bench.Must(c.store.Close()) }

// dial begins Ann's call.
func (c *company) dial(h ivr.Handler, id string) *flowtest.Caller {
	return flowtest.Dial(&bench.Stopper{}, h, c.engine.Catalog(), c.Clock, id, ivr.Call{From: flowtest.Ann, Attestation: "A"})
}

func secret(b byte) ivr.Secret {
	s, err := ivr.NewSecret(bytes.Repeat([]byte{b}, 32))
	bench.Must(err)
	return s
}

// counter is the store, which counts its commits.
type counter struct {
	*sqlitestore.Store
	commits int
	// last is the snapshot that was committed last.
	last []byte
}

// Commit implements flow.Store.
func (c *counter) Commit(ctx context.Context, txs ...flow.Tx) error {
	c.commits++
	c.last = txs[0].Next
	return c.Store.Commit(ctx, txs...)
}

func database(dir, name string) string {
	return filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".db")
}
