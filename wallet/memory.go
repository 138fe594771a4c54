package wallet

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Memory is a Wallet in memory, safe for concurrent use. The zero value is empty and ready to use.
type Memory struct {
	mu      sync.Mutex
	methods map[string][]Method // by account, the last saved first
	count   int
	giftMemory
}

// Methods implements Wallet. The last saved comes first.
func (w *Memory) Methods(ctx context.Context, account string) ([]Method, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.methods[account]), ctx.Err()
}

// Save implements Wallet. The IDs are "pm_1", "pm_2" … in the order of saving. A token that is saved again keeps its ID
// and becomes the last saved. ErrMethod if Method.Check finds a fault.
func (w *Memory) Save(ctx context.Context, account string, m Method) (Method, error) {
	if err := ctx.Err(); err != nil {
		return Method{}, err
	}
	if err := m.Check(); err != nil {
		return Method{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	kept := w.methods[account]
	if i := slices.IndexFunc(kept, func(k Method) bool { return k.Token == m.Token }); i >= 0 {
		m.ID, m.Default = kept[i].ID, m.Default || kept[i].Default
		kept = slices.Delete(kept, i, i+1)
	} else {
		w.count++
		m.ID = fmt.Sprintf("pm_%d", w.count)
	}
	if m.Default {
		for i := range kept {
			kept[i].Default = false
		}
	}
	if w.methods == nil {
		w.methods = map[string][]Method{}
	}
	w.methods[account] = append([]Method{m}, kept...)
	return m, nil
}
