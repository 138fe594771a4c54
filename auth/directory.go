package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Entry is one account of a MemoryDirectory.
type Entry struct {
	// Number is the account number as it is printed on the bill and keyed by the caller, digits only.
	Number string
	// Account is what ByNumber returns for it.
	Account Account
}

// MemoryDirectory is a Directory for demos and tests, unchangeable once it is made.
type MemoryDirectory struct {
	accounts []Account
	byNumber map[string]int   // account number, or telephone number without its country code
	byCaller map[string][]int // telephone number, E.164
	byID     map[string]int
}

// NewMemoryDirectory makes a directory of the entries and returns every fault: an ID or number that is missing or
// there twice, an account number that is another account's telephone number, a number that is not digits, an ID that
// begins with "decoy-". countryCode, such as "1", is what a caller leaves out of a telephone number. Accounts may share
// a telephone number; ByNumber does not find them by it.
func NewMemoryDirectory(countryCode string, entries ...Entry) (*MemoryDirectory, error) {
	d := &MemoryDirectory{byNumber: map[string]int{}, byCaller: map[string][]int{}, byID: map[string]int{}}
	var faults []error
	for i, e := range entries {
		faults = append(faults, d.add(i, e))
	}
	shared := map[string]bool{}
	for i, e := range entries {
		for _, phone := range e.Account.Phones {
			faults = append(faults, d.addPhone(i, phone, countryCode, shared))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *MemoryDirectory) add(i int, e Entry) error {
	d.accounts = append(d.accounts, cloneAccount(e.Account))
	var faults []error
	if _, taken := d.byID[e.Account.ID]; taken || e.Account.ID == "" || strings.HasPrefix(e.Account.ID, decoyPrefix) {
		faults = append(faults, fmt.Errorf("auth: entry %d: account ID %q is empty, there twice, or a decoy's",
			i, e.Account.ID))
	}
	if _, taken := d.byNumber[e.Number]; taken || !isDigits(e.Number) {
		faults = append(faults, fmt.Errorf("auth: entry %d: account number %q is there twice or is not digits", i, e.Number))
	}
	d.byID[e.Account.ID] = i
	d.byNumber[e.Number] = i
	return errors.Join(faults...)
}

// addPhone comes after all account numbers are known, so that a clash does not depend on the order of the entries.
func (d *MemoryDirectory) addPhone(i int, phone, countryCode string, shared map[string]bool) error {
	if !strings.HasPrefix(phone, "+") || !isDigits(phone[1:]) {
		return fmt.Errorf("auth: entry %d: telephone number %q is not E.164, such as +12025550100", i, phone)
	}
	if slices.Contains(d.byCaller[phone], i) {
		return fmt.Errorf("auth: entry %d: telephone number %q is there twice", i, phone)
	}
	d.byCaller[phone] = append(d.byCaller[phone], i)
	national, ok := strings.CutPrefix(phone[1:], countryCode)
	if !ok || national == "" || shared[national] {
		return nil
	}
	switch owner, taken := d.byNumber[national]; {
	case !taken:
		d.byNumber[national] = i
	case owner == i:
	case len(d.byCaller[phone]) > 1:
		delete(d.byNumber, national)
		shared[national] = true
	default:
		return fmt.Errorf("auth: entry %d: telephone number %q is the account number of entry %d", i, phone, owner)
	}
	return nil
}

func isDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// ByCaller implements Directory.
func (d *MemoryDirectory) ByCaller(_ context.Context, number string) ([]Account, error) {
	found := make([]Account, 0, len(d.byCaller[number]))
	for _, i := range d.byCaller[number] {
		found = append(found, cloneAccount(d.accounts[i]))
	}
	return found, nil
}

// ByNumber implements Directory.
func (d *MemoryDirectory) ByNumber(_ context.Context, number string) (Account, error) {
	return d.at(d.byNumber, number)
}

// ByID implements Directory. An ID that is no account's is ErrUnknownAccount.
func (d *MemoryDirectory) ByID(_ context.Context, id string) (Account, error) {
	return d.at(d.byID, id)
}

func (d *MemoryDirectory) at(index map[string]int, key string) (Account, error) {
	i, ok := index[key]
	if !ok {
		return Account{}, ErrUnknownAccount
	}
	return cloneAccount(d.accounts[i]), nil
}

func cloneAccount(a Account) Account {
	a.Phones = slices.Clone(a.Phones)
	a.Last4s = slices.Clone(a.Last4s)
	a.Questions = slices.Clone(a.Questions)
	return a
}
