package flow

import (
	"context"
	"errors"
	"time"
)

// Store keeps sessions and what must outlive them. The session is the unit of concurrency: whatever belongs to it is
// committed together, against its version. IDs, keys, names and owners are any bytes, at most 1 KiB of them; data may
// be of any length. flow.NewMemory is one. Package storetest has the rules that every Store must keep, as tests.
//
// A Store may also be a Leaser, a Finder, a Purger and a Shelf; what needs one that it is not, is not offered.
type Store interface {
	// Load returns the session's last snapshot and its items, in the order of insertion. ErrNoSession if there is none.
	Load(ctx context.Context, session string) (Snapshot, []Item, error)
	// Commit does all of the transactions, each of another session, or nothing. Each session then has the version
	// Expect+1. ErrStale if a session's version is not Expect, ErrFenced if its lease went to somebody else, ErrTaken if
	// a claim is held by another owner: then nothing was done. After every other error nothing may have been done, or
	// all of it: load, and compare. All methods return the error of a context that is over, and do nothing then.
	Commit(ctx context.Context, txs ...Tx) error
	// Due returns at most limit open items of these kinds (of all kinds where none is given) whose Due time is past by
	// the store's clock and whose session nobody has leased, the longest due first, and those of one time in the same
	// order whenever they are asked for.
	Due(ctx context.Context, limit int, kinds ...ItemKind) ([]Item, error)
}

// Leaser is a Store that lets one process at a time work on a session. It is comfort: it keeps processes from doing the
// same work in vain. Safety rests on the versions alone.
type Leaser interface {
	// Acquire leases the session for the time ttl of the store's clock. ErrHeld while another owner has it; the same
	// owner acquires it again. ErrNoSession. Each Acquire raises the epoch.
	Acquire(ctx context.Context, session, owner string, ttl time.Duration) (Lease, error)
	// Renew lets the lease last for ttl from now on. ErrFenced if it was acquired again since; a lease that ran out and
	// that nobody took is still the holder's.
	Renew(ctx context.Context, l Lease, ttl time.Duration) (Lease, error)
	// Release ends the lease. Releasing one that went to somebody else changes nothing.
	Release(ctx context.Context, l Lease) error
}

// Finder is a Store that finds sessions by the names that were put to them (Tx.Name).
type Finder interface {
	// Find returns the IDs of at most limit sessions of that name, the last named first.
	Find(ctx context.Context, name string, limit int) ([]string, error)
}

// Purger is a Store that can forget.
type Purger interface {
	// Purge removes at most limit sessions that were last committed before the time, with their items and names, and
	// returns how many. It never removes one that has an open item or holds a claim.
	Purge(ctx context.Context, before time.Time, limit int) (int, error)
}

// The errors of a Store.
var (
	ErrNoSession = errors.New("flow: no such session")
	ErrStale     = errors.New("flow: another process went on with this session")
	ErrTaken     = errors.New("flow: the claim is taken")
	ErrHeld      = errors.New("flow: another process has leased this session")
	ErrFenced    = errors.New("flow: the lease went to another process")
)

// Snapshot is a stored session. The store does not look into Data.
type Snapshot struct {
	Version uint64
	Data    []byte
}

// Lease is a session that a process has for itself until the time Until of the store's clock.
type Lease struct {
	Session, Owner string
	// Epoch is higher than that of every lease of this session before.
	Epoch uint64
	Until time.Time
}

// ItemKind tells what an Item is.
type ItemKind string

// The kinds of items.
const (
	ItemPayment  ItemKind = "payment"  // a payment.Payment that was confirmed
	ItemPosting  ItemKind = "posting"  // a payment.Posting, until the biller has it
	ItemReceipt  ItemKind = "receipt"  // a receipt or failure notice, until the customer has it
	ItemCallback ItemKind = "callback" // a Callback
	ItemMessage  ItemKind = "message"  // a Message, until the customer has it
)

// Item is what must be worked on even when the call is over. Kind and Key are unique for ever.
type Item struct {
	Kind    ItemKind
	Key     string
	Session string
	// Version is the session's version that the item was last written with. The store sets it.
	Version uint64
	// Due is when somebody must look at it; zero when it is done. Stores keep microseconds.
	Due  time.Time
	Data []byte
}

// Claim is a right that one owner at a time can hold: to pay a bill.
type Claim struct{ Key, Owner string }

// Tx is a commit of one session.
type Tx struct {
	Session string
	// Expect is the version that the session must have; 0 for a session that is not stored yet.
	Expect uint64
	// Epoch is that of the lease which the commit is made under; 0 for none. With another one than the last that was
	// acquired, Commit fails with ErrFenced.
	Epoch uint64
	// Next is the new snapshot.
	Next []byte
	// Name adds names by which Find finds the session. One that it has keeps its place.
	Name []string
	// Insert adds items. An item whose Kind and Key exist in this session is left as it is, so that a replay is harmless;
	// one that exists in another session makes Commit fail, with an error other than those above.
	Insert []Item
	// Update replaces the Due and Data of items of the session. One that the session does not have makes Commit fail in
	// the same way.
	Update []Item
	// Claim takes claims; one that the same owner holds is taken again. Release gives them back; one that another owner
	// holds stays. The releases of all transactions of a Commit come before its claims, so that a claim can be handed
	// from one session to another.
	Claim, Release []Claim
}
