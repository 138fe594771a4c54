package main_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/sqlitestore"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	kills    = flag.Int("kills", 50, "how many consoles TestKill kills")
	killSeed = flag.Uint64("killseed", uint64(time.Now().UnixNano()), "the seed of TestKill's instants")
)

// Consoles that pay bills are killed with SIGKILL at random instants, one after the other, on the same calls. The
// processor is another process, which sees all that was ever sent. When what they left open is finished: no bill was paid
// twice or too much, nothing is held, what was taken is posted, and of each payment its customer has heard.
func TestKill(t *testing.T) {
	if testing.Short() {
		*kills = 5
	}
	t.Logf("go test ./examples/console -run TestKill -kills %d -killseed %d", *kills, *killSeed)
	k := newKilling(t)
	k.kill(*kills, k.call(time.Hour), rand.New(rand.NewPCG(*killSeed, 1)))
	k.finish()
	k.auditFile()
	t.Logf("%d consoles, %d of them killed: %d payments of %d charges", k.calls, k.killed, k.payments, k.charges)
}

// The same with payments that are split over points, gift cards and a card: all parts are taken, or none. The balances
// are new in each round. Who is called back after a call that was cut off answers.
func TestKillSplit(t *testing.T) {
	if testing.Short() {
		*kills = 5
	}
	t.Logf("go test ./examples/console -run TestKillSplit -kills %d -killseed %d", *kills, *killSeed)
	random := rand.New(rand.NewPCG(*killSeed, 3))
	cat := func() *killing {
		k := newKilling(t, "-from", "+16175550102")
		k.answers = "\n4321\n" + strings.Repeat("1\n", 14)
		return k
	}
	whole := cat().call(time.Hour)
	var sum killing
	for sum.killed < *kills {
		k := cat()
		whole = k.kill(min(3, *kills-sum.killed), whole, random)
		k.finish()
		k.auditFile()
		k.ledger()
		require.False(t, t.Failed(), "%s", &k.heard)
		sum.calls, sum.killed = sum.calls+k.calls, sum.killed+k.killed
		sum.payments, sum.charges = sum.payments+k.payments, sum.charges+k.charges
	}
	t.Logf("%d consoles, %d of them killed: %d payments of %d charges", sum.calls, sum.killed, sum.payments, sum.charges)
	assert.Greater(t, sum.charges, 2*sum.payments, "too few were split")
}

type killing struct {
	*testing.T
	data, url string
	args      []string // of every console
	answers   string   // that its caller gives
	// calls are the consoles that made calls, killed those that were killed before they ended.
	calls, killed     int
	payments, charges int
	heard             strings.Builder // all that any console ever showed
	database          [2]string       // of the calls: driver and name
	ledger            func()          // ends it
}

func newKilling(t *testing.T, args ...string) *killing {
	k := &killing{T: t, data: t.TempDir(), answers: "1234\n" + strings.Repeat("1\n", 12)}
	k.database = [2]string{"sqlite", filepath.Join(k.data, "calls.db")}
	ledger := exec.Command(program, "-ledger", "127.0.0.1:0")
	out, err := ledger.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, ledger.Start())
	k.ledger = sync.OnceFunc(func() { _ = ledger.Process.Kill(); _ = ledger.Wait() })
	t.Cleanup(k.ledger)
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	k.url = strings.TrimSpace(url)
	k.args = append([]string{"-data", k.data, "-processor", k.url}, args...)
	return k
}

// payer is a console that pays whatever it is asked to pay.
type payer struct {
	*exec.Cmd
	out, errs bytes.Buffer
	began     chan struct{} // closed when it shows its first screen
}

// payer begins one, which is killed with SIGKILL when ctx ends.
func (k *killing) payer(ctx context.Context) *payer {
	p := &payer{Cmd: exec.CommandContext(ctx, program, k.args...), began: make(chan struct{})}
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(k.answers), p, &p.errs
	require.NoError(k, p.Start())
	return p
}

// Write implements io.Writer.
func (p *payer) Write(b []byte) (int, error) {
	if p.out.Len() == 0 {
		close(p.began)
	}
	return p.out.Write(b)
}

// kill makes calls until so many of their consoles were killed. whole is how long an undisturbed call is, and comes back.
func (k *killing) kill(most int, whole time.Duration, random *rand.Rand) time.Duration {
	for k.killed < most {
		was := k.killed
		took := k.call(time.Duration(random.Int64N(int64(whole))))
		k.forgive()
		if k.killed == was { // the machine's speed drifts
			whole = (whole + took) / 2
		} else {
			whole += whole / 20
		}
	}
	return whole
}

// forgive unlocks the customer: a console that is killed while it checks a PIN has counted it as wrong, and nobody is
// killed five times a day.
func (k *killing) forgive() {
	k.Helper()
	db, err := sql.Open(k.database[0], k.database[1])
	require.NoError(k, err)
	defer db.Close()
	if _, err = db.ExecContext(k.Context(), `DELETE FROM dialpay_attempts`); err != nil {
		require.ErrorContains(k, err, "no such table", "the first console may be killed before it made them")
	}
}

// call lets a console pay whatever it is asked to pay, and kills it after a while. It returns how long the call was.
func (k *killing) call(after time.Duration) time.Duration {
	k.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(k.Context(), after)
	defer cancel()
	p := k.payer(ctx)
	err := p.Wait()
	k.heard.WriteString(p.out.String())
	k.calls++
	if p.ProcessState.ExitCode() < 0 {
		k.killed++
		return after
	}
	if ctx.Err() == nil {
		require.NoError(k, err, "%s\n%s", &p.out, &p.errs)
	}
	return time.Since(began)
}

// finish makes a last call in peace, and does what was left open.
func (k *killing) finish() {
	k.Helper()
	k.call(time.Hour)
	for range 3 {
		out, err := exec.CommandContext(k.Context(), program, append(k.args, "-finish")...).CombinedOutput()
		k.heard.Write(out)
		require.NoError(k, err, "%s", out)
	}
}

func (k *killing) auditFile() {
	store, err := sqlitestore.OpenAhead(k.Context(), filepath.Join(k.data, "calls.db"), 1000*time.Hour)
	require.NoError(k, err)
	k.audit(store)
	require.NoError(k, store.Close())
}

// audit compares the books. store has the calls, and a clock that is far ahead.
func (k *killing) audit(store flow.Store) {
	remote, err := paymenttest.Dial(k.Context(), k.url)
	require.NoError(k, err)
	charges, err := remote.Charges(k.Context())
	require.NoError(k, err)
	var books struct {
		Bills  map[string][]payment.Bill
		Posted []payment.Posting
	}
	data, err := os.ReadFile(filepath.Join(k.data, "books.json"))
	require.NoError(k, err)
	require.NoError(k, json.Unmarshal(data, &books))

	taken, parts := map[string]payment.Money{}, map[string]bool{} // by transaction ID, and by that with the token
	heard := strings.NewReplacer(" ", "", ",", "", "\n", "").Replace(k.heard.String())
	for _, c := range charges {
		if c.State == paymenttest.Voided {
			continue // nothing was taken
		}
		transaction := payment.TransactionID(c.Payment)
		part := transaction + " " + c.Token
		assert.Equal(k, paymenttest.Captured, c.State, "a charge of payment %s", c.Payment)
		assert.NotContains(k, parts, part, "payment %s was charged twice", c.Payment)
		parts[part] = true
		taken[transaction], err = payment.Money{Minor: taken[transaction].Minor, Currency: c.Amount.Currency}.Add(c.Amount)
		require.NoError(k, err)
		assert.Contains(k, heard, transaction, "nobody heard of payment %s", c.Payment)
	}
	posted := map[string]payment.Money{}
	for _, p := range books.Posted {
		assert.NotContains(k, posted, p.Transaction, "posted twice")
		posted[p.Transaction] = p.Amount
	}
	assert.Equal(k, taken, posted, "what was taken is what was posted")
	for _, bills := range books.Bills {
		for _, b := range bills {
			assert.GreaterOrEqual(k, b.Balance.Minor, int64(0), "bill %s was paid twice", b.ID)
		}
	}
	due, err := store.Due(k.Context(), 100)
	require.NoError(k, err)
	for _, it := range due {
		k.Errorf("%s %s is still open", it.Kind, it.Key)
	}
	assert.NotEmpty(k, charges)
	k.payments, k.charges = len(taken), len(charges)
	assert.GreaterOrEqual(k, k.payments, k.killed/10, "too few calls came to a payment")
}
