package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	k.call(time.Hour) // and a last one in peace
	for range 3 {
		k.run("-data", k.data, "-processor", k.url, "-finish")
	}
	k.audit()
}

type killing struct {
	*testing.T
	data, url string
	// calls are the consoles that were to be killed, killed those that had not ended by then.
	calls, killed int
	heard         strings.Builder // all that any console ever showed
}

func newKilling(t *testing.T) *killing {
	k := &killing{T: t, data: t.TempDir()}
	ledger := exec.Command(program, "-ledger", "127.0.0.1:0")
	out, err := ledger.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, ledger.Start())
	t.Cleanup(func() { _ = ledger.Process.Kill(); _ = ledger.Wait() })
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	k.url = strings.TrimSpace(url)
	return k
}

// call lets a console pay whatever it is asked to pay, and kills it after a while. It returns how long the call was.
func (k *killing) call(after time.Duration) time.Duration {
	k.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(k.Context(), after)
	defer cancel()
	c := exec.CommandContext(ctx, program, "-data", k.data, "-processor", k.url) // killed with SIGKILL
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader("1234\n"+strings.Repeat("1\n", 12)), &out, &errs
	err := c.Run()
	k.heard.WriteString(out.String())
	if ctx.Err() != nil {
		k.killed++
		return after
	}
	require.NoError(k, err, "%s\n%s", out.String(), errs.String())
	return time.Since(began)
}

func (k *killing) run(args ...string) {
	k.Helper()
	out, err := exec.CommandContext(k.Context(), program, args...).CombinedOutput()
	k.heard.Write(out)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		require.NoError(k, err, "%s", out)
	}
	require.NoError(k, err)
}

func (k *killing) audit() {
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
	store, err := sqlitestore.OpenAhead(k.Context(), filepath.Join(k.data, "calls.db"), 1000*time.Hour)
	require.NoError(k, err)
	defer store.Close()
	due, err := store.Due(k.Context(), 100)
	require.NoError(k, err)
	for _, it := range due {
		k.Errorf("%s %s is still open", it.Kind, it.Key)
	}
	assert.NotEmpty(k, charges)
	k.Logf("%d consoles, %d of them killed: %d payments of %d charges", k.calls+2, k.killed, len(taken), len(charges))
}
