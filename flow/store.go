package flow

import (
	"context"
	"errors"
	"time"
)

// Store keeps sessions and what must outlive them. The session is the unit of concurrency: whatever belongs to it is
// committed together, against its version. flow.NewMemory is one.
type Store interface {
	// Load returns the session's last snapshot and its items, in the order of insertion. ErrNoSession if there is none.
	Load(ctx context.Context, session string) (Snapshot, []Item, error)
	// Commit does all of the Tx or nothing, and returns the new version. ErrStale if the session's version is not
	// Expect; ErrTaken if a claim is held by another owner. Every other error means that the outcome is unknown: load,
	// and compare.
	Commit(ctx context.Context, tx Tx) (version uint64, err error)
	// Due returns at most limit open items whose Due time is past by the store's clock, the longest due first.
	Due(ctx context.Context, limit int) ([]Item, error)
}

// The errors of a Store.
var (
	ErrNoSession = errors.New("flow: no such session")
	ErrStale     = errors.New("flow: another process went on with this session")
	ErrTaken     = errors.New("flow: the claim is taken")
)

// Snapshot is a stored session. The store does not look into Data.
type Snapshot struct {
	Version uint64
	Data    []byte
}

// ItemKind tells what an Item is.
type ItemKind string

// The kinds of items.
const (
	ItemPayment  ItemKind = "payment"  // a payment.Payment that was confirmed
	ItemPosting  ItemKind = "posting"  // a payment.Posting, until the biller has it
	ItemReceipt  ItemKind = "receipt"  // a receipt or failure notice, until the customer has it
	ItemCallback ItemKind = "callback" // a CallbackRequest
)

// Item is what must be worked on even when the call is over. Kind and Key are unique for ever.
type Item struct {
	Kind    ItemKind
	Key     string
	Session string
	// Due is when somebody must look at it; zero when it is done.
	Due  time.Time
	Data []byte
}

// Claim is a right that one owner at a time can hold: to pay a bill.
type Claim struct{ Key, Owner string }

// Tx is one commit.
type Tx struct {
	Session string
	// Expect is the version that the session must have; 0 for a session that is not stored yet.
	Expect uint64
	// Next is the new snapshot.
	Next []byte
	// Insert adds items. An item whose Kind and Key exist in this session is left as it is, so that a replay is harmless;
	// one that exists in another session makes Commit fail.
	Insert []Item
	// Update replaces the Due and Data of items.
	Update []Item
	// Claim takes claims; one that the same owner holds is taken again. Release gives them back.
	Claim, Release []Claim
}
