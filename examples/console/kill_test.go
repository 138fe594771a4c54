package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	k := newKilling(t, nil)
	whole := k.call(time.Hour)
	random := rand.New(rand.NewPCG(*killSeed, 1))
	for k.killed < *kills {
		k.calls++
		was := k.killed
		took := k.call(time.Duration(random.Int64N(int64(whole))))
		if k.killed == was { // the machine's speed drifts
			whole = (whole + took) / 2
		} else {
			whole += whole / 20
		}
	}
	k.finish()
	store, err := sqlitestore.OpenAhead(k.Context(), filepath.Join(k.data, "calls.db"), 1000*time.Hour)
	require.NoError(k, err)
	defer store.Close()
	k.audit(store)
}

type killing struct {
	*testing.T
	data, url string
	args      []string // of every console
	// calls are the consoles that were to be killed, killed those that had not ended by then.
	calls, killed int
	heard         strings.Builder // all that any console ever showed
}

func newKilling(t *testing.T, args []string) *killing {
	k := &killing{T: t, data: t.TempDir()}
	ledger := exec.Command(program, "-ledger", "127.0.0.1:0")
	out, err := ledger.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, ledger.Start())
	t.Cleanup(func() { _ = ledger.Process.Kill(); _ = ledger.Wait() })
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
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader("1234\n"+strings.Repeat("1\n", 12)), p, &p.errs
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

// call lets a console pay whatever it is asked to pay, and kills it after a while. It returns how long the call was.
func (k *killing) call(after time.Duration) time.Duration {
	k.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(k.Context(), after)
	defer cancel()
	p := k.payer(ctx)
	err := p.Wait()
	k.heard.WriteString(p.out.String())
	if ctx.Err() != nil {
		k.killed++
		return after
	}
	require.NoError(k, err, "%s\n%s", &p.out, &p.errs)
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

	taken := map[string]payment.Money{} // by transaction ID
	heard := strings.NewReplacer(" ", "", ",", "", "\n", "").Replace(k.heard.String())
	for _, c := range charges {
		transaction := payment.TransactionID(c.Payment)
		assert.Equal(k, paymenttest.Captured, c.State, "a charge of payment %s", c.Payment)
		assert.NotContains(k, taken, transaction, "payment %s was charged twice", c.Payment)
		taken[transaction] = c.Amount
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
	k.Logf("%d consoles, %d of them killed: %d payments of %d charges", k.calls+2, k.killed, len(taken), len(charges))
}
