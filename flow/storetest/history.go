package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
)

// world is all that the history is about: three sessions and a claim. operation is a commit of some of them, or a load
// of one; its answer is what it came to.
type world struct {
	version [3]uint64
	data    [3]string
	owner   string
}

type operation struct {
	load    bool
	session int
	txs     []flow.Tx
}

type answer struct {
	err     error
	version uint64
	data    string
}

// sequential is what a store does that does one thing after another.
var sequential = porcupine.Model{
	Init: func() any { return world{} },
	Step: func(state, input, output any) (bool, any) {
		w, op, out := state.(world), input.(operation), output.(answer)
		if op.load {
			return out.version == w.version[op.session] && out.data == w.data[op.session], w
		}
		next, stale, taken := w, false, false
		for _, tx := range op.txs {
			i := int(tx.Session[0] - 'a')
			stale = stale || w.version[i] != tx.Expect
			next.version[i], next.data[i] = tx.Expect+1, string(tx.Next)
			for _, c := range tx.Release {
				if next.owner == c.Owner {
					next.owner = ""
				}
			}
			for _, c := range tx.Claim {
				taken = taken || next.owner != "" && next.owner != c.Owner
				next.owner = c.Owner
			}
		}
		switch {
		case out.err == nil:
			return !stale && !taken, next
		case errors.Is(out.err, flow.ErrStale):
			return stale, w
		}
		return errors.Is(out.err, flow.ErrTaken) && taken, w
	},
}

// checkHistory lets four clients load and commit, and looks for an order in which it all makes sense.
func checkHistory(k *kit) {
	const clients, each = 4, 30
	var mu sync.Mutex
	var history []porcupine.Operation
	var group sync.WaitGroup
	start := time.Now()
	for client := range clients {
		group.Go(func() {
			r := rand.New(rand.NewPCG(uint64(client), 1))
			var seen [3]uint64
			for n := range each {
				op := k.operation(r, client, n, seen)
				call := time.Since(start).Nanoseconds()
				out := k.answer(op)
				done := porcupine.Operation{ClientId: client, Input: op, Call: call, Output: out, Return: time.Since(start).Nanoseconds()}
				if op.load {
					seen[op.session] = out.version
				}
				mu.Lock()
				history = append(history, done)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if found := porcupine.CheckOperationsTimeout(sequential, history, time.Minute); found != porcupine.Ok {
		k.Errorf("a history of %d operations: %v", len(history), found)
	}
}

// operation chooses what a client does, by what it has seen.
func (k *kit) operation(r *rand.Rand, client, n int, seen [3]uint64) operation {
	i := r.IntN(3)
	if r.IntN(2) == 0 {
		return operation{load: true, session: i}
	}
	owner := fmt.Sprint(client)
	var txs []flow.Tx
	for j := range 1 + r.IntN(2) {
		s := (i + j) % 3
		tx := flow.Tx{Session: string(rune('a' + s)), Expect: seen[s], Next: fmt.Appendf(nil, "%d.%d", client, n)}
		if j == 0 && r.IntN(2) == 0 {
			tx.Claim = []flow.Claim{{Key: "bill", Owner: owner}}
		} else if j == 0 {
			tx.Release = []flow.Claim{{Key: "bill", Owner: owner}}
		}
		txs = append(txs, tx)
	}
	return operation{txs: txs}
}

func (k *kit) answer(op operation) answer {
	if !op.load {
		return answer{err: k.Commit(context.Background(), op.txs...)}
	}
	snap, _, err := k.Load(context.Background(), string(rune('a'+op.session)))
	if errors.Is(err, flow.ErrNoSession) {
		err = nil
	}
	if err != nil {
		k.Errorf("load: %v", err)
	}
	return answer{version: snap.Version, data: string(snap.Data)}
}

// checkAdditions has nodes that now and then sleep for longer than their leases.
func checkAdditions(k *kit) {
	const nodes, sessions, each = 8, 5, 15
	var made [sessions]uint64
	for s := range sessions {
		k.commit(flow.Tx{Session: fmt.Sprint(s), Next: []byte{}})
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	for node := range nodes {
		group.Go(func() {
			r := rand.New(rand.NewPCG(uint64(node), 2))
			for n := 0; n < each; {
				s := r.IntN(sessions)
				done, err := k.add(r, fmt.Sprint(node), fmt.Sprint(s))
				if err != nil {
					k.Errorf("node %d: %v", node, err)
					return
				}
				if done {
					n++
					mu.Lock()
					made[s]++
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	for s, n := range made {
		snap, _ := k.load(fmt.Sprint(s))
		require.EqualValues(k, n, len(snap.Data), "additions to session %d", s)
		require.Equal(k, n+1, snap.Version)
	}
}

// add makes a session one byte longer.
func (k *kit) add(r *rand.Rand, node, session string) (bool, error) {
	leaser, ctx := k.Store.(flow.Leaser), context.Background()
	lease, err := leaser.Acquire(ctx, session, node, 5*time.Millisecond)
	if errors.Is(err, flow.ErrHeld) {
		k.fx.Advance(time.Millisecond)
		return false, nil
	} else if err != nil {
		return false, err
	}
	snap, _, err := k.Load(ctx, session)
	if err != nil {
		return false, err
	}
	if r.IntN(3) == 0 {
		k.fx.Advance(7 * time.Millisecond)
		time.Sleep(time.Millisecond) // where time is virtual, the others still need some
	}
	tx := flow.Tx{Session: session, Expect: snap.Version, Next: append(snap.Data, 'x')}
	if r.IntN(2) == 0 {
		tx.Epoch = lease.Epoch
	}
	err = k.Commit(ctx, tx)
	if errors.Is(err, flow.ErrStale) || errors.Is(err, flow.ErrFenced) {
		return false, nil
	}
	return err == nil, errors.Join(err, leaser.Release(ctx, lease))
}
