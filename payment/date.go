package payment

import (
	"errors"
	"fmt"
	"time"
)

// ErrDate is what a text that is no Date or no Expiry is refused with.
var ErrDate = errors.New("payment: not a date")

// Expiry is the last month in which a card is valid. Its text form is "2029-12", and empty for the zero value.
type Expiry struct{ Year, Month int }

// Expired tells that the month is over where now is (its Location). The zero Expiry never is.
func (e Expiry) Expired(now time.Time) bool {
	return e != Expiry{} && !now.Before(time.Date(e.Year, time.Month(e.Month)+1, 1, 0, 0, 0, 0, now.Location()))
}

// MarshalText returns "2029-12", and nothing for the zero Expiry. ErrDate for a month that is none.
func (e Expiry) MarshalText() ([]byte, error) {
	if e == (Expiry{}) {
		return []byte{}, nil
	}
	if e.Year < 1 || e.Year > 9999 || e.Month < 1 || e.Month > 12 {
		return nil, fmt.Errorf("%w: expiry of year %d, month %d", ErrDate, e.Year, e.Month)
	}
	return fmt.Appendf(nil, "%04d-%02d", e.Year, e.Month), nil
}

// UnmarshalText reads exactly what MarshalText writes.
func (e *Expiry) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*e = Expiry{}
		return nil
	}
	t, err := time.Parse("2006-01", string(text))
	if err != nil || t.Year() < 1 {
		return fmt.Errorf("%w: want an expiry like \"2029-12\"", ErrDate)
	}
	*e = Expiry{t.Year(), int(t.Month())}
	return nil
}

// Date is a calendar day, "2026-12-01"; empty for none. Later days sort behind earlier ones.
type Date string

// DateOf is the day of t where t is (its Location).
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Time is midnight UTC of the day. ErrDate if it is no day of the calendar.
func (d Date) Time() (time.Time, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: want a day like \"2026-12-01\"", ErrDate)
	}
	return t, nil
}

// MarshalText returns the day, and nothing for the empty Date. ErrDate if it is no day of the calendar.
func (d Date) MarshalText() ([]byte, error) {
	if d == "" {
		return []byte{}, nil
	}
	_, err := d.Time()
	return []byte(d), err
}

// UnmarshalText reads exactly what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	read := Date(text)
	if _, err := read.Time(); err != nil && read != "" {
		return err
	}
	*d = read
	return nil
}
