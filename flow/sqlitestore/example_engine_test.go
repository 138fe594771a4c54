package sqlitestore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/sqlitestore"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// key is 32 random bytes. In earnest it comes from where a program's secrets are, the same one each time.
func key() ivr.Secret {
	b := make([]byte, 32)
	must(rand.Read(b))
	return must(ivr.NewSecret(b))
}

type biller struct{}

func (biller) Bills(context.Context, string) ([]payment.Bill, error) {
	owed := payment.Money{Minor: 49_99, Currency: "USD"}
	return []payment.Bill{{ID: "b1", Account: "ann", Payee: "City Water", Balance: owed}}, nil
}
func (biller) Post(context.Context, payment.Posting) error { return nil }

// program is an Engine whose calls lie sealed in the file, and the keys of a card until it is tokenised, too. Any number
// of processes may run one, with the same keys: they count wrong PINs together.
func program(store *sqlitestore.Store, seal *flow.Seal, names auth.Secret) *flow.Engine {
	pin := must(auth.Hasher{Iterations: 1, Rand: rand.Reader}.Hash(must(auth.NewSecret([]byte("1234")))))
	ann := auth.Entry{Number: "10012345", Account: auth.Account{ID: "ann", PIN: pin}}
	config := flow.Config{Dialogue: must(flow.Default("City Water").Build()), Now: time.Now, NewID: rand.Text}
	config.Directory, config.Factors = must(auth.NewMemoryDirectory("1", ann)), []auth.Factor{auth.PIN{}}
	sandbox := paymenttest.New(paymenttest.Config{Now: time.Now})
	config.Biller, config.Processor, config.Vault = biller{}, sandbox, sandbox
	config.Store, config.Seal, config.Keeper = store, seal, must(flow.NewSealedKeeper(store, seal, time.Now))
	config.Lockout = must(auth.NewLockout(auth.LockoutConfig{Store: must(store.Attempts(names)), Now: time.Now}))
	return must(flow.New(config))
}

// A call goes on in another process than the one that it began in.
func Example_engine() {
	ctx := context.Background()
	dir := must(os.MkdirTemp("", "calls"))
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "calls.db")
	seal := must(flow.NewSeal(flow.SealConfig{Current: "2026", Keys: map[string]ivr.Secret{"2026": key()}, Index: key()}))
	names := key()

	store := must(sqlitestore.Open(ctx, file))
	engine := program(store, seal, names)
	turn := must(engine.Handle(ctx, "call 1", ivr.Input{Kind: ivr.Answered}))
	fmt.Println(engine.Catalog().Text(turn.Locale, turn.Prompts...))
	must(0, store.Close())

	store = must(sqlitestore.Open(ctx, file)) // after a restart
	defer store.Close()
	engine = program(store, seal, names)
	answer := ivr.Input{Kind: ivr.Keys, Turn: turn.Seq, Keys: "1", Heard: true}
	turn = must(engine.Handle(ctx, "call 1", answer))
	fmt.Println(engine.Catalog().Text(turn.Locale, turn.Prompts...))
	n, err := engine.Sweep(ctx, 100) // every few seconds: what calls left open is finished
	fmt.Println(n, err)
	// Output:
	// Thank you for calling City Water. You can pay your bill here. Please choose your language. For English, press 1. Para español, oprima 2.
	// Please enter your account number, then press pound.
	// 0 <nil>
}
